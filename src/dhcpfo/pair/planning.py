"""From what is asked to a plan, and from the last step to what both servers show then."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from ..errors import DhcpError
from ..models import Secret
from .addresses import is_partner
from .compare import copy_differences
from .errors import Conflict, PairFailure, Refused
from .half import Half
from .invariant import ENABLED, Serving, dangers
from .look import Draft, Look
from .operations import PLANNERS, WHOLE
from .parts import SIDES, SecretRef, Side
from .plan import Bound, Plan, Request, Step
from .waiting import reason

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["check_partner", "check_steps", "closing_look", "closing_notes", "make_plan", "scopes_of", "why_not_normal"]

DIFFERENCES = frozenset({"differs", "halves-differ", "member-one-side"})
"""Codes of notes that are an error if they turn up only after the last step."""

AFTERWARDS = frozenset({"partner-comes-back", "kept-disabled", "contact-lost"})
"""Codes of notes that count when the operation has ended, too."""


def make_plan(pair: "FailoverPair", request: Request, secrets: Mapping[SecretRef, Secret] | None = None) -> Plan:
    """Return the plan for a request, made from what both servers show.

    Args:
        pair: The servers.
        request: What is asked, with checked arguments.
        secrets: The texts of the secrets that it refers to.
    """
    texts = dict(secrets or {})
    if request.planner is not None:
        made = request.planner(pair, request, texts)
        return Plan(request, pair.names, tuple(made.steps), tuple(made.notes), Bound(pair, texts))
    without: Side | None = dict(request.arguments).get("without")
    look = Look(pair, request.relationship, texts, without=without, whole=request.operation in WHOLE)
    if request.relationship:
        check_partner(look)
    draft: Draft = PLANNERS[request.operation](look, request)
    _check_invariant(look, draft)
    return Plan(request, pair.names, tuple(draft.steps), tuple(draft.notes), Bound(pair, texts))


def check_partner(look: Look) -> None:
    """Refuse a relationship that is not one between these two servers: one of them may have it with a third server.

    Raises:
        Conflict: It is not.
    """
    if look.without is not None or any(look.error(side) is not None for side in SIDES):
        return  # what cannot be asked cannot be compared
    names = look.pair.names
    copies = {side: copy for side in SIDES if (copy := look.copy(side)) is not None}
    if len(copies) == 2:
        ends = [(copy.primary_server, copy.secondary_server) for copy in copies.values()]
        if ends[0] != ends[1]:
            shown = [
                f"{copy.primary_server} and {copy.secondary_server} on {names[side]}" for side, copy in copies.items()
            ]
            raise Conflict(
                f"the addresses differ: relationship {look.name} is between {' but between '.join(shown)}. If it is "
                f"the same, delete one half with Server.delete_relationship, then adopt the other"
            )
    for side, copy in copies.items() if len(copies) == 1 else ():
        if not is_partner(look.pair, side.other, copy.partner_server):
            raise Conflict(
                f"relationship {look.name} of {names[side]} is with {copy.partner_server}, which is not an address of "
                f"{names[side.other]}. If it is, pass {side.other}_address=",
                side=side,
            )


def _check_invariant(look: Look, draft: Draft) -> None:
    touched = scopes_of(draft.steps)
    if touched and look.without is None:
        check_steps(_serving_of(look, touched), draft.steps)


def scopes_of(steps: Iterable[Step]) -> list[IPv4Address]:
    """Return the scopes with steps that change which server serves them."""
    return sorted({scope for step in steps for scope in _scopes_of(step)})


def _serving_of(look: Look, scopes: list[IPv4Address]) -> Serving:
    shells = look.shells(scopes)
    return Serving(
        {side: [s for s, shell in shells[side].items() if shell and shell.state in ENABLED] for side in SIDES},
        {side: [s for s in scopes if look.holder(side, s) is not None] for side in SIDES},
    )


def check_steps(serving: Serving, steps: Iterable[Step]) -> None:
    """Refuse steps between which both servers would lease the same addresses; see `dhcpfo.pair.invariant`."""
    for at, scopes in dangers(serving, steps).items():
        raise Refused(
            f"step {at} of the plan would leave {', '.join(map(str, sorted(scopes)))} enabled on both servers "
            f"and in failover on one"
        )


def _scopes_of(step: Step) -> Iterable[IPv4Address]:
    if step.about.kind in ("scope", "scope-state") and step.about.scope is not None:
        return (step.about.scope,)
    if step.about.kind == "members":
        return step.about.key  # type: ignore[no-any-return]
    if step.about.kind == "relationship":
        if step.before is not None and step.after is not None:
            return ()
        return (step.before or step.after).scopes  # type: ignore[no-any-return]
    return ()


def closing_look(pair: "FailoverPair", plan: Plan, secrets: Mapping[SecretRef, Secret]) -> list[str]:
    """Return what differs from what was asked, after the last step: in words, for an error.

    Everything that the operation is about is read again. It must leave nothing to do, and the two copies of the
    relationship must fit each other.
    """
    if plan.operation in ("reallocate", "declare_partner_down"):
        return []
    again = make_plan(pair, plan.request, secrets)
    differences = [f"{step} on {plan.pair[step.side]}" for step in again.steps if not _only_unreadable_secret(step)]
    differences += [note.text for note in again.notes if note.code in DIFFERENCES and note not in plan.notes]
    without = dict(plan.request.arguments).get("without")
    if without is None and plan.relationship and not differences:
        differences = copy_differences(Look(pair, plan.relationship, dict(secrets)), plan.relationship)
    return differences


def _only_unreadable_secret(step: Step) -> bool:
    """Whether a step only sets a secret that the server does not show."""
    before, after = step.before, step.after
    return (
        isinstance(before, Half)
        and isinstance(after, Half)
        and before.secret is None
        and replace(before, secret=after.secret) == after
    )


def closing_notes(pair: "FailoverPair", plan: Plan) -> tuple[str, ...]:
    """Return what to know after the last step."""
    notes = [note.text for note in plan.notes if note.code in AFTERWARDS]
    if plan.operation == "declare_partner_down" and plan.steps:
        side: Side = plan.request["survivor"]
        try:
            mclt = pair.server(side).get_relationship(plan.relationship).mclt
            begins = pair.server(side).get_system_time().time + mclt
        except DhcpError as error:  # it is done all the same
            notes.append(f"when {plan.pair[side]} may use all free addresses could not be read: {error}")
        else:
            notes.append(f"{plan.pair[side]} may use all free addresses from {begins:%Y-%m-%d %H:%M:%S} UTC on")
    return tuple(notes)


def why_not_normal(pair: "FailoverPair", relationship: str) -> str | None:
    """Return why a relationship cannot become NORMAL by itself, or None if it may."""
    try:
        return reason(Look(pair, relationship, {}))
    except (DhcpError, PairFailure):
        return None
