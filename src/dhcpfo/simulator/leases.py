"""How clients get addresses, and how two partners keep each other's client records."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import chain
from operator import attrgetter

from ..enums import ClientType, FailoverMode, FailoverState, LeaseState, ServerType
from ..limits import NEVER
from ..limits import UNIX_END as LAST_TIME
from ..models import FailoverClient, HostInfo, Relationship, unique_client_id
from .clients import Hold
from .clock import EPOCH
from .load_balance import bucket
from .matching import Applying, Request, RequestKind, applying, choices, lease_time_of
from .network import in_contact
from .runs import Run, common
from .scopes import Scope
from .state import Endpoint, Host, LabState, Power

__all__ = ["clean_up", "exchange", "hold_of", "lease", "next_clean_up", "release"]

SERVING_ALL = frozenset(
    {
        FailoverState.COMMUNICATION_INTERRUPTED,
        FailoverState.PARTNER_DOWN,
        FailoverState.RESOLUTION_INTERRUPTED,
        FailoverState.CONFLICT_DONE,
    }
)
"""The states, besides NORMAL, in which a server answers clients; in them it answers every client."""


FAR = datetime.max.replace(tzinfo=UTC)

INFINITE = timedelta(seconds=NEVER)
"""The lease time that means a lease without end."""


def whole_seconds(time: datetime) -> datetime:
    """Return a time without its fraction, which a record cannot hold."""
    return time.replace(microsecond=0)


def prefers(relationship: Relationship, client_id: bytes) -> ServerType:
    """Return which of two servers in NORMAL answers this client first."""
    if relationship.mode == FailoverMode.HOT_STANDBY:
        return ServerType.PRIMARY
    return ServerType.PRIMARY if bucket(client_id) * 100 < relationship.percentage * 256 else ServerType.SECONDARY


def hold_of(lab: LabState, host: Host, end: Endpoint | None) -> Hold:
    """Return how a server decides which records keep their address, in its relationship or outside failover."""
    if end is None or in_contact(lab, host, end):
        return Hold(grace=lab.timers.grace)
    if end.state != FailoverState.PARTNER_DOWN:
        return Hold(alone=True)
    return Hold(alone=True, partner_down=end.entered + host.clock_offset, mclt=end.relationship.mclt)


def _offer(lab: LabState, host: Host, scope: Scope, request: Request, now: datetime) -> IPv4Address | None:
    """Return the address that this server would give the client, or None for no answer."""
    client_id, switches = request.client_id, lab.switches
    reserved = next((address for address, owner in scope.reservations.items() if owner == client_id), None)
    filtered = reserved is None or switches.filters_bind_reserved_clients
    denied = filtered and not host.filters.admits(client_id, deny_wins=switches.deny_filters_win)
    if not scope.properties.enabled or denied:
        return None
    end = host.endpoint_of_scope(scope.network.network_address)
    local = now + host.clock_offset
    records = scope.clients.of_client(unique_client_id(scope.network.network_address, client_id))
    if end is not None and end.state != FailoverState.NORMAL and end.state not in SERVING_ALL:
        renews = end.state == FailoverState.RECOVER_DONE and any(_can_renew(end, client, local) for client in records)
        if not renews or request.kind == RequestKind.DISCOVER:
            return None
    if reserved is not None:
        return reserved
    hold = hold_of(lab, host, end)
    for client in records:  # also where a policy would now give it another one
        if hold.keeps(client, local) and _contain(scope.leasable(), client.address):
            return client.address
    everything = choices(scope, applying(host, scope, request, switches), switches)
    parts = everything
    partner_is_down = end is not None and end.state == FailoverState.PARTNER_DOWN
    if end is not None and not (partner_is_down and now >= end.entered + end.relationship.mclt):
        parts = [scope.part_of(end.role, runs) for runs in everything]
    for runs, whole in zip(parts, everything, strict=True):
        for client in records:  # prefer the client's previous address; in contact the partner cannot give it away
            if _contain(runs if hold.alone else whole, client.address):
                return client.address
        free = scope.clients.first_free(runs, local, hold)
        if free is not None:
            return free
    balanced = end is not None and end.relationship.mode == FailoverMode.LOAD_BALANCE
    interrupted = end is not None and end.state == FailoverState.COMMUNICATION_INTERRUPTED
    if balanced and interrupted and switches.partner_addresses_when_interrupted:
        offers = (scope.clients.first_free(runs, local, hold) for runs in everything)
        return next((address for address in offers if address is not None), None)
    return None


def _can_renew(end: Endpoint, client: FailoverClient, local: datetime) -> bool:
    """Return whether a server that may only renew can do so: up to an MCLT after the time that its partner knows of."""
    end_of_lease = client.lease_expires
    active = client.lease_state != LeaseState.DOOMED and end_of_lease is not None and end_of_lease > local
    return active and _known(client, local) + end.relationship.mclt > local


def _known(client: FailoverClient | None, default: datetime) -> datetime:
    """Return the latest time that both servers have exchanged for a lease, or ``default`` if there is none."""
    if client is None:
        return default
    exchanged = (client.potential_expiration_acknowledged, client.potential_expiration_received)
    return max(filter(None, exchanged), default=default)


def _contain(runs: list[Run], address: IPv4Address) -> bool:
    return any(first <= int(address) <= last for first, last in runs)


def _grant(
    lab: LabState, host: Host, scope: Scope, address: IPv4Address, request: Request, now: datetime
) -> FailoverClient:
    end = host.endpoint_of_scope(scope.network.network_address)
    time, name = whole_seconds(now + host.clock_offset), request.name
    unique = unique_client_id(scope.network.network_address, request.client_id)
    before = scope.clients.get(address)
    same = before if before is not None and before.client_id == unique else None
    policies = applying(host, scope, request, lab.switches)
    desired = lease_time_of(scope, policies)
    length = desired if end is None else _length(lab, desired, end, same, time)
    record = FailoverClient(
        address=address,
        subnet_mask=scope.network.netmask,
        client_id=unique,
        name=name if name is not None or same is None else same.name,
        comment=same.comment if same is not None else None,
        lease_expires=None if address in scope.reservations or length == INFINITE else time + length,
        owner=HostInfo(address=host.address, netbios_name=host.name.partition(".")[0].upper()),
        client_type=ClientType.RESERVATION if address in scope.reservations else ClientType.DHCP,
        # At the next renewal, half-way, this still covers the full time.
        potential_expiration_sent=None if end is None else min(whole_seconds(time + desired + length / 2), LAST_TIME),
        # Acknowledged times stay valid until the next exchange.
        potential_expiration_acknowledged=same.potential_expiration_acknowledged if same is not None else None,
        potential_expiration_received=same.potential_expiration_received if same is not None else None,
        start_time=same.start_time if same is not None else time,
        last_transaction=time,
        policy_name=_policy_of(address, policies),
    )
    scope.clients.forget_client(unique)
    scope.clients[address] = record
    scope.gave(address)
    lab.touch(host)
    _share(lab, host, scope, address, now)
    return scope.clients[address]


def _policy_of(address: IPv4Address, policies: Applying) -> str | None:
    """Return the policy that gave an address: the first with a range that contains it, or the first of all."""
    with_range = (policy.name for policy, _ in policies if any(address in span for span in policy.ranges))
    without = (policy.name for policy, _ in policies if not policy.ranges)
    return next(chain(with_range, without), None)


def _length(
    lab: LabState, desired: timedelta, end: Endpoint, before: FailoverClient | None, time: datetime
) -> timedelta:
    """Return how long a lease in failover may last: an MCLT after the time that the partner knows of, at most."""
    known, mclt = _known(before, time), end.relationship.mclt
    if end.state == FailoverState.RECOVER_DONE:
        return min(desired, mclt, known + mclt - time)
    if end.contact_since is None and lab.switches.alone_leases_last_mclt:
        return min(desired, mclt)
    return min(desired, max(known, time) - time + mclt)


def lease(
    lab: LabState, scope: IPv4Address, request: Request, only: Host | None, now: datetime
) -> FailoverClient | None:
    """Request or renew a client's lease; return its record, or None if no server answers.

    Args:
        lab: The lab.
        scope: The scope that the client is in.
        request: What the client sends.
        only: The one server that the client reaches; None is all.
        now: The lab's time.
    """
    hosts = [host for host in lab.hosts.values() if host.power is Power.RUNNING and only in (None, host)]
    giver = _giver(lab, scope, request.client_id) if request.kind == RequestKind.RENEW else None
    answers: list[tuple[int, Host, Scope, IPv4Address]] = []
    for host in hosts:
        here = host.scopes.get(scope)
        address = _offer(lab, host, here, request, now) if here is not None else None
        if here is None or address is None:
            continue
        leased = _unexpired(here, request.client_id, now + host.clock_offset)
        renews = any(record.address == address for record in leased)
        if request.renews and not (renews and giver in (None, host.address)):
            continue
        end = host.endpoint_of_scope(scope)
        shares = end is not None and end.state == FailoverState.NORMAL
        if end is not None and shares and end.role != prefers(end.relationship, request.client_id):
            if end.relationship.mode == FailoverMode.HOT_STANDBY:
                if not (renews and request.kind != RequestKind.DISCOVER and lab.switches.standby_renews_in_normal):
                    continue
            elif not lab.switches.unselected_server_answers:
                continue
            answers.append((1, host, here, address))  # for a client that retried without an answer from the other
        else:
            answers.append((0, host, here, address))
    if not answers:
        return None
    _, host, here, address = min(answers, key=lambda answer: answer[0])
    return _grant(lab, host, here, address, request, now)


def _giver(lab: LabState, scope: IPv4Address, client_id: bytes) -> IPv4Address | None:
    """Return the server that gave a client its lease, as the client remembers it."""
    unique = unique_client_id(scope, client_id)
    copies = (host.scopes[scope] for host in lab.hosts.values() if scope in host.scopes)
    records = [record for copy in copies for record in copy.clients.of_client(unique)]
    return max(records, key=_age).owner.address if records else None


def _unexpired(scope: Scope, client_id: bytes, local: datetime) -> list[FailoverClient]:
    records = scope.clients.of_client(unique_client_id(scope.network.network_address, client_id))
    return [record for record in records if Hold().keeps(record, local)]


def release(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Release a client's lease; the record is kept and marked as doomed."""
    time = whole_seconds(now + host.clock_offset)
    scope.clients[address] = replace(
        scope.clients[address], lease_expires=time, address_state=LeaseState.DOOMED, last_transaction=time
    )
    _share(lab, host, scope, address, now)


