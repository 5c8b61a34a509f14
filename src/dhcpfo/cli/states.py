"""States and values of relationships as tables show them."""

from typing import TYPE_CHECKING, Any

from ..enums import FailoverMode, FailoverState, ServerType
from .cells import Styled
from .values import shown_duration

if TYPE_CHECKING:
    from ..fleet.pair_look import Copy, ReadError

__all__ = ["columns_of", "is_primary", "mode_of", "share_of", "shown_state", "unreachable", "values_of"]

NORMAL, CARE, BAD = ("●", "green"), ("▲", "yellow"), ("✖", "bold red")
SIGNS = {
    FailoverState.NORMAL: NORMAL,
    FailoverState.PARTNER_DOWN: BAD,
    FailoverState.PAUSED: BAD,
    FailoverState.SHUTDOWN: BAD,
    FailoverState.POTENTIAL_CONFLICT: BAD,
}
SHORT = {FailoverState.COMMUNICATION_INTERRUPTED: "comm. interrupted"}

ACCESS_DENIED = 5


def shown_state(state: FailoverState) -> Styled:
    """Return a state with its sign and colour."""
    sign, style = SIGNS.get(state, CARE)
    return Styled(f"{sign} {SHORT.get(state, state.name.lower().replace('_', ' '))}", style)


def unreachable(error: "ReadError") -> Styled:
    """Return what stands in the place of a state that could not be read."""
    if error.code is None:
        return Styled("✖ no answer in time", "bold red")
    return Styled(f"✖ {'access denied' if error.code == ACCESS_DENIED else 'unreachable'}: {error.code}", "bold red")


def mode_of(copy: "Copy") -> str:
    """Return the mode in words."""
    return copy.mode.name.lower().replace("_", " ")


def share_of(copy: "Copy", *, primary_first: bool = True) -> str:
    """Return the percentage as both servers' shares, or as the reserve of the standby.

    Args:
        copy: One server's copy.
        primary_first: Whether the first server shown is the primary.
    """
    if copy.mode != FailoverMode.LOAD_BALANCE:
        return f"{copy.percentage} %"
    shares = (copy.percentage, 100 - copy.percentage)
    return " / ".join(map(str, shares if primary_first else shares[::-1]))


def values_of(copy: "Copy") -> dict[str, Any]:
    """Return a copy's values as JSON has them; never its secret."""
    switch = copy.state_switch_interval
    return {
        "role": copy.role.name,
        "state": copy.state.name,
        "mode": copy.mode.name,
        "percentage": copy.percentage,
        "mclt": copy.mclt.total_seconds(),
        "state_switch_interval": None if switch is None else switch.total_seconds(),
        "authenticated": copy.authenticated,
        "partner": copy.partner,
        "scopes": [str(scope) for scope in copy.scopes],
    }


def columns_of(copy: "Copy") -> list[str]:
    """Return mode, MCLT, switch interval and authentication as texts."""
    switch = shown_duration(copy.state_switch_interval)
    return [mode_of(copy), shown_duration(copy.mclt), switch, "yes" if copy.authenticated else "no"]


def is_primary(copy: "Copy") -> bool:
    """Whether the server that holds a copy is the primary."""
    return copy.role == ServerType.PRIMARY
