"""The part of `Lab` that is about time, timers and switches."""

from datetime import datetime, timedelta

from ..enums import FailoverState
from ..models.convert import to_timedelta
from .lab_base import LabBase, check_instance
from .lab_servers import state_of
from .state_machine import run, settle
from .switches import Switches, Timers
from .transaction import exclusive

__all__ = ["LabTime"]


class LabTime(LabBase):
    """The lab's clock, and the settings of the protocol."""

    @property
    @exclusive
    def switches(self) -> Switches:
        """The assumptions about real servers; assign to change them."""
        with self._transactions.begin(changing=False) as state:
            return state.switches

    @switches.setter
    @exclusive
    def switches(self, switches: Switches) -> None:
        check_instance("switches", switches, Switches)
        with self._transactions.begin() as state:
            state.switches = switches

    @property
    @exclusive
    def timers(self) -> Timers:
        """The timers of the failover protocol; assign to change them."""
        with self._transactions.begin(changing=False) as state:
            return state.timers

    @timers.setter
    @exclusive
    def timers(self, timers: Timers) -> None:
        check_instance("timers", timers, Timers)
        with self._transactions.begin() as state:
            state.timers = timers

    @property
    @exclusive
    def now(self) -> datetime:
        """The time on the lab's clock."""
        with self._transactions.begin(changing=False) as state:
            return state.clock.read()

    @exclusive
    def advance(self, delta: timedelta) -> None:
        """Advance the clock; all events that fall due until then happen, in order.

        Raises:
            ValueError: ``delta`` is negative.
            OverflowError: The clock would pass the end of the year 2099.
        """
        delta = to_timedelta(delta, "delta")
        with self._transactions.begin(whole=False) as state:
            state.clock.advance(delta)
            run(state, state.clock.read())

    def settle(self, limit: timedelta = timedelta(days=1)) -> timedelta:
        """Advance the clock until every relationship of a running server is NORMAL.

        Args:
            limit: How much time may pass.

        Returns:
            How much time did pass.

        Raises:
            TimeoutError: Some relationship is not NORMAL by then. The message says which, its state, and the reason, as
                `explain` does.
        """
        return self._settle(limit, None)

    @exclusive
    def _settle(self, limit: timedelta, name: str | None) -> timedelta:
        """Settle one relationship only, or all."""
        limit = to_timedelta(limit, "limit")
        with self._transactions.begin(whole=False) as state:
            before = state.clock.read()
            passed = settle(state, before, state.clock.after(limit), name) - before
            state.clock.advance(passed)
            waiting = [
                f"{end.relationship.name} on {host.name} is {state_of(state, host, end)}"
                for host, end in state.running()
                if end.state != FailoverState.NORMAL and name in (None, end.relationship.name)
            ]
        if waiting:
            raise TimeoutError(f"after {limit}: {'. '.join(waiting)}")
        return passed
