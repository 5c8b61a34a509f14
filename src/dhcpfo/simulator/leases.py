"""How clients get addresses, and how two partners keep each other's client records."""

import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address

from ..enums import ClientType, FailoverMode, FailoverState, LeaseState, ServerType
from ..limits import NEVER
from ..limits import UNIX_END as LAST_TIME
from ..models import FailoverClient, HostInfo, Relationship, unique_client_id
from .clients import Run, in_use
from .network import in_contact
from .scopes import Scope
from .state import Endpoint, Host, LabState, Power

__all__ = ["exchange", "grace_time", "lease", "release"]

SERVING_ALL = frozenset(
    {
        FailoverState.COMMUNICATION_INTERRUPTED,
        FailoverState.PARTNER_DOWN,
        FailoverState.RESOLUTION_INTERRUPTED,
        FailoverState.CONFLICT_DONE,
    }
)
"""The states, besides NORMAL, in which a server answers clients; in them it answers every client."""


INFINITE = timedelta(seconds=NEVER)
"""The lease time that means a lease without end."""


def whole_seconds(time: datetime) -> datetime:
    """Return a time without its fraction, which a record cannot hold."""
    return time.replace(microsecond=0)


def prefers(relationship: Relationship, client_id: bytes) -> ServerType:
    """Return which of two servers in NORMAL answers this client first."""
    if relationship.mode == FailoverMode.HOT_STANDBY:
        return ServerType.PRIMARY
    bucket = zlib.crc32(client_id) % 100
    return ServerType.PRIMARY if bucket < relationship.percentage else ServerType.SECONDARY


def grace_time(lab: LabState, host: Host, end: Endpoint | None) -> timedelta | None:
    """Return how much longer than it knows of a server must assume leases to last; see `clients.in_use`."""
    return None if end is None or in_contact(lab, host, end) else end.relationship.mclt


def _offer(lab: LabState, host: Host, scope: Scope, client_id: bytes, now: datetime) -> IPv4Address | None:
    """Return the address that this server would give the client, or None for no answer."""
    if not scope.properties.enabled:
        return None
    end = host.endpoint_of_scope(scope.network.network_address)
    local = now + host.clock_offset
    if end is not None and end.state != FailoverState.NORMAL and end.state not in SERVING_ALL:
        return None
    reserved = next((address for address, owner in scope.reservations.items() if owner == client_id), None)
    if reserved is not None:
        return reserved
    grace = grace_time(lab, host, end)
    leasable = scope.leasable()
    records = scope.clients.of_client(unique_client_id(scope.network.network_address, client_id))
    for client in records:
        if in_use(client, local, grace) and _contain(leasable, client.address):
            return client.address
    runs = leasable if end is None else scope.part_of(end.role, leasable)
    if end is not None and end.state == FailoverState.PARTNER_DOWN and now >= end.entered + end.relationship.mclt:
        runs = leasable  # the partner's part, too
    for client in records:  # prefer the client's previous address
        if not in_use(client, local, grace) and _contain(runs, client.address):
            return client.address
    return scope.clients.first_free(runs, local, grace)


def _contain(runs: list[Run], address: IPv4Address) -> bool:
    return any(first <= int(address) <= last for first, last in runs)


def _grant(
    lab: LabState, host: Host, scope: Scope, address: IPv4Address, client_id: bytes, name: str | None, now: datetime
) -> FailoverClient:
    end = host.endpoint_of_scope(scope.network.network_address)
    time = whole_seconds(now + host.clock_offset)
    unique = unique_client_id(scope.network.network_address, client_id)
    before = scope.clients.get(address)
    same = before if before is not None and before.client_id == unique else None
    length = scope.lease_time
    if end is not None:
        # A lease may end at most an MCLT after the time that the partner knows of.
        known = [time]
        if same is not None:
            known += filter(None, (same.potential_expiration_acknowledged, same.potential_expiration_received))
        length = min(length, max(known) - time + end.relationship.mclt)
    record = FailoverClient(
        address=address,
        subnet_mask=scope.network.netmask,
        client_id=unique,
        name=name if name is not None or same is None else same.name,
        comment=same.comment if same is not None else None,
        lease_expires=None if address in scope.reservations or length == INFINITE else time + length,
        owner=HostInfo(address=host.address, netbios_name=host.name.partition(".")[0].upper()),
        client_type=ClientType.RESERVATION if address in scope.reservations else ClientType.DHCP,
        potential_expiration_sent=min(time + scope.lease_time, LAST_TIME) if end is not None else None,
        # Acknowledged times stay valid until the next exchange.
        potential_expiration_acknowledged=same.potential_expiration_acknowledged if same is not None else None,
        potential_expiration_received=same.potential_expiration_received if same is not None else None,
        start_time=same.start_time if same is not None else time,
        last_transaction=time,
        policy_name=same.policy_name if same is not None else None,
    )
    scope.clients.forget_client(unique)
    scope.clients[address] = record
    _share(lab, host, scope, address, now)
    return scope.clients[address]