def next_clean_up(lab: LabState, host: Host) -> datetime | None:
    """Return when the next clean-up of a server's records will change one, or None."""
    timers, alone = lab.timers, _scopes_without_contact(lab, host)
    tables = [scope.clients for subnet, scope in host.scopes.items() if not alone or subnet not in alone]
    ends = [table.next_ends() for table in tables]  # fast: a server can have hundreds of scopes
    active, released = [one for one, _ in ends if one is not None], [two for _, two in ends if two is not None]
    firsts = (
        (min(active, default=LAST_TIME), timers.grace),
        (min(released, default=LAST_TIME), timers.grace + timers.cleanup),
    )
    due = [end + kept - host.clock_offset for end, kept in firsts if end < LAST_TIME]
    if not due:
        return None
    time = EPOCH - (EPOCH - min(due)) // timers.cleanup * timers.cleanup  # rounded up
    if host.cleaned is None or time > host.cleaned:
        return time
    return EPOCH + ((host.cleaned - EPOCH) // timers.cleanup + 1) * timers.cleanup


def clean_up(lab: LabState, host: Host, now: datetime) -> None:
    """Doom the records of leases that ended `Timers.grace` ago, and delete those doomed before; tell the partner."""
    timers, local = lab.timers, now + host.clock_offset
    alone = _scopes_without_contact(lab, host)
    for subnet, scope in host.scopes.items():
        active, released = scope.clients.next_ends()
        due = (active or FAR) <= local - timers.grace or (released or FAR) <= local - timers.grace - timers.cleanup
        if subnet in alone or not due:
            continue
        copy = _partners_scope(lab, host, subnet)
        tables = [scope.clients] if copy is None else [scope.clients, copy[1].clients]
        for record in scope.clients.ended_by(local - timers.grace - timers.cleanup, released=True):
            for table in tables:
                if _same_lease(table.get(record.address), record):
                    del table[record.address]
        for record in scope.clients.ended_by(local - timers.grace, released=False):
            for table in tables:
                known = table.get(record.address)
                if known is not None and _same_lease(known, record):
                    table[record.address] = replace(known, address_state=LeaseState.DOOMED)


def _same_lease(known: FailoverClient | None, record: FailoverClient) -> bool:
    return known is not None and (known.client_id, known.lease_expires, known.address_state) == (
        record.client_id,
        record.lease_expires,
        record.address_state,
    )


def _scopes_without_contact(lab: LabState, host: Host) -> frozenset[IPv4Address]:
    alone = (end.relationship.scopes for end in host.endpoints if in_contact(lab, host, end) is None)
    return frozenset().union(*alone)


def _partners_scope(lab: LabState, host: Host, subnet: IPv4Address) -> tuple[Host, Scope] | None:
    """Return the partner and its copy of a scope, if there is contact and both servers share the scope."""
    end = host.endpoint_of_scope(subnet)
    side = in_contact(lab, host, end) if end is not None else None
    if side is None:
        return None
    other, counterpart = side
    if subnet not in counterpart.relationship.scopes or subnet not in other.scopes:
        return None
    return other, other.scopes[subnet]


def _share(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Send a client's new record to the partner, if there is contact; otherwise the next `exchange` does."""
    copy = _partners_scope(lab, host, scope.network.network_address)
    if copy is not None:
        copy[1].clients.forget_client(scope.clients[address].client_id)
        copy[1].gave(address)
        _send(scope, address, copy[1], copy[0], now)


def exchange(lab: LabState, one: tuple[Host, Endpoint], other: tuple[Host, Endpoint], now: datetime) -> None:
    """Copy the newer client records of two partners in contact to the other one.

    Where the times of two clocks do not tell which one is newer, the lease that ends later stays, or the primary's.
    """
    margin = lab.timers.max_clock_difference.total_seconds()
    (primary, its), (secondary, theirs) = sorted((one, other), key=lambda side: side[1].role)
    for subnet in its.relationship.scopes:
        ours, others = primary.scopes.get(subnet), secondary.scopes.get(subnet)
        if ours is None or others is None or subnet not in theirs.relationship.scopes:
            continue
        ours.backup = others.backup = tuple(common(ours.backup, others.backup))
        _drop_moved(others, ours, margin)
        _drop_moved(ours, others, margin)
        for address in sorted(ours.clients.keys() | others.clients.keys()):
            here, there = ours.clients.get(address), others.clients.get(address)
            if _is_same(here, there):
                continue
            if _stays(here, there, margin):
                _send(ours, address, others, secondary, now)
            else:
                _send(others, address, ours, primary, now)


def _stays(here: FailoverClient | None, there: FailoverClient | None, margin: float) -> bool:
    """Return whether the first of two records of an address is the one that both servers keep."""
    age = _transaction(here) - _transaction(there)
    if here is None or there is None or abs(age) > margin:
        return age > 0
    ends = [FAR if record.lease_expires is None else record.lease_expires for record in (here, there)]
    return ends[0] > ends[1] or (ends[0] == ends[1] and age >= 0)


def _drop_moved(scope: Scope, other: Scope, margin: float) -> None:
    """Delete the records of clients that have since got another address from the other server.

    Where the times of two clocks do not tell, a client keeps both addresses.
    """
    for address, client in list(scope.clients.items()):
        rivals = other.clients.of_client(client.client_id)
        rival = max(rivals, key=_age) if len(rivals) > 1 else next(iter(rivals), None)
        if rival is None or rival.address == address:
            continue
        if _transaction(rival) - _transaction(client) > margin:
            del scope.clients[address]


def _age(client: FailoverClient) -> tuple[float, IPv4Address]:
    return _transaction(client), client.address


OF_ONE_SERVER = frozenset(
    {
        "potential_expiration_sent",
        "potential_expiration_acknowledged",
        "potential_expiration_received",
        "last_binding_update",
    }
)
"""The fields of a record in which two servers differ after an exchange."""

_shared_part = attrgetter(*(entry.name for entry in fields(FailoverClient) if entry.name not in OF_ONE_SERVER))


def _is_same(here: FailoverClient | None, there: FailoverClient | None) -> bool:
    """Return whether two records are as after an exchange."""
    if here is None or there is None:
        return here is there
    return bool(_shared_part(here) == _shared_part(there))


def _transaction(client: FailoverClient | None) -> float:
    if client is None:
        return -1.0
    return client.last_transaction.timestamp() if client.last_transaction is not None else 0.0


def _send(source: Scope, address: IPv4Address, target: Scope, receiver: Host, now: datetime) -> None:
    """Copy one record to the partner, which acknowledges it."""
    record = source.clients[address]
    target.clients[address] = replace(
        record,
        potential_expiration_sent=None,
        potential_expiration_acknowledged=None,
        potential_expiration_received=record.potential_expiration_sent,
        last_binding_update=whole_seconds(now + receiver.clock_offset),
    )
    source.clients[address] = replace(record, potential_expiration_acknowledged=record.potential_expiration_sent)
