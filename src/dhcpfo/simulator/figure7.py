"""The states of a relationship and the arrows between them: figure 7 of [MS-DHCPF] as one table.

Where the figure is silent, or cannot be meant, the row says *choice*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..enums import FailoverState, ServerType

__all__ = ["FIGURE", "Row", "next_state", "state_after_loss", "state_after_start"]

# FSM_STATE, in words short enough for the table.
NO_STATE, INIT, STARTUP = FailoverState.NO_STATE, FailoverState.INIT, FailoverState.STARTUP
NORMAL, INTERRUPTED = FailoverState.NORMAL, FailoverState.COMMUNICATION_INTERRUPTED
PARTNER_DOWN, PAUSED, SHUTDOWN = FailoverState.PARTNER_DOWN, FailoverState.PAUSED, FailoverState.SHUTDOWN
CONFLICT, CONFLICT_DONE = FailoverState.POTENTIAL_CONFLICT, FailoverState.CONFLICT_DONE
RESOLUTION_INTERRUPTED, RECOVER = FailoverState.RESOLUTION_INTERRUPTED, FailoverState.RECOVER
RECOVER_WAIT, RECOVER_DONE = FailoverState.RECOVER_WAIT, FailoverState.RECOVER_DONE

Arrows = Mapping[FailoverState, FailoverState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The arrows that leave a state.

    Attributes:
        lost: The next state when contact is lost; None stays.
        resumed: The state after a start without contact, if the server was in this one before it stopped.
        meets: The next state in contact, by the state of the partner; the state stays for those not listed.
        as_primary: The same, on the primary only; they come first.
        as_secondary: The same, on the secondary only.
    """

    lost: FailoverState | None = None
    resumed: FailoverState = INTERRUPTED
    meets: Arrows = field(default_factory=dict)
    as_primary: Arrows = field(default_factory=dict)
    as_secondary: Arrows = field(default_factory=dict)


ALL_TO_RECOVER: Arrows = dict.fromkeys(FailoverState, RECOVER)
IN_CONFLICT = (CONFLICT, RESOLUTION_INTERRUPTED, CONFLICT_DONE)

FIGURE: Mapping[FailoverState, Row] = {
    NO_STATE: Row(resumed=RECOVER, meets=ALL_TO_RECOVER),  # choice
    INIT: Row(resumed=RECOVER, meets=ALL_TO_RECOVER),
    STARTUP: Row(),  # in contact, see next_state
    NORMAL: Row(
        lost=INTERRUPTED,
        meets={
            PARTNER_DOWN: CONFLICT,
            CONFLICT: CONFLICT,
            RESOLUTION_INTERRUPTED: CONFLICT,
            RECOVER: INTERRUPTED,
            RECOVER_WAIT: INTERRUPTED,
            PAUSED: INTERRUPTED,
            SHUTDOWN: PARTNER_DOWN,
        },
    ),
    INTERRUPTED: Row(
        # The figure sends the server to POTENTIAL_CONFLICT for any other state. Choice: it stays for INIT, STARTUP and
        # PAUSED, and for RECOVER and RECOVER_WAIT, which lead to RECOVER_DONE.
        meets={
            NORMAL: NORMAL,
            INTERRUPTED: NORMAL,
            RECOVER_DONE: NORMAL,
            PARTNER_DOWN: CONFLICT,
            **dict.fromkeys(IN_CONFLICT, CONFLICT),
            SHUTDOWN: PARTNER_DOWN,
        },
    ),
    PARTNER_DOWN: Row(
        resumed=PARTNER_DOWN,
        # The figure has an arrow to NORMAL for RECOVER and RECOVER_WAIT, too. Choice: it waits for RECOVER_DONE, as in
        # the draft, since the partner does not answer clients before.
        meets={
            RECOVER_DONE: NORMAL,
            NORMAL: CONFLICT,
            INTERRUPTED: CONFLICT,
            PARTNER_DOWN: CONFLICT,
            **dict.fromkeys(IN_CONFLICT, CONFLICT),
        },
    ),
    CONFLICT: Row(
        lost=RESOLUTION_INTERRUPTED,
        resumed=RESOLUTION_INTERRUPTED,
        # The primary settles a conflict first.
        as_primary={CONFLICT: CONFLICT_DONE},
        as_secondary={CONFLICT_DONE: NORMAL},
    ),
    CONFLICT_DONE: Row(
        resumed=CONFLICT_DONE,
        # Choice: a partner that has recovered has no conflict left, and waits for this server's NORMAL.
        meets={NORMAL: NORMAL, RECOVER_DONE: NORMAL},
        # Choice: only a call brings the secondary here.
        as_secondary={CONFLICT: CONFLICT, CONFLICT_DONE: CONFLICT},
    ),
    RESOLUTION_INTERRUPTED: Row(resumed=RESOLUTION_INTERRUPTED, meets=dict.fromkeys(FailoverState, CONFLICT)),
    RECOVER: Row(
        resumed=RECOVER,
        meets={
            # To RECOVER_DONE if it has given out no leases yet, see next_state.
            **dict.fromkeys(FailoverState, RECOVER_WAIT),
            **dict.fromkeys(IN_CONFLICT, CONFLICT),
        },
    ),
    RECOVER_WAIT: Row(resumed=RECOVER_WAIT),  # ends by its timer
    RECOVER_DONE: Row(
        resumed=RECOVER_DONE,
        meets={
            NORMAL: NORMAL,
            RECOVER_DONE: NORMAL,
            CONFLICT: CONFLICT,
            RECOVER: INTERRUPTED,
            RECOVER_WAIT: INTERRUPTED,
        },
    ),
    PAUSED: Row(),
    SHUTDOWN: Row(),
}
"""The arrows, by the state that they leave. A state that is not listed is left for RECOVER."""


def state_after_loss(state: FailoverState) -> FailoverState:
    """Return the state that follows when contact is lost."""
    row = FIGURE.get(state)
    return state if row is None or row.lost is None else row.lost


def state_after_start(before: FailoverState) -> FailoverState:
    """Return the state that follows a start without contact, by the state before the stop."""
    row = FIGURE.get(before)
    return INTERRUPTED if row is None or before in (NO_STATE, INIT) else row.resumed


def next_state(
    role: ServerType,
    state: FailoverState,
    before: FailoverState,
    partner: FailoverState,
    partner_before: FailoverState,
    *,
    established: bool,
) -> FailoverState:
    """Return the state that follows when a server learns its partner's state.

    Args:
        role: The server's role.
        state: Its state.
        before: Its previous state.
        partner: The partner's state.
        partner_before: The partner's previous state.
        established: Whether the server has ever been NORMAL. Its earlier leases may run for an MCLT; a server that is
            new to the relationship has given out none.
    """
    if state == STARTUP:
        resumed = state_after_start(before)
        theirs = state_after_start(partner_before) if partner == STARTUP else partner
        missed = resumed == INTERRUPTED and theirs == PARTNER_DOWN
        return RECOVER if before in (NO_STATE, INIT) or missed else resumed
    row = FIGURE.get(state)
    if row is None:
        return RECOVER
    arrows = row.as_primary if role == ServerType.PRIMARY else row.as_secondary
    reached = arrows.get(partner) or row.meets.get(partner, state)
    if state == RESOLUTION_INTERRUPTED:
        return CONFLICT
    if state == RECOVER and reached in (RECOVER, RECOVER_WAIT):
        return RECOVER_WAIT if established else RECOVER_DONE
    return reached
