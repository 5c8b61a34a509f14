"""The operations of `FailoverPair`: each makes its plan and applies it."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from ..arguments import member, relationship_name
from ..enums import FailoverMode, FailoverState
from ..models import AddressLike, Secret
from ..models.convert import wrong_type
from ..models.secret import hide
from ..server.unchanged import UNCHANGED, Unchanged
from .audit import DEPTHS, Findings, look_at, run
from .parts import Side
from .plan import Plan
from .plans import Existing, Plans, checked_scopes
from .preflight import preflight
from .progress import Event, Result
from .waiting import duration, wait_until

__all__ = ["PairMethods", "RunOptions"]


class RunOptions(TypedDict, total=False):
    """The arguments that every operation takes besides its own; see `Plan.apply`."""

    allow: Collection[str]
    progress: Callable[[Event], None] | None
    deadline: timedelta | None
    on_error: Literal["undo", "stop"]


class PairMethods:
    """Operations on both servers. All take the arguments of `Plan.apply` too: allow, progress, deadline, on_error."""

    if TYPE_CHECKING:

        @property
        def plan(self) -> Plans:
            """See `FailoverPair`."""

        def apply(self, plan: Plan, /, **options: Unpack[RunOptions]) -> Result:
            """See `FailoverPair`."""

    def create(
        self,
        name: str,
        scopes: Iterable[AddressLike],
        *,
        mode: FailoverMode = FailoverMode.LOAD_BALANCE,
        percentage: int | None = None,
        mclt: timedelta = timedelta(hours=1),
        state_switch_interval: timedelta | None = None,
        shared_secret: str | bytes | Secret | None = None,
        on_existing: Existing = "refuse",
        join_disabled: bool = False,
        wait: timedelta | None = timedelta(minutes=10),
        **options: Unpack[RunOptions],
    ) -> Result:
        """Create a relationship on both servers, with the scopes of the primary copied to the secondary.

        The copies stay disabled until both halves exist, and then become as the primary's. Scopes of the primary are
        never disabled, unless ``join_disabled`` asks for it.

        Args:
            name: The relationship's name, the same on both servers.
            scopes: The network addresses of the scopes; they must exist on the primary.
            mode: Load balance or hot standby.
            percentage: The primary's share, or the reserve of the standby; as in `Relationship`.
            mclt: Maximum client lead time.
            state_switch_interval: Time in COMMUNICATION_INTERRUPTED after which a server enters PARTNER_DOWN; None is
                never.
            shared_secret: The secret for message authentication; None for none.
            on_existing: What to do with scopes that the secondary has already. ``"refuse"`` takes only disabled copies
                in no relationship that hold nothing else than the primary's; ``"complete"`` also takes enabled ones,
                which it disables first, and adds what is missing; ``"overwrite"`` makes them equal to the primary's.
            join_disabled: Disable the primary's scopes, too, for the moment in which they join, and enable all of them
                on both servers afterwards, also those that were disabled before. For servers that refuse enabled
                scopes with ERROR_INVALID_PARAMETER (87). After a kill, the same call enables them.
            wait: How long to wait for NORMAL afterwards; None does not wait.
            **options: As for `Plan.apply`.

        Raises:
            Refused: The secondary has a scope that ``on_existing`` does not allow. Nothing was sent.
            Conflict: The servers have something else under this name.
            PairError: A step failed; both servers are as before, or the error lists the difference.
            NotReached: The relationship exists on both servers but is not NORMAL after ``wait``.
        """
        shared_secret = hide(shared_secret)  # type: ignore[assignment]  # first: no traceback may show the text
        if wait is not None:
            duration("wait", wait)
        plan = self.plan.create(
            name,
            scopes,
            mode=mode,
            percentage=percentage,
            mclt=mclt,
            state_switch_interval=state_switch_interval,
            shared_secret=shared_secret,
            on_existing=on_existing,
            join_disabled=join_disabled,
        )
        result = self.apply(plan, **options)
        if wait is not None and plan:
            self.wait_until(name, timeout=wait, progress=options.get("progress"))
        return result

    def add_scopes(
        self,
        name: str,
        scopes: Iterable[AddressLike],
        *,
        on_existing: Existing = "refuse",
        join_disabled: bool = False,
        **options: Unpack[RunOptions],
    ) -> Result:
        """Add scopes of the relationship's primary to it, on both servers, with copies on the secondary.

        Args:
            name: The relationship's name. It must be NORMAL, or become so within three minutes.
            scopes: The network addresses of the scopes.
            on_existing: As for `create`.
            join_disabled: As for `create`.
            **options: As for `Plan.apply`.

        Raises:
            PairError: A step failed; both servers are as before, or the error lists the difference.
        """
        plan = self.plan.add_scopes(name, scopes, on_existing=on_existing, join_disabled=join_disabled)
        return self.apply(plan, **options)

    def remove_scopes(
        self,
        name: str,
        scopes: Iterable[AddressLike],
        *,
        keep: Side | str,
        without_partner: bool = False,
        **options: Unpack[RunOptions],
    ) -> Result:
        """Take scopes out of a relationship on both servers, so that one server serves them afterwards.

        Args:
            name: The relationship's name.
            scopes: The network addresses of the scopes.
            keep: The server that keeps the scopes: a `Side`, or a server's name. On the other one they are deleted,
                which needs ``allow=["delete-scopes"]``. ``"both"`` leaves them on the relationship's secondary,
                disabled.
            without_partner: Do not call the other server, because it cannot be reached. Needs
                ``allow=["partner-comes-back"]``: when it comes back, it still serves.
            **options: As for `Plan.apply`.

        Raises:
            PairError: A step failed. After the first deletion of a scope nothing is undone: run it again.
        """
        plan = self.plan.remove_scopes(name, scopes, keep=keep, without_partner=without_partner)
        return self.apply(plan, **options)

    def delete(
        self, name: str, *, keep: Side | str, without_partner: bool = False, **options: Unpack[RunOptions]
    ) -> Result:
        """Delete a relationship on both servers, so that one server serves its scopes afterwards.

        Args:
            name: The relationship's name.
            keep: As for `remove_scopes`.
            without_partner: As for `remove_scopes`.
            **options: As for `Plan.apply`. Outside NORMAL, ``allow`` needs ``"delete-not-normal"``: the server that
                keeps the scopes may not know all leases of the other one.

        Raises:
            PairError: A step failed. After the first deletion of a scope nothing is undone: run it again.
        """
        return self.apply(self.plan.delete(name, keep=keep, without_partner=without_partner), **options)

    def update(
        self,
        name: str,
        *,
        mode: FailoverMode | Unchanged = UNCHANGED,
        percentage: int | Unchanged = UNCHANGED,
        mclt: timedelta | Unchanged = UNCHANGED,
        state_switch_interval: timedelta | Unchanged | None = UNCHANGED,
        **options: Unpack[RunOptions],
    ) -> Result:
        """Change values of a relationship on both servers. Values that you do not pass stay as they are.

        Args:
            name: The relationship's name.
            mode: Load balance or hot standby; needs ``percentage``.
            percentage: As for `create`.
            mclt: As for `create`.
            state_switch_interval: As for `create`.
            **options: As for `Plan.apply`.

        Raises:
            PairError: A step failed; both servers are as before, or the error lists the difference.
        """
        plan = self.plan.update(
            name, mode=mode, percentage=percentage, mclt=mclt, state_switch_interval=state_switch_interval
        )
        return self.apply(plan, **options)

    def rotate_secret(
        self,
        name: str,
        new: str | bytes | Secret | None,
        *,
        old: str | bytes | Secret | None = None,
        **options: Unpack[RunOptions],
    ) -> Result:
        """Change the shared secret on both servers. They lose contact until a minute after the second change.

        Args:
            name: The relationship's name.
            new: The new secret; None turns authentication off.
            old: The old secret, for servers that do not show it: without it, an error cannot be undone.
            **options: As for `Plan.apply`. A state switch interval under five minutes needs
                ``allow=["rotate-short-interval"]``.

        Raises:
            PairError: A step failed; both servers are as before, or the error lists the difference.
        """
        new, old = hide(new), hide(old)  # type: ignore[assignment]  # first: no traceback may show the text
        return self.apply(self.plan.rotate_secret(name, new, old=old), **options)

    def declare_partner_down(self, name: str, *, survivor: Side | str, **options: Unpack[RunOptions]) -> Result:
        """Tell a server that its partner does not serve, so that it may use all addresses an MCLT later.

        It is refused if the partner answers: then it serves, and both would give out the same addresses. There is no
        undo.

        Args:
            name: The relationship's name.
            survivor: The server that goes on: a `Side`, or a server's name.
            **options: As for `Plan.apply`. A partner that cannot be reached needs
                ``allow=["partner-down-unreachable"]``: it may still serve.

        Raises:
            Refused: The partner answers, or a guard is not lifted.
        """
        return self.apply(self.plan.declare_partner_down(name, survivor=survivor), **options)

    def reallocate(self, name: str, **options: Unpack[RunOptions]) -> Result:
        """Redistribute the free addresses of a relationship between the two servers now."""
        return self.apply(self.plan.reallocate(name), **options)

    def replicate(
        self,
        source: Side | str,
        *,
        names: Iterable[str] | None = None,
        scopes: Iterable[AddressLike] | None = None,
        delete: Collection[str] | Literal["all"] = (),
        **options: Unpack[RunOptions],
    ) -> Result:
        """Make the configuration of failover scopes on one server equal to that on the other.

        Args:
            source: The server to copy from: a `Side`, or a server's name.
            names: The relationships; all that both servers have by default.
            scopes: The scopes; all of the relationships by default.
            delete: What to remove from the target if the source does not have it: ``"exclusions"``,
                ``"reservations"``, ``"options"``, ``"policies"``, or ``"all"``. By default it is left alone and listed.
            **options: As for `Plan.apply`.

        Raises:
            Conflict: The servers define an option or a class of the same name differently.
            PairError: A step failed; both servers are as before, or the error lists the difference.
        """
        return self.apply(self.plan.replicate(source, names=names, scopes=scopes, delete=delete), **options)

    def adopt(self, name: str, *, like: Side | str, **options: Unpack[RunOptions]) -> Result:
        """Make the other server's half of a relationship equal to one: values, scopes and their configuration.

        Args:
            name: The relationship's name.
            like: The server that is right, and is not changed: a `Side`, or a server's name.
            **options: As for `Plan.apply`.

        Raises:
            PairError: A step failed; both servers are as before, or the error lists the difference.
        """
        return self.apply(self.plan.adopt(name, like=like), **options)

    def audit(
        self, *, depth: Literal["relationships", "scopes", "full"] = "full", before: Findings | None = None
    ) -> Findings:
        """Read both servers at once and return what differs and should not, the worst first.

        Nothing is changed. `Finding.repair` says what mends a finding; `checker` adds checks of your own.

        Args:
            depth: ``"relationships"`` makes two calls to each server, ``"scopes"`` one more for each scope,
                ``"full"`` eight for each scope.
            before: What an earlier audit found. One look does not show how long a relationship has been recovering;
                if it was in the same states longer than an MCLT and ten minutes ago, that is ``"stuck-recover"``.
        """
        if before is not None and not isinstance(before, Findings):
            raise wrong_type("before", before, "Findings")
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {', '.join(DEPTHS)}, got {depth!r}")
        seen = look_at(self, depth, before)  # type: ignore[arg-type]
        return Findings(run(seen), seen.names, seen.time)

    def preflight(self, name: str, scopes: Iterable[AddressLike]) -> Findings:
        """Return what stands in the way of `create`, all at once: an error stops it, a warning asks for a decision.

        Args:
            name: The name of the relationship to create.
            scopes: Its scopes.
        """
        return preflight(self, relationship_name(name), checked_scopes(scopes))  # type: ignore[arg-type]

    def wait_until(
        self,
        name: str,
        state: FailoverState = FailoverState.NORMAL,
        *,
        timeout: timedelta = timedelta(minutes=10),
        poll: timedelta = timedelta(seconds=5),
        progress: Callable[[Event], None] | None = None,
    ) -> dict[Side, FailoverState]:
        """Wait until both copies of a relationship are in a state.

        It stops early, with the reason, where waiting cannot help: a half is missing, roles, addresses, secrets or
        clocks do not fit, or the link between the servers is blocked.

        Args:
            name: The relationship's name.
            state: The state.
            timeout: The longest wait.
            poll: The longest time between two looks.
            progress: Called with an `Event` whenever a state has changed.

        Raises:
            NotReached: It was not reached; the error has the states and the reason.
        """
        return wait_until(
            self,  # type: ignore[arg-type]
            relationship_name(name),
            member("state", state, FailoverState),
            timeout=timeout,
            poll=poll,
            progress=progress,
        )
