"""How bad the states of a relationship are, for people and for monitoring."""

from ..enums import FailoverState

__all__ = ["ON_THE_WAY", "PROBLEMS", "kind_of"]

ON_THE_WAY = frozenset(
    {
        FailoverState.INIT,
        FailoverState.STARTUP,
        FailoverState.CONFLICT_DONE,
        FailoverState.RECOVER,
        FailoverState.RECOVER_WAIT,
        FailoverState.RECOVER_DONE,
    }
)
"""States that pass by themselves."""

PROBLEMS = frozenset(
    {
        FailoverState.PARTNER_DOWN,
        FailoverState.POTENTIAL_CONFLICT,
        FailoverState.RESOLUTION_INTERRUPTED,
        FailoverState.PAUSED,
        FailoverState.SHUTDOWN,
    }
)
"""States in which somebody has to do something."""


def kind_of(state: FailoverState) -> str:
    """Return how bad a state is: ``"ok"``, ``"busy"``, ``"warning"`` or ``"critical"``."""
    if state == FailoverState.NORMAL:
        return "ok"
    if state in ON_THE_WAY:
        return "busy"
    return "critical" if state in PROBLEMS else "warning"
