"""`FailoverPair`: two servers as one."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Address
from typing import Any, Literal

from ..arguments import number, optional_address, truth
from ..models import AddressLike, Secret
from ..models.convert import wrong_type
from ..server import Server
from .clock import REAL, Clock
from .engine import Run
from .errors import Refused
from .half import Half
from .methods import PairMethods
from .parts import PairId, SecretRef, Side
from .plan import Plan, Step
from .plans import Plans
from .progress import Event, Interrupt, Result
from .waiting import duration

__all__ = ["FailoverPair"]

MOST_CALLS_AT_ONCE = 256


class FailoverPair(PairMethods):
    """Two DHCP servers that are failover partners, or will be.

    Each operation plans, carries the plan out, and compares both servers at the end. When a step fails, it undoes what
    it did, and the error says what is left. ``pair.plan.create(...)`` and its siblings only plan. The two servers are
    the only state: after a kill or an error, the same operation again does what is left.

    Several threads may use a pair; operations that change something run one after the other. A pair can be pickled if
    its servers can.

    Args:
        primary: The server that becomes the primary of new relationships.
        secondary: The other one.
        primary_address: The address by which the secondary reaches the primary; by default the one that the primary
            serves DHCP on.
        secondary_address: The address by which the primary reaches the secondary.
        calls_at_once: The most calls to each server at the same time while reading.
        dry: Plan only: an operation with something to do raises `Refused` with the plan's text.
        clock: Where waits take their time from; this machine's time by default.
    """

    def __init__(
        self,
        primary: Server,
        secondary: Server,
        *,
        primary_address: AddressLike | None = None,
        secondary_address: AddressLike | None = None,
        calls_at_once: int = 8,
        dry: bool = False,
        clock: Clock = REAL,
    ) -> None:
        for argument, server in (("primary", primary), ("secondary", secondary)):
            if not isinstance(server, Server):
                raise wrong_type(argument, server, "Server")
        if (primary.name or "").casefold() == (secondary.name or "").casefold():
            raise ValueError("secondary must be another server than primary")
        self._servers = {Side.PRIMARY: primary, Side.SECONDARY: secondary}
        self._addresses = {
            Side.PRIMARY: optional_address("primary_address", primary_address),
            Side.SECONDARY: optional_address("secondary_address", secondary_address),
        }
        self.calls_at_once = number("calls_at_once", calls_at_once, MOST_CALLS_AT_ONCE, 1)
        self.dry = truth("dry", dry)
        self.clock = clock

    @property
    def primary(self) -> Server:
        """The first server."""
        return self._servers[Side.PRIMARY]

    @property
    def secondary(self) -> Server:
        """The second server."""
        return self._servers[Side.SECONDARY]

    def server(self, side: Side) -> Server:
        """Return the server of a side."""
        return self._servers[side]

    def address(self, side: Side) -> IPv4Address | None:
        """Return the address that was passed for a server, or None."""
        return self._addresses[side]

    @property
    def names(self) -> PairId:
        """The names of the servers, as passed when connecting."""
        return PairId(*(server.name or "this machine" for server in self._servers.values()))

    def side(self, server: "Side | str") -> Side:
        """Return the side that is meant by a `Side`, by its name, or by the name or address of a server.

        Raises:
            ValueError: It is neither of the two.
        """
        if isinstance(server, Side):
            return server
        for side in Side:
            if str(server).casefold() in (str(side), self.names[side].casefold(), str(self.address(side))):
                return side
        raise ValueError(f"server must be {self.names.primary} or {self.names.secondary}, got {server!r}")

    @cached_property
    def plan(self) -> Plans:
        """The same operations, but they only plan."""
        return Plans(self)

    def __repr__(self) -> str:
        return f"<FailoverPair {self.names}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (*self._servers.values(), self._addresses, self.calls_at_once, self.dry, self.clock)

    # Applying

    def apply(
        self,
        plan: Plan,
        *,
        allow: Collection[str] = (),
        secrets: Mapping[str, Secret] | None = None,
        progress: Callable[[Event], None] | None = None,
        deadline: timedelta | None = None,
        on_error: Literal["undo", "stop"] = "undo",
    ) -> Result:
        """Carry out a plan; see `Plan.apply`."""
        _check_options(allow, progress, deadline, on_error)
        texts = dict(plan.bound.secrets)
        needed = {str(ref): ref for ref in _secrets_of(plan.steps)}
        for name, secret in (secrets or {}).items():
            if name in needed:
                texts[needed[name]] = secret if isinstance(secret, Secret) else Secret(secret)
        missing = sorted(name for name, ref in needed.items() if ref not in texts)
        if plan.steps and missing:
            raise Refused(f"the plan refers to secrets of another process: pass secrets= with {', '.join(missing)}")
        if plan.steps and (shut := tuple(guard for guard in plan.guards if guard not in allow)):
            reasons = [str(step) for step in plan.steps if step.guard in shut][:3]
            reasons += [note.text for note in plan.notes if note.guard in shut]
            raise Refused(
                f"{plan.operation} {plan.relationship} is refused by {', '.join(shut)}: {'; '.join(reasons)}. "
                f"Pass allow={sorted(shut)} to do it all the same",
                shut,
            )
        if self.dry and plan:
            raise Refused(f"this pair only plans (dry=True)\n{plan}")
        from .lock import hold

        with hold(self), Interrupt() as interrupt:
            run = Run(self, plan, texts, progress=progress, deadline=deadline, on_error=on_error, interrupt=interrupt)
            return run.go()


def _check_options(allow: Any, progress: Any, deadline: Any, on_error: Any) -> None:
    if isinstance(allow, str) or not isinstance(allow, Collection):
        raise wrong_type("allow", allow, "a collection of names of guards")
    for guard in allow:
        if not isinstance(guard, str):
            raise TypeError(f"allow must contain only str, not {type(guard).__name__}")
    if progress is not None and not callable(progress):
        raise wrong_type("progress", progress, "callable")
    if deadline is not None:
        duration("deadline", deadline)
    if on_error not in ("undo", "stop"):
        raise ValueError(f"on_error must be 'undo' or 'stop', got {on_error!r}")


def _rebuild(
    primary: Server,
    secondary: Server,
    addresses: dict[Side, IPv4Address | None],
    calls_at_once: int,
    dry: bool,
    clock: Clock,
) -> FailoverPair:
    return FailoverPair(
        primary,
        secondary,
        primary_address=addresses[Side.PRIMARY],
        secondary_address=addresses[Side.SECONDARY],
        calls_at_once=calls_at_once,
        dry=dry,
        clock=clock,
    )


def _secrets_of(steps: Iterable[Step]) -> set[SecretRef]:
    halves = (value for step in steps for value in (step.before, step.after) if isinstance(value, Half))
    return {half.secret for half in halves if half.secret is not None and half.secret.source != "other"}
