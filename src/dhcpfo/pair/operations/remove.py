"""Take scopes out of a relationship, or delete it: one server keeps the scopes."""

from collections.abc import Iterable
from ipaddress import IPv4Address

from ...enums import FailoverState, ScopeState, ServerType
from ...limits import MAX_ADDED_SCOPES
from ...models import Scope
from ...scope.write import About as ScopeAbout
from ..copying import disable, disabled, setting
from ..errors import Conflict
from ..half import Half
from ..look import Draft, Look
from ..parts import About, Side, Undo
from ..plan import Request, Step

__all__ = ["KEEP_BOTH", "plan_delete", "plan_remove"]

KEEP_BOTH = "both"
DELETE_SCOPES, NOT_NORMAL, PARTNER_BACK, BOTH_SERVE = (
    "delete-scopes",
    "delete-not-normal",
    "partner-comes-back",
    "both-serve",
)
ENABLED = frozenset({ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED})


def _loser(look: Look, keep: Side | str) -> Side:
    """Return the side that gives up the scopes; with both kept, the relationship's secondary."""
    return keep.other if isinstance(keep, Side) else look.of_role(ServerType.SECONDARY)


def _stop_serving(
    draft: Draft, loser: Side, shells: dict[IPv4Address, Scope | None], scopes: Iterable[IPv4Address]
) -> None:
    """Disable the loser's copies: from now on only the keeper serves them."""
    for scope in scopes:
        shell = shells[scope]
        if shell is not None and shell.state in ENABLED:
            draft.steps.append(disable(scope, shell.state, loser))


def _delete_scopes(
    draft: Draft, loser: Side, shells: dict[IPv4Address, Scope | None], scopes: Iterable[IPv4Address]
) -> None:
    for scope in scopes:
        shell = shells[scope]
        if shell is not None:
            state = disabled(shell.state) if shell.state in ENABLED else shell.state
            draft.steps.append(
                Step(
                    side=loser,
                    about=setting(ScopeAbout("scope", scope)),
                    before=shell.replace(state=state),
                    undo=Undo.IMPOSSIBLE,
                    pivot=not any(step.pivot for step in draft.steps),
                    guard=DELETE_SCOPES,
                )
            )


def _foreign(look: Look, side: Side, scopes: Iterable[IPv4Address]) -> None:
    """Refuse scopes that are in another relationship on a side: they are not ours to delete."""
    mine = look.copy(side)
    for scope in scopes:
        holder = look.holder(side, scope)
        if holder is not None and (mine is None or holder != mine.name):
            raise Conflict(f"scope {scope} is in relationship {holder} on {look.pair.names[side]}", side=side)


def plan_remove(look: Look, request: Request) -> Draft:
    """Disable on the loser, remove there, delete there, and remove on the keeper last: its half is the journal."""
    keep: Side | str = request["keep"]
    without: bool = request["without_partner"]
    asked: frozenset[IPv4Address] = request["scopes"]
    draft = Draft()
    loser = look.without if look.without is not None else _loser(look, keep)
    keeper = loser.other
    kept = look.half(keeper)
    lost = look.half(loser) if not without else None
    if kept is None and lost is None:
        draft.note("absent", f"relationship {look.name} does not exist")
        return draft
    at_keeper = sorted(asked & kept.scopes) if kept is not None else []
    at_loser = sorted(asked & lost.scopes) if lost is not None else []
    scopes = sorted({*at_keeper, *at_loser})
    if kept is not None and not kept.scopes - asked and scopes:
        draft.note("empty", f"relationship {look.name} will have no scope: delete it instead")
    if gone := sorted(asked - set(scopes)):
        draft.note("absent", f"not in relationship {look.name}: {', '.join(map(str, gone))}")
    if not without:
        shells = look.shells(scopes, [loser])[loser]
        _foreign(look, loser, scopes)
        _stop_serving(draft, loser, shells, scopes)
        _members(draft, look, loser, at_loser)
        if keep != KEEP_BOTH:  # what the keeper does not list is not deleted on a guess
            _delete_scopes(draft, loser, shells, at_keeper)
        _members_note(draft, look, keep, loser)
    else:
        _partner_note(draft, look, loser, scopes)
    _members(draft, look, keeper, at_keeper)
    return draft


def _members(draft: Draft, look: Look, side: Side, scopes: list[IPv4Address]) -> None:
    half = look.half(side)
    for start in range(0, len(scopes), MAX_ADDED_SCOPES):
        chunk = scopes[start : start + MAX_ADDED_SCOPES]
        assert half is not None
        draft.steps.append(
            Step(
                side=side,
                about=About("members", half.name, key=tuple(chunk)),
                before=frozenset(chunk),
                after=frozenset(),
            )
        )


def _members_note(draft: Draft, look: Look, keep: Side | str, loser: Side) -> None:
    if keep == KEEP_BOTH and draft.steps:
        draft.note("kept-disabled", f"the scopes stay on {look.pair.names[loser]}, disabled")


def _partner_note(draft: Draft, look: Look, loser: Side, scopes: list[IPv4Address]) -> None:
    where = look.pair.names[loser]
    draft.note(
        "partner-comes-back",
        f"{where} is not changed. When it comes back it serves its half of {', '.join(map(str, scopes)) or 'nothing'} "
        f"while the other server gives out everything. Before it may serve: disable these scopes there",
        PARTNER_BACK,
    )


def plan_delete(look: Look, request: Request) -> Draft:
    """Disable on the loser, delete its half, delete its scopes, and delete the keeper's half last."""
    keep: Side | str = request["keep"]
    without: bool = request["without_partner"]
    draft = Draft()
    loser = look.without if look.without is not None else _loser(look, keep)
    keeper = loser.other
    kept = look.half(keeper)
    lost = look.half(loser) if not without else None
    if kept is None and lost is None:
        draft.note("absent", f"relationship {look.name} does not exist")
        return draft
    scopes = sorted(
        (kept.scopes if kept is not None else frozenset()) | (lost.scopes if lost is not None else frozenset())
    )
    if without:
        _partner_note(draft, look, loser, scopes)
    else:
        shells = look.shells(scopes, [loser])[loser]
        _foreign(look, loser, scopes)
        if lost is None:  # a run that was killed left them disabled; enabled ones are somebody's
            scopes = [scope for scope in scopes if (shell := shells[scope]) is None or shell.state not in ENABLED]
        else:
            _stop_serving(draft, loser, shells, scopes)
            copy = look.copy(loser)
            normal = copy is not None and copy.state == FailoverState.NORMAL
            draft.steps.append(
                Step(
                    side=loser,
                    about=About("relationship", lost.name),
                    before=lost,
                    undo=_undo(lost),
                    pivot=not lost.scopes,
                    guard=None if normal else NOT_NORMAL,
                )
            )
        if keep != KEEP_BOTH and kept is not None:
            _delete_scopes(draft, loser, shells, scopes)
        elif keep == KEEP_BOTH and draft.steps:
            draft.note("kept-disabled", f"the scopes stay on {look.pair.names[loser]}, disabled")
    if kept is not None:
        draft.steps.append(Step(side=keeper, about=About("relationship", kept.name), before=kept, undo=_undo(kept)))
    return draft


def _undo(half: Half) -> Undo:
    """Return how the deletion of a half is undone: one without scopes cannot be created."""
    return Undo.RECREATES if half.scopes else Undo.IMPOSSIBLE
