"""Whether two servers of a lab can reach each other as failover partners, and if not, why."""

import enum
from dataclasses import dataclass

from ..enums import ServerType
from .state import Endpoint, Host, LabState, Power, link

__all__ = ["Obstacle", "Reach", "find_obstacle", "in_contact", "partner"]


class Reach(enum.Enum):
    """How a server notices that it cannot reach its partner."""

    SILENT = "silent"
    """By silence only: a cut link, a host without power."""
    CLOSED = "closed"
    """At once, for the connection is refused: service stopped, no counterpart, wrong secret, wrong clock."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a server cannot reach its partner.

    Attributes:
        reach: How it notices.
        text: The reason, in words.
    """

    reach: Reach
    text: str


def partner(lab: LabState, host: Host, end: Endpoint) -> tuple[Host, Endpoint] | None:
    """Return the counterpart of a copy: on the partner's address, with the other role and the same servers."""
    ours = end.relationship
    other = lab.at_address(ours.partner_server)
    counterpart = lab.endpoint(other, ours.name) if other is not None else None
    if other is None or other is host or counterpart is None:
        return None
    theirs = counterpart.relationship
    fits = (
        {ours.server_type, theirs.server_type} == {ServerType.PRIMARY, ServerType.SECONDARY}
        and (ours.primary_server, ours.secondary_server) == (theirs.primary_server, theirs.secondary_server)
        and theirs.partner_server == host.address
    )
    return (other, counterpart) if fits else None


def find_obstacle(lab: LabState, host: Host, end: Endpoint) -> Obstacle | None:
    """Return what keeps a running server from its partner, or None."""
    counterpart = partner(lab, host, end)
    if counterpart is None:
        other = lab.at_address(end.relationship.partner_server)
        deleted = other is not None and lab.endpoint(other, end.relationship.name) is None
        silent = deleted and not lab.switches.delete_closes_link
        return Obstacle(Reach.SILENT if silent else Reach.CLOSED, _mismatch(lab, host, end))
    other, copy = counterpart
    if other.power is Power.OFF:
        return Obstacle(Reach.SILENT, f"{other.name} is powered off")
    if link(host, other) in lab.cut:
        return Obstacle(Reach.SILENT, f"the link between {' and '.join(link(host, other))} is cut")
    if other.power is Power.STOPPED:
        return Obstacle(Reach.CLOSED, f"the DHCP service on {other.name} is stopped")
    ours, theirs = end.relationship.shared_secret, copy.relationship.shared_secret
    if ours != theirs:
        secret_is_missing = ours is None or theirs is None
        text = "only one of the copies has a shared secret" if secret_is_missing else "the shared secrets differ"
        return Obstacle(Reach.CLOSED, text)
    difference = abs(host.clock_offset - other.clock_offset)
    if difference > lab.timers.max_clock_difference:
        text = f"the clocks differ by {difference}, and {lab.timers.max_clock_difference} is allowed"
        return Obstacle(Reach.CLOSED, text)
    return None


def _mismatch(lab: LabState, host: Host, end: Endpoint) -> str:
    ours = end.relationship
    other = lab.at_address(ours.partner_server)
    if other is host:
        return f"its copy names {host.name} itself, {host.address}, as the partner"
    if other is None:
        return f"no server has the partner's address {ours.partner_server}"
    counterpart = lab.endpoint(other, ours.name)
    if counterpart is None:
        return f"{other.name} has no relationship {ours.name!r}"
    theirs = counterpart.relationship
    if ours.server_type == theirs.server_type:
        return f"both copies have the role {ours.server_type.name}"
    for role, here, there in (
        ("primary", ours.primary_server, theirs.primary_server),
        ("secondary", ours.secondary_server, theirs.secondary_server),
    ):
        if here != there:
            return f"the {role} server is {here} in the copy on {host.name} and {there} in the one on {other.name}"
    if theirs.partner_server != host.address:
        return f"the copy on {other.name} names {theirs.partner_server} as the partner, and not {host.address}"
    return f"the roles are {ours.server_type.name} and {theirs.server_type.name}"


def in_contact(lab: LabState, host: Host, end: Endpoint) -> tuple[Host, Endpoint] | None:
    """Return the partner if messages pass between the two at this moment, else None."""
    counterpart = partner(lab, host, end)
    if counterpart is None or end.contact_since is None or counterpart[1].contact_since is None:
        return None
    return counterpart if find_obstacle(lab, host, end) is None else None
