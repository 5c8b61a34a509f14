"""Pairs on a lab for the tests of `dhcpfo.pair`: worlds, faults at the n-th write, and what the servers hold."""

import functools
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import FailoverMode, Server, ServerType
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.enums import ScopeState
from dhcpfo.models import Relationship
from dhcpfo.pair import FailoverPair, PairError, Result, Side, Step, Undo
from dhcpfo.simulator import Lab
from dhcpfo.simulator.connect import LabClock

NAME = "hq"
SCOPES = (IPv4Address("10.0.1.0"), IPv4Address("10.0.2.0"))
MORE = IPv4Address("10.0.3.0")
EVERY = (*SCOPES, MORE)
MARKER = "marker-of-the-secret"
NEW = "marker-of-the-new-secret"
SERVERS = {Side.PRIMARY: "dhcp1", Side.SECONDARY: "dhcp2"}
PARTNERS = ("absent", "equal", "half", "disabled", "enabled", "different")
"""What the secondary has of the scopes before an operation."""


class Writes:
    """Counts the changing calls to both servers; does something before the n-th, or after it.

    Args:
        at: The number of that call, from 1 on; 0 is none.
        action: Called with the server's name and the method, before the call.
        after: The same, after it.
    """

    def __init__(
        self,
        at: int = 0,
        action: Callable[[str, str], None] | None = None,
        after: Callable[[str, str], None] | None = None,
    ) -> None:
        self.at = at
        self.action = action
        self.after = after
        self.calls: list[tuple[str, str]] = []


class Counted:
    """A carrier that counts the changing calls of one server."""

    def __init__(self, api: Any, writes: Writes) -> None:
        self._api = api
        self._writes = writes
        for method in FUNCTIONS:
            call = getattr(api, method)
            setattr(self, method, functools.partial(self._carry, method, call) if method in CHANGES else call)

    @property
    def server(self) -> str | None:
        return self._api.server

    def close(self) -> None:
        self._api.close()

    def _carry(self, method: str, call: Callable[..., Any], *args: Any) -> Any:
        writes = self._writes
        writes.calls.append((self._api.server, method))
        due = len(writes.calls) == writes.at
        if due and writes.action is not None:
            writes.action(self._api.server, method)
        answer = call(*args)
        if due and writes.after is not None:
            writes.after(self._api.server, method)
        return answer


def counted(servers: list[Server], writes: Writes) -> list[Server]:
    """Return servers that count the changing calls."""
    return [Server(Counted(server.api, writes)) for server in servers]  # type: ignore[arg-type]


Connect = Callable[[Lab, str], Server]


def directly(lab: Lab, name: str) -> Server:
    """Connect to one of a lab's servers without any extension or network."""
    return lab.connect(name, direct=True)


def pair_of(lab: Lab, writes: Writes | None = None, *, connect: Connect = directly, **options: Any) -> FailoverPair:
    """Return the pair of a lab; all calls of an operation are made one after the other."""
    servers = [connect(lab, name) for name in SERVERS.values()]
    if writes is not None:
        servers = counted(servers, writes)
    return FailoverPair(*servers, **{"calls_at_once": 1, "clock": LabClock(lab)} | options)


def fill(server: Server, scope: IPv4Address, *, half: bool = False, state: ScopeState = ScopeState.ENABLED) -> None:
    """Create a scope with some of everything."""
    server.create_scope(f"{scope}/24", name=f"net {scope}", comment="branch", state=ScopeState.DISABLED)
    server.add_range(scope, scope + 1, scope + 254)
    server.set_option_value(51, 86400, scope=scope)
    server.add_exclusion(scope, scope + 10, scope + 20)
    if not half:
        server.set_option_value(3, str(scope + 1), scope=scope)
        server.set_option_value(6, "192.0.2.53", "192.0.2.54", scope=scope)
        server.add_reservation(scope, scope + 50, f"aabbccdd{int(scope) & 0xFFFF:04x}")
    if state == ScopeState.ENABLED:
        server.set_scope(scope, state=state)


@functools.cache
def _saved(partner: str, related: bool | str, secret: str | None) -> dict[str, Any]:
    return build(partner, related=related, secret=secret).to_dict(secrets=True)


def world(partner: str = "equal", *, related: bool | str = False, secret: str | None = MARKER) -> Lab:
    """Return what `build` returns, quickly."""
    return Lab.from_dict(_saved(partner, related, secret))


def world_of(operation: str, partner: str) -> Lab:
    """Return the world in which an operation begins."""
    lab = world(partner, related=OPERATIONS[operation][0])
    if operation in STRICT:
        lab.switches = replace(lab.switches, joining_scopes_disabled=True)
    return lab


