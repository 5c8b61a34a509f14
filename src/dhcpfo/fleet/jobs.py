"""What can be done with each pair of a fleet: frozen data, carried out on the worker."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from ..pair import Event, FailoverPair, Finding, Plan
from .digests import digests_of

__all__ = ["Answer", "ApplyJob", "Audit", "Job", "Look", "Operation", "PlanJob", "Wanted", "WantedPlan"]

Outcome = Literal["unchanged", "changed", "drift", "refused", "failed", "unknown", "abandoned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a job found or did; the errors that it raises are turned into outcomes elsewhere.

    Attributes:
        outcome: ``"unchanged"``, ``"changed"``, ``"drift"``, ``"refused"`` or ``"unknown"``.
        findings: What an audit found.
        plan: The plan, as `WantedPlan.to_dict` has it.
        data: What a look returns: data that can be pickled, without secrets.
        error: For ``"refused"``: why, with at least ``"kind"`` and ``"text"``.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    plan: dict[str, Any] | None = None
    data: Any = None
    error: dict[str, Any] | None = None


class Job(Protocol):
    """A job: a frozen dataclass that can be pickled, and holds no server, step or secret.

    With a class attribute ``reads_only = True`` it promises to change nothing: then a few pairs may begin before the
    result of another one is looked at.

    Attributes:
        name: What to call it in a log.
        time_limit: How long it may take for a pair, and again for each 1,000 calls; `run` has an argument that
            overrides it.
    """

    name: ClassVar[str]
    time_limit: ClassVar[timedelta]

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """Do it, on the worker."""
        ...


@runtime_checkable
class WantedPlan(Protocol):
    """What has to be done so that a pair becomes as wanted. It is true if that is anything.

    Attributes:
        digests: A digest of each step, by `digests_of` or another function that does not depend on how many steps are
            left: after a kill, the steps that remain must have the digests that they had before.
        guards: The names of the guards that must be lifted.
    """

    @property
    def digests(self) -> Collection[str]: ...  # noqa: D102  above

    @property
    def guards(self) -> Collection[str]: ...  # noqa: D102  above

    def __bool__(self) -> bool: ...

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without secrets."""
        ...

    def apply(self, *, allow: Collection[str], progress: Callable[[Event], None] | None) -> object:
        """Carry it out. Errors are those of `dhcpfo.pair`."""
        ...


@runtime_checkable
class Wanted(Protocol):
    """How a pair should be: frozen and picklable. Secrets are references that it resolves on the worker."""

    def plan(self, pair: FailoverPair) -> WantedPlan:
        """Read both servers and return what has to be done; nothing is changed."""
        ...


def outcome_of(findings: Iterable[Finding]) -> Outcome:
    """Return what the findings of an audit mean."""
    severities = {finding.severity for finding in findings}
    if "unknown" in severities:
        return "unknown"
    return "drift" if severities - {"note"} else "unchanged"


@dataclass(frozen=True, slots=True)
class Audit:
    """Compare the two servers of each pair; see `FailoverPair.audit`.

    Attributes:
        depth: ``"relationships"``, ``"scopes"`` or ``"full"``.
    """

    depth: Literal["relationships", "scopes", "full"] = "relationships"

    name: ClassVar[str] = "audit"
    reads_only: ClassVar[bool] = True
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """See `Job`."""
        findings = pair.audit(depth=self.depth)
        return Answer(outcome=outcome_of(findings), findings=tuple(findings))


@dataclass(frozen=True, slots=True)
class Look:
    """Read both servers of each pair, with `dhcpfo.fleet.look.read_pair`; ``data`` of the result is its `PairLook`.

    Attributes:
        options: More arguments for `read_pair`, as pairs of name and value.
        wait: How long to wait for a server; then the result has what the other one answered. It must be shorter than
            the time limit of the run, or the pair is abandoned as a whole.
    """

    options: tuple[tuple[str, Any], ...] = ()
    wait: timedelta = timedelta(seconds=45)

    name: ClassVar[str] = "look"
    reads_only: ClassVar[bool] = True
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """See `Job`."""
        from .look import read_pair

        look = read_pair(pair, time_limit=self.wait, **dict(self.options))
        if not look.complete:
            said = {"kind": "unread", "text": "; ".join(f"{error.server}: {error}" for error in look.errors)}
            return Answer(outcome="unknown", data=look, error=said)
        return Answer(outcome="drift" if look.attention else "unchanged", data=look)


@dataclass(frozen=True, slots=True)
class PlanJob:
    """Find out what would have to be done in each pair; nothing is changed.

    Attributes:
        wanted: How the pair should be.
    """

    wanted: Wanted

    name: ClassVar[str] = "plan"
    reads_only: ClassVar[bool] = True
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """See `Job`."""
        plan = self.wanted.plan(pair)
        return Answer(outcome="drift" if plan else "unchanged", plan=plan.to_dict())


@dataclass(frozen=True, slots=True)
class ApplyJob:
    """Make each pair as it should be.

    The worker plans again, and goes on only if each step of today's plan is one of the approved ones: after a kill, or
    on another worker, it does the rest. A list of steps is never sent.

    Attributes:
        wanted: How the pair should be.
        digests: The digests of the approved steps; None approves whatever is needed.
        allow: The guards to lift, as for `Plan.apply`.
    """

    wanted: Wanted
    digests: frozenset[str] | None = None
    allow: frozenset[str] = field(default_factory=frozenset)

    name: ClassVar[str] = "apply"
    time_limit: ClassVar[timedelta] = timedelta(minutes=30)

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """See `Job`."""
        plan = self.wanted.plan(pair)
        said = plan.to_dict()
        if not plan:
            return Answer(outcome="unchanged", plan=said)
        if self.digests is not None and (others := set(plan.digests) - self.digests):
            text = f"moved: {len(others)} of the {len(plan.digests)} steps needed now are not among the approved ones"
            return Answer(outcome="refused", plan=said, error={"kind": "moved", "text": text})
        plan.apply(allow=self.allow, progress=progress)
        return Answer(outcome="changed", plan=said)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of `FailoverPair` as what is wanted of each pair, for example the same ``update`` in all.

    Attributes:
        operation: The name of the method of `FailoverPair.plan`.
        positional: Its positional arguments.
        named: Its other arguments, as pairs of name and value.
    """

    operation: str
    positional: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, operation: str, *positional: Any, **named: Any) -> "Operation":
        """Return it from arguments as the method takes them."""
        return cls(operation, positional, tuple(sorted(named.items())))

    def plan(self, pair: FailoverPair) -> "PlannedOperation":
        """See `Wanted`."""
        return PlannedOperation(getattr(pair.plan, self.operation)(*self.positional, **dict(self.named)))


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """The plan of an `Operation`."""

    planned: Plan

    @property
    def digests(self) -> Collection[str]:
        """See `WantedPlan`."""
        return digests_of(self.planned.steps)

    @property
    def guards(self) -> Collection[str]:
        """See `WantedPlan`."""
        return self.planned.guards

    def __bool__(self) -> bool:
        return bool(self.planned)

    def to_dict(self) -> dict[str, Any]:
        """See `WantedPlan`."""
        said = self.planned.to_dict()
        return {**said, "digests": list(digests_of(self.planned.steps, said["steps"]))}

    def apply(self, *, allow: Collection[str], progress: Callable[[Event], None] | None) -> object:
        """See `WantedPlan`."""
        return self.planned.apply(allow=allow, progress=progress)