def lease(
    lab: LabState, scope: IPv4Address, client_id: bytes, name: str | None, only: Host | None, now: datetime
) -> FailoverClient | None:
    """Request or renew a client's lease; return its record, or None if no server answers.

    Args:
        lab: The lab.
        scope: The scope that the client is in.
        client_id: The client identifier.
        name: The client's host name, or None.
        only: The one server that the client reaches; None is all.
        now: The lab's time.
    """
    hosts = [host for host in lab.hosts.values() if host.power is Power.RUNNING and only in (None, host)]
    answers: list[tuple[int, Host, Scope, IPv4Address]] = []
    for host in hosts:
        here = host.scopes.get(scope)
        address = _offer(lab, host, here, client_id, now) if here is not None else None
        if here is None or address is None:
            continue
        end = host.endpoint_of_scope(scope)
        shares = end is not None and end.state == FailoverState.NORMAL
        if end is not None and shares and end.role != prefers(end.relationship, client_id):
            if end.relationship.mode == FailoverMode.HOT_STANDBY:
                continue  # the standby does not answer
            answers.append((1, host, here, address))  # for a client that retried without an answer from the other
        else:
            answers.append((0, host, here, address))
    if not answers:
        return None
    _, host, here, address = min(answers, key=lambda answer: answer[0])
    return _grant(lab, host, here, address, client_id, name, now)


def release(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Release a client's lease; the record is kept and marked as doomed."""
    time = whole_seconds(now + host.clock_offset)
    scope.clients[address] = replace(
        scope.clients[address], lease_expires=time, address_state=LeaseState.DOOMED, last_transaction=time
    )
    _share(lab, host, scope, address, now)


def _share(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Send a client's new record to the partner, if there is contact and both servers have the scope."""
    subnet = scope.network.network_address
    end = host.endpoint_of_scope(subnet)
    side = in_contact(lab, host, end) if end is not None else None
    if side is not None:
        other, counterpart = side
        if subnet in counterpart.relationship.scopes and subnet in other.scopes:
            _send(scope, address, other.scopes[subnet], other, now)


def exchange(one: tuple[Host, Endpoint], other: tuple[Host, Endpoint], now: datetime) -> None:
    """Copy the newer client records of two partners in contact to the other one; on a tie the primary's stay."""
    (primary, its), (secondary, theirs) = sorted((one, other), key=lambda side: side[1].role)
    for subnet in its.relationship.scopes:
        ours, others = primary.scopes.get(subnet), secondary.scopes.get(subnet)
        if ours is None or others is None or subnet not in theirs.relationship.scopes:
            continue
        _drop_moved(others, ours, keep_equal=False)
        _drop_moved(ours, others, keep_equal=True)
        for address in sorted(ours.clients.keys() | others.clients.keys()):
            here, there = ours.clients.get(address), others.clients.get(address)
            if _shared_part(here) == _shared_part(there):
                continue
            if _transaction(here) >= _transaction(there):
                _send(ours, address, others, secondary, now)
            else:
                _send(others, address, ours, primary, now)


def _drop_moved(scope: Scope, other: Scope, *, keep_equal: bool) -> None:
    """Delete the records of clients that have since got another address from the other server."""
    newer = {client.client_id: client for client in other.clients.values()}
    for address, client in list(scope.clients.items()):
        rival = newer.get(client.client_id)
        if rival is None or rival.address == address:
            continue
        age = _transaction(rival) - _transaction(client)
        if age > 0 or (age == 0 and not keep_equal):
            del scope.clients[address]


def _shared_part(client: FailoverClient | None) -> FailoverClient | None:
    """Return the part of a record that is the same on both servers after an exchange."""
    if client is None:
        return None
    return replace(
        client,
        potential_expiration_sent=None,
        potential_expiration_acknowledged=None,
        potential_expiration_received=None,
        last_binding_update=None,
    )


def _transaction(client: FailoverClient | None) -> float:
    if client is None:
        return -1.0
    return client.last_transaction.timestamp() if client.last_transaction is not None else 0.0


def _send(source: Scope, address: IPv4Address, target: Scope, receiver: Host, now: datetime) -> None:
    """Copy one record to the partner, which acknowledges it."""
    record = source.clients[address]
    target.clients.forget_client(record.client_id)
    target.clients[address] = replace(
        record,
        potential_expiration_sent=None,
        potential_expiration_acknowledged=None,
        potential_expiration_received=record.potential_expiration_sent,
        last_binding_update=whole_seconds(now + receiver.clock_offset),
    )
    source.clients[address] = replace(record, potential_expiration_acknowledged=record.potential_expiration_sent)