def build(partner: str = "equal", *, related: bool | str = False, secret: str | None = MARKER) -> Lab:
    """Return a lab with the scopes on the primary; the second one is disabled there.

    Args:
        partner: What the secondary has of them; one of `PARTNERS`. In a relationship, its state may be what it says.
        related: Whether the first two are in a relationship already, which is NORMAL; "half": on the primary only.
        secret: The shared secret of the relationship.
    """
    lab = Lab()
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    dhcp1, dhcp2 = (lab.connect(f"dhcp{number}", direct=True) for number in (1, 2))
    disabled = ScopeState.DISABLED
    for scope in EVERY:
        fill(dhcp1, scope, state=disabled if scope == SCOPES[1] else ScopeState.ENABLED)
        if partner == "absent" and not (related and scope != MORE):
            continue
        enabled = partner == "enabled" and not (related and scope == MORE)
        fill(dhcp2, scope, half=partner in ("half", "absent"), state=ScopeState.ENABLED if enabled else disabled)
        if partner == "different":
            dhcp2.set_option_value(3, str(scope + 2), scope=scope)
            dhcp2.set_scope(scope, comment="other")
            dhcp2.add_exclusion(scope, scope + 100, scope + 110)
    if related:
        for server, role in ((dhcp2, ServerType.SECONDARY), (dhcp1, ServerType.PRIMARY)):
            server.create_relationship(
                Relationship(
                    name=NAME,
                    primary_server="192.0.2.1",
                    secondary_server="192.0.2.2",
                    server_type=role,
                    scopes=SCOPES,
                    shared_secret=secret,
                )
            )
        lab.settle()
        if partner in ("equal", "half", "absent", "different"):
            dhcp2.set_scope(SCOPES[0], state=ScopeState.ENABLED)
        if related == "half":
            dhcp2.delete_relationship(NAME)
    return lab


ALLOW = {"allow": ["delete-scopes", "delete-not-normal", "rotate-short-interval"]}
Operation = Callable[..., Result]


def create(pair: FailoverPair, **options: Any) -> Result:
    return pair.create(NAME, EVERY, shared_secret=MARKER, wait=None, on_existing="overwrite", **options)


def add(pair: FailoverPair, **options: Any) -> Result:
    return pair.add_scopes(NAME, [MORE], on_existing="overwrite", **options)


OPERATIONS: dict[str, tuple[bool | str, Operation]] = {
    "create": (False, create),
    "create_disabled": (False, functools.partial(create, join_disabled=True)),
    "add_scopes": (True, add),
    "add_disabled": (True, functools.partial(add, join_disabled=True)),
    "replicate": (True, lambda pair: pair.replicate("dhcp1", delete="all")),
    "replicate_merge": (True, lambda pair: pair.replicate(Side.PRIMARY, names=[NAME])),
    "adopt": (True, lambda pair: pair.adopt(NAME, like="dhcp1")),
    "adopt_half": ("half", lambda pair: pair.adopt(NAME, like="dhcp1")),
    "update": (True, lambda pair: pair.update(NAME, mode=FailoverMode.HOT_STANDBY, percentage=7)),
    "rotate_secret": (True, lambda pair: pair.rotate_secret(NAME, NEW)),
    "remove_scopes": (True, lambda pair: pair.remove_scopes(NAME, SCOPES[:1], keep="dhcp1", **ALLOW)),
    "remove_scopes_both": (True, lambda pair: pair.remove_scopes(NAME, SCOPES[:1], keep="both", **ALLOW)),
    "delete": (True, lambda pair: pair.delete(NAME, keep="dhcp1", **ALLOW)),
    "delete_other": (True, lambda pair: pair.delete(NAME, keep="dhcp2", **ALLOW)),
}
"""Operations by name: whether they need the relationship, and the call."""

STRICT = frozenset({"create_disabled", "add_disabled"})
"""Operations that are tried on servers that only take disabled scopes into a relationship."""


Picture = dict[tuple[Any, ...], Any]


def picture(lab: Lab) -> Picture:
    """Return what both servers hold: values by server and thing. Without states and leases."""
    found: Picture = {}
    for host, data in lab.to_dict(secrets=True)["hosts"].items():
        for end in data["endpoints"]:
            values = dict(end["relationship"])
            for changing in ("state", "previous_state"):
                values.pop(changing)
            name = values.pop("name")
            members = values.pop("scopes")
            found[host, "relationship", name] = values
            found |= {(host, "member", name, scope): True for scope in members}
        for scope, kept in data["scopes"].items():
            properties = dict(kept["properties"])
            found[host, "scope-state", scope] = properties.pop("state")
            found[host, "scope", scope] = kept["network"]
            spans = {(span["first"], span["last"]) for span in kept["exclusions"]}
            content = (
                properties,
                kept["range"],
                kept["reservations"],
                sorted(spans),
                kept["options"],
                kept["policies"],
            )
            found[host, "content", scope] = repr(content)
        found[host, "server"] = repr((data["classes"], data["option_definitions"], data["superscopes"]))
    return found


