"""The operations of one call: declare the partner down, redistribute the addresses."""

from ...enums import FailoverState, ServerType
from ...errors import AccessDeniedError, DhcpError, ErrorCode
from ..errors import Conflict, Refused
from ..look import Draft, Look
from ..parts import About, Side, Undo, shown_duration
from ..plan import Request, Step
from ..waiting import reason

__all__ = ["plan_partner_down", "plan_reallocate"]

SECOND_LOOK = 10.0
"""Seconds after which a stopped service is looked at once more."""


def plan_partner_down(look: Look, request: Request) -> Draft:
    """Set PARTNER_DOWN on the survivor, if nothing shows that the partner serves."""
    survivor: Side = request["survivor"]
    names = look.pair.names
    draft = Draft()
    copy = look.copy(survivor)
    if copy is None:
        raise Conflict(f"{names[survivor]} has no relationship {look.name}", side=survivor)
    if copy.state == FailoverState.PARTNER_DOWN:
        return draft
    interrupted = copy.state == FailoverState.COMMUNICATION_INTERRUPTED
    guard = _verdict(look, survivor.other)
    if not interrupted:
        draft.note(
            "state",
            f"{names[survivor]} is {copy.state.name}; PARTNER_DOWN is meant for COMMUNICATION_INTERRUPTED",
            "partner-down-state",
        )
    draft.steps.append(
        Step(
            side=survivor,
            about=About("failover-state", copy.name),
            before=copy.state,
            after=FailoverState.PARTNER_DOWN,
            undo=Undo.IMPOSSIBLE,
            pivot=True,
            guard=guard,
        )
    )
    partner = f"{copy.partner_server} {f'({copy.partner_server_name})' if copy.partner_server_name else ''}".rstrip()
    draft.note("partner", f"its partner in {copy.name} is {partner}: that server must not serve any more")
    wait = shown_duration(copy.mclt)
    draft.note("all-addresses", f"{names[survivor]} may use all free addresses {wait} after the call (the MCLT)")
    return draft


def _verdict(look: Look, partner: Side) -> str | None:
    """Return the guard that must be lifted, or None.

    All that can be seen is whether the partner answers us; whether it serves clients is another question.

    Raises:
        Refused: It answers, so it serves.
    """
    where = look.pair.names[partner]
    error = look.error(partner)
    if error is None:
        copy = look.copy(partner)
        if copy is None:  # it has no half, so it does not serve these scopes in failover; its scopes may be enabled
            return "partner-down-without-half"
        why = reason(look)
        raise Refused(
            f"{where} answers and is {copy.state.name}, so it is serving. "
            f"{f'The servers do not hear each other: {why}' if why else 'Look at the link between the servers'}"
        )
    if isinstance(error, AccessDeniedError):
        raise Refused(f"{where} answers ({error}), so it is alive")
    if error.winerror == ErrorCode.EPT_S_NOT_REGISTERED:
        look.pair.clock.sleep(SECOND_LOOK)
        try:
            look.pair.server(partner).relationships()
        except DhcpError as second:
            if second.winerror == ErrorCode.EPT_S_NOT_REGISTERED:
                return None
        else:
            raise Refused(f"{where} answers again, so it is serving")
    return "partner-down-unreachable"


def plan_reallocate(look: Look, request: Request) -> Draft:
    """Ask the primary to redistribute."""
    draft = Draft()
    side = look.of_role(ServerType.PRIMARY)
    copy = look.copy(side)
    if copy is None:
        raise Conflict(f"{look.pair.names[side]} has no relationship {look.name}", side=side)
    draft.steps.append(Step(side=side, about=About("allocation", copy.name), undo=Undo.IMPOSSIBLE))
    return draft
