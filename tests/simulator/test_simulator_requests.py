"""What a client asks for, and of whom; and which server connects to the other one."""

from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import FailoverMode, FailoverState
from dhcpfo.simulator import Lab, Switches
from dhcpfo.simulator.leases import prefers

SCOPE = IPv4Address("10.0.0.0")


def client_of(lab: Lab, server: str) -> bytes:
    """A client that the hash gives to a server."""
    relationship = lab.connect(server, direct=True).relationships()[0]
    return next(bytes([n]) for n in range(256) if prefers(relationship, bytes([n])) == relationship.server_type)


def test_a_renewal_goes_to_the_server_that_gave_the_lease(lab: Lab) -> None:
    lab.add_pair("pair", direct=True)
    client = client_of(lab, "dhcp1")
    assert lab.lease(SCOPE, client, request="renew") is None  # it has none
    assert lab.lease(SCOPE, client, request="rebind") is None
    given = lab.lease(SCOPE, client, request="discover")
    assert given is not None
    lab.advance(timedelta(minutes=30))
    renewed = lab.lease(SCOPE, client, request="renew")
    assert renewed is not None
    assert renewed.address == given.address
    assert renewed.lease_expires > given.lease_expires  # type: ignore[operator]
    lab.stop("dhcp1")
    lab.advance(timedelta(minutes=1))
    assert lab.lease(SCOPE, client, request="renew") is None
    bound = lab.lease(SCOPE, client, request="rebind")
    assert bound is not None
    assert (bound.address, bound.owner.address) == (given.address, IPv4Address("192.0.2.2"))
    assert lab.lease(SCOPE, client, request="renew") is not None  # of the other one, from now on


def test_a_lease_that_ended_cannot_be_renewed(lab: Lab) -> None:
    lab.add_pair("pair", direct=True)
    lab.lease(SCOPE, b"\x01")
    lab.advance(timedelta(hours=2))
    for request in ("renew", "rebind"):
        assert lab.lease(SCOPE, b"\x01", request=request) is None
    assert lab.lease(SCOPE, b"\x01") is not None


def test_a_server_in_recover_done_renews_only(lab: Lab) -> None:
    dhcp1, _ = lab.add_pair("pair", direct=True)
    client = client_of(lab, "dhcp1")
    lab.lease(SCOPE, client)
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    dhcp1.set_relationship("pair", state=FailoverState.RECOVER_DONE)
    assert lab.lease(SCOPE, client, server="dhcp1", request="discover") is None
    assert lab.lease(SCOPE, client, server="dhcp1", request="rebind") is not None
    assert lab.lease(SCOPE, client, server="dhcp1", request="renew") is not None


def test_a_standby_that_renews_does_not_offer(lab: Lab) -> None:
    lab.switches = Switches(standby_renews_in_normal=True)
    lab.add_pair("pair", mode=FailoverMode.HOT_STANDBY, direct=True)
    lab.lease(SCOPE, b"\x01")
    assert lab.lease(SCOPE, b"\x01", server="dhcp2", request="discover") is None
    assert lab.lease(SCOPE, b"\x01", server="dhcp2", request="rebind") is not None


def test_other_requests(lab: Lab) -> None:
    lab.add_pair("pair", direct=True)
    with pytest.raises(ValueError, match="request must be one of discover, renew, rebind, got 'inform'"):
        lab.lease(SCOPE, b"\x01", request="inform")
    with pytest.raises(TypeError, match="request must be str, not int"):
        lab.lease(SCOPE, b"\x01", request=1)  # type: ignore[arg-type]


def test_only_the_primary_connects(lab: Lab) -> None:
    """A secondary that starts waits for the primary's next try, at a multiple of its reconnect time."""
    _, dhcp2 = lab.add_pair("pair", direct=True)
    lab.stop("dhcp2")
    lab.advance(timedelta(seconds=130))
    lab.start("dhcp2")
    lab.advance(timedelta(seconds=49))
    assert dhcp2.get_relationship("pair").state is FailoverState.STARTUP
    lab.advance(timedelta(seconds=3))
    assert dhcp2.get_relationship("pair").state is FailoverState.NORMAL


def test_a_primary_that_starts_connects_at_once(lab: Lab) -> None:
    dhcp1, _ = lab.add_pair("pair", direct=True)
    lab.stop("dhcp1")
    lab.advance(timedelta(seconds=130))
    lab.start("dhcp1")
    lab.advance(timedelta(seconds=3))
    assert dhcp1.get_relationship("pair").state is FailoverState.NORMAL
