"""How clients get addresses, and how two partners keep each other's client records."""

import zlib
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Address

from ..enums import ClientType, FailoverMode, FailoverState, LeaseState, ServerType
from ..models import FailoverClient, HostInfo, Relationship, unique_client_id
from .scopes import Scope
from .state import Endpoint, Host, LabState, Power

__all__ = ["exchange", "lease", "release"]

ALONE = frozenset(
    {
        FailoverState.COMMUNICATION_INTERRUPTED,
        FailoverState.PARTNER_DOWN,
        FailoverState.RESOLUTION_INTERRUPTED,
        FailoverState.CONFLICT_DONE,
    }
)
"""The states, besides NORMAL, in which a server answers clients; in them it answers every client."""


def whole_seconds(time: datetime) -> datetime:
    """A record's times travel as whole seconds."""
    return time.replace(microsecond=0)


def prefers(relationship: Relationship, client_id: bytes) -> ServerType:
    """Which of two servers in NORMAL answers this client first."""
    if relationship.mode == FailoverMode.HOT_STANDBY:
        return ServerType.PRIMARY
    bucket = zlib.crc32(client_id) % 100
    return ServerType.PRIMARY if bucket < relationship.percentage else ServerType.SECONDARY


def _offer(lab: LabState, host: Host, scope: Scope, client_id: bytes, now: datetime) -> IPv4Address | None:
    """Return the address that this server would give the client, or None for no answer."""
    end = host.endpoint_of_scope(scope.network.network_address)
    local = now + host.clock_offset
    if end is not None and end.state != FailoverState.NORMAL and end.state not in ALONE:
        return None
    reserved = next((address for address, kept_for in scope.reservations.items() if kept_for == client_id), None)
    if reserved is not None:
        return reserved
    grace = lab.grace(host, end)
    unique = unique_client_id(scope.network.network_address, client_id)
    leasable = scope.leasable()
    for number, client in scope.in_use(local, grace).items():
        if client.client_id == unique and any(first <= number <= last for first, last in leasable):
            return client.address
    if end is None:
        runs = scope.free(local)
    else:
        runs = scope.free_of(end.role, local, grace)
        if end.state == FailoverState.PARTNER_DOWN and now >= end.entered + end.relationship.mclt:
            runs = sorted(runs + scope.free_of(ServerType(1 - end.role), local, grace))
    for address, client in scope.clients.items():  # rather the address that it had than another
        if client.client_id == unique and any(first <= int(address) <= last for first, last in runs):
            return address
    return IPv4Address(runs[0][0]) if runs else None


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
        # A lease may outlast what the partner knows of by no more than the MCLT.
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
        lease_expires=None if address in scope.reservations else time + length,
        owner=HostInfo(address=host.address, netbios_name=host.name.partition(".")[0].upper()),
        client_type=ClientType.RESERVATION if address in scope.reservations else ClientType.DHCP,
        potential_expiration_sent=time + scope.lease_time if end is not None else None,
        # What both have spoken of stays so until they speak again.
        potential_expiration_acknowledged=same.potential_expiration_acknowledged if same is not None else None,
        potential_expiration_received=same.potential_expiration_received if same is not None else None,
        start_time=same.start_time if same is not None else time,
        last_transaction=time,
        policy_name=same.policy_name if same is not None else None,
    )
    _forget(scope, unique)
    scope.clients[address] = record
    _share(lab, host, scope, address, now)
    return scope.clients[address]


def _forget(scope: Scope, client_id: bytes) -> None:
    """Make room for a new record of a client, which has one in a scope."""
    for address, client in list(scope.clients.items()):
        if client.client_id == client_id:
            del scope.clients[address]


def lease(
    lab: LabState, scope: IPv4Address, client_id: bytes, name: str | None, only: Host | None, now: datetime
) -> FailoverClient | None:
    """Let a client ask for an address, or renew; return its record, or None when no server answers.

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
                continue  # the standby keeps silent
            answers.append((1, host, here, address))  # answers a client that has waited in vain for the other
        else:
            answers.append((0, host, here, address))
    if not answers:
        return None
    _, host, here, address = min(answers, key=lambda answer: answer[0])
    return _grant(lab, host, here, address, client_id, name, now)


def release(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Let a client give its address back; its record stays, as doomed."""
    time = whole_seconds(now + host.clock_offset)
    scope.clients[address] = replace(
        scope.clients[address], lease_expires=time, address_state=LeaseState.DOOMED, last_transaction=time
    )
    _share(lab, host, scope, address, now)


def _share(lab: LabState, host: Host, scope: Scope, address: IPv4Address, now: datetime) -> None:
    """Tell the partner of a client's new record, where there is contact and both have the scope in common."""
    subnet = scope.network.network_address
    end = host.endpoint_of_scope(subnet)
    found = lab.in_contact(host, end) if end is not None else None
    if found is not None:
        other, counterpart = found
        if subnet in counterpart.relationship.scopes and subnet in other.scopes:
            _send(scope, address, other.scopes[subnet], other, now)


def exchange(one: tuple[Host, Endpoint], other: tuple[Host, Endpoint], now: datetime) -> None:
    """Bring the client records of two partners in contact to the newer of each; the primary wins a tie."""
    (primary, its), (secondary, theirs) = sorted((one, other), key=lambda side: side[1].role)
    for subnet in its.relationship.scopes:
        ours, others = primary.scopes.get(subnet), secondary.scopes.get(subnet)
        if ours is None or others is None or subnet not in theirs.relationship.scopes:
            continue
        _drop_moved(others, ours, keep_equal=False)
        _drop_moved(ours, others, keep_equal=True)
        for address in sorted(ours.clients.keys() | others.clients.keys()):
            here, there = ours.clients.get(address), others.clients.get(address)
            if _told(here) == _told(there):
                continue
            if _transaction(here) >= _transaction(there):
                _send(ours, address, others, secondary, now)
            else:
                _send(others, address, ours, primary, now)


def _drop_moved(scope: Scope, other: Scope, *, keep_equal: bool) -> None:
    """Drop the records of clients that have since got another address from the other server."""
    newer = {client.client_id: client for client in other.clients.values()}
    for address, client in list(scope.clients.items()):
        rival = newer.get(client.client_id)
        if rival is None or rival.address == address:
            continue
        age = _transaction(rival) - _transaction(client)
        if age > 0 or (age == 0 and not keep_equal):
            del scope.clients[address]


def _told(client: FailoverClient | None) -> FailoverClient | None:
    """The part of a record that is the same on both servers once they have told each other."""
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
    """Carry one record over, and acknowledge it."""
    record = source.clients[address]
    _forget(target, record.client_id)
    target.clients[address] = replace(
        record,
        potential_expiration_sent=None,
        potential_expiration_acknowledged=None,
        potential_expiration_received=record.potential_expiration_sent,
        last_binding_update=whole_seconds(now + receiver.clock_offset),
    )
    source.clients[address] = replace(record, potential_expiration_acknowledged=record.potential_expiration_sent)
