"""Code as a user writes it, with the types it should have. tools/check.py checks it; it is never run."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import assert_type

import dhcpfo
from dhcpfo import Addresses, AddressStatus, FailoverClient, FailoverMode, FailoverState, Relationship, Server
from dhcpfo.api import ManagementApi
from dhcpfo.enums import AttributeId
from dhcpfo.errors import NotNormalError, RelationshipNotFoundError
from dhcpfo.models import DhcpClass, Page, ServerVersion
from dhcpfo.rpc import Account, Credentials, RpcApi, RpcServer
from dhcpfo.simulator import Lab


def read(server: Server) -> None:
    """Look at everything."""
    relationship = server.get_relationship("hq-branch")
    assert_type(relationship, Relationship)
    assert_type(relationship.scopes, Addresses)
    assert_type(relationship.scopes[0], IPv4Address)
    assert_type(relationship.scopes[:2], Addresses)
    assert_type(relationship.state_switch_interval, timedelta | None)
    assert_type(server.relationships(), list[Relationship])
    assert_type(server.get_address_status("10.0.0.1"), AddressStatus)
    assert_type(server.get_failover_client(name="printer"), FailoverClient)
    assert_type(server.get_failover_client(client_id=b"\x0a\x1b", scope="10.0.0.0").hardware_address, bytes)
    assert_type(server.get_scope_statistics(IPv4Address("10.0.0.0")).addresses_free, int)
    assert_type(server.get_system_time().max_allowed_difference, timedelta | None)
    assert_type(server.get_version() >= ServerVersion(6, 2), bool)
    assert_type(server.get_attributes(AttributeId.IS_ADMINISTRATOR), dict[AttributeId, bool | int])


def change(server: Server) -> None:
    """Change everything."""
    relationship = Relationship(
        name="hq-branch",
        primary_server="192.0.2.1",
        secondary_server=IPv4Address("192.0.2.2"),
        mode=FailoverMode.HOT_STANDBY,
        scopes=["10.0.0.0"],
        shared_secret="secret",
    )
    server.create_relationship(replace(relationship, mclt=timedelta(hours=2)))
    assert_type(relationship.replace(scopes=["10.0.0.0"], primary_server="192.0.2.9", shared_secret=b"x"), Relationship)
    relationship.replace(scopes=7)  # type: ignore[arg-type]
    relationship.replace(colour="red")  # type: ignore[call-arg]
    assert_type(ServerVersion(10, 0).replace(minor=1), ServerVersion)
    server.set_relationship("hq-branch", state=FailoverState.PARTNER_DOWN, state_switch_interval=None)
    server.set_relationship("hq-branch", mclt=3600)  # type: ignore[arg-type]
    server.add_failover_scopes("hq-branch", ["10.0.1.0", IPv4Address("10.0.2.0")])
    try:
        server.remove_failover_scopes("hq-branch", relationship.scopes)
    except NotNormalError as error:
        assert_type(error.retryable, bool)
        assert_type(error.winerror, int)
    except RelationshipNotFoundError as error:
        assert_type(error.relationship, str | None)
        assert_type(error.held_by, dict[IPv4Address, str])


def routes(api: ManagementApi) -> list[Server]:
    """Get a server in every way."""
    with dhcpfo.connect("dhcp1") as server:
        assert_type(server, Server)
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        return [dhcpfo.connect(), dhcpfo.connect(IPv4Address("192.0.2.1")), lab.connect("dhcp1"), Server(api)]


def network(server: Server) -> ManagementApi:
    """The same over TCP, from both ends."""
    given = Credentials("LAB\\alice", "Swordfish-1", ntlm=True)
    assert_type(dhcpfo.connect("192.0.2.1", credentials=given, route="rpc", port=49152), Server)
    dhcpfo.connect("192.0.2.1", route="smoke")  # type: ignore[arg-type]
    Credentials("alice", "x", mechanism="basic")  # type: ignore[arg-type]
    with RpcApi("dhcp1", address="127.0.0.1", credentials=given, timeout=5) as api:
        assert_type(api, RpcApi)
        assert_type(api.get_relationship("hq-branch"), Relationship)
        assert_type(api.enum_relationships(preferred_maximum=1000), Page[Relationship])
        assert_type(api.get_class(DhcpClass(name="Phones", data=b"p")).data, bytes)
        api.get_relationship(7)  # type: ignore[arg-type]
        api.get_relationships()  # type: ignore[attr-defined]
        with RpcServer(api, accounts={"alice": Account("x", "read")}, keytab="dhcp1.keytab") as listening:
            assert_type(listening.port, int)
        Server(api).close()
    return RpcApi("dhcp1")


def native() -> ManagementApi:
    """The compiled route offers the protocol."""
    from dhcpfo._dhcpsapi import NativeApi

    return NativeApi("dhcp1")