def different(one: Picture, other: Picture) -> set[tuple[Any, ...]]:
    """Return the keys under which two pictures differ."""
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def keys_of(step: Step) -> set[tuple[Any, ...]]:
    """Return the keys of a picture that a step changes."""
    host, about = SERVERS[step.side], step.about
    scope = str(about.scope)
    match about.kind:
        case "relationship":
            keys: set[tuple[Any, ...]] = {(host, "relationship", about.name)}
            if step.before is None or step.after is None:
                half = step.before or step.after
                keys |= {(host, "member", about.name, str(scope)) for scope in half.scopes}
            return keys
        case "members":
            return {(host, "member", about.name, str(scope)) for scope in about.key}
        case "scope-state":
            return {(host, "scope-state", scope)}
        case "scope" if step.before is not None and step.after is not None:
            changed = {(host, "content", scope)}
            return changed | ({(host, "scope-state", scope)} if step.before.state != step.after.state else set())
        case "scope":
            return {(host, "scope", scope), (host, "scope-state", scope), (host, "content", scope)}
        case "failover-state" | "allocation":
            return set()
    return {(host, "content", scope)} if about.scope is not None else {(host, "server")}


def listed(steps: Any) -> set[tuple[Any, ...]]:
    """Return the keys of several steps."""
    return set().union(*map(keys_of, steps))


def late_keys(steps: Any) -> set[tuple[Any, ...]]:
    """Return the keys that change if lost calls arrive: setting a scope writes name, comment and state at once."""
    keys = listed(steps)
    for host, what, *rest in sorted(keys, key=str):
        if what in ("content", "scope-state"):
            keys |= {(host, "content", *rest), (host, "scope-state", *rest)}
    return keys


def net(steps: tuple[Step, ...]) -> list[Step]:
    """Return the steps without those that a later one took back, such as disabling a scope that is enabled last."""
    first: dict[Any, Any] = {}
    for step in steps:
        first.setdefault((step.side, step.about), step.before)
    last = {(step.side, step.about): step.after for step in steps}
    return [step for step in steps if first[step.side, step.about] != last[step.side, step.about]]


def check_error(before: Picture, lab: Lab, error: PairError) -> None:
    """Check that both servers are as before, or differ in exactly what the error lists."""
    now = picture(lab)
    assert dangers(now) <= dangers(before), f"dangerous: {sorted(dangers(now))}\n{error}"
    found = different(before, now)
    certain = listed([*net(error.done), *(one.step for one in error.left if not one.may_arrive)])
    late = late_keys(one.step for one in error.left if one.may_arrive)
    possible = certain | listed(error.done) | late_keys(one.step for one in error.left)
    assert found <= possible, f"not listed: {sorted(found - possible)}\n{error}"
    unchanged = {key for key in certain - found - late if key[1] != "content"}
    assert not unchanged, f"listed, but as before: {sorted(unchanged)}\n{error}"
    if error.as_before:
        assert not found
        assert "both servers are as before" in str(error)
    else:
        assert "both servers are as before" not in str(error)


def with_parent(step: Step) -> bool:
    return step.undo is Undo.WITH_PARENT


FAULTS = ("refused", "dropped", "done", "late", "unreachable")


def plant(lab: Lab, fault: str, late: int = 3) -> Callable[[str, str], None]:
    """Return what plants a fault in the next call."""

    def act(server: str, method: str) -> None:
        match fault:
            case "refused":
                lab.fail(server, method, 5)
            case "dropped":
                lab.drop(server, method, carried_out=False)
            case "done":
                lab.drop(server, method, carried_out=True)
            case "late":
                lab.drop(server, method, carried_out="later", calls=late)
            case "unreachable":
                lab.fail(server, None, 1722, every=True)

    return act


def dangers(picture: Picture) -> set[str]:
    """Return the scopes that are enabled on both servers and in failover on one."""
    found = set()
    for scope in map(str, EVERY):
        enabled = [picture.get((host, "scope-state", scope)) == ScopeState.ENABLED for host in SERVERS.values()]
        members = [(host, "member", NAME, scope) in picture for host in SERVERS.values()]
        if all(enabled) and members[0] != members[1]:
            found.add(scope)
    return found
