"""`read_pair`: both servers of a pair as data, whatever one of them does."""

import json
import pickle
import threading
import time
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import FailoverState
from dhcpfo.fleet.look import Servers, read_pair
from dhcpfo.pair import FailoverPair, Side
from dhcpfo.server import Server
from dhcpfo.simulator import Lab, Rights

SECRET = "marker-of-the-secret"
SCOPE = IPv4Address("10.0.0.0")
ONE, OTHER = Side.PRIMARY, Side.SECONDARY


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_pair("hq", shared_secret=SECRET, direct=True)
        lab.add_server("dhcp3", "192.0.2.3")
        yield lab


def pair_of(lab, one="dhcp1", other="dhcp2"):
    return lab.connect_pair(one, other, direct=True)


class Counting:
    """A backend that counts its calls and can hang in them."""

    def __init__(self, api, hang=None):
        self._api, self.calls, self._hang = api, [], hang

    @property
    def server(self):
        return self._api.server

    def __getattr__(self, name):
        call = getattr(self._api, name)

        def carry(*args):
            self.calls.append(name)
            if self._hang is not None:
                self._hang.wait()
            return call(*args)

        return carry


def test_a_sound_pair(lab):
    look = read_pair(pair_of(lab), statistics=True, scopes=True, rights=True, findings=True)
    (hq,) = look.relationships
    assert (look.name, hq.name, hq.normal, hq.attention, look.attention) == ("dhcp1,dhcp2", "hq", True, False, False)
    assert look.complete
    assert not look.findings
    for server in look.servers.values():
        assert server.up
        assert server.administrator
        assert server.offset == timedelta(0)
        assert server.counters[SCOPE].addresses_free > 0
        assert server.statistics[SCOPE].addresses_total == 254
    assert hq.copies[ONE].scopes == (SCOPE,)
    assert hq.copy.role.name == "PRIMARY"
    assert look.clock_difference == timedelta(0)


def test_one_round_of_calls_and_none_twice(lab):
    backends = [Counting(lab.connect(name, direct=True).api) for name in ("dhcp1", "dhcp2")]
    read_pair(Servers(*map(Server, backends)))
    assert [sorted(backend.calls) for backend in backends] == [["enum_relationships", "get_system_time"]] * 2
    for backend in backends:
        backend.calls.clear()
    read_pair(Servers(*map(Server, backends)), statistics=True, scopes=[SCOPE], rights=True, findings=True)
    assert [len(backend.calls) for backend in backends] == [5, 5]


def test_an_unreachable_server_does_not_hide_the_other(lab):
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=5))
    look = read_pair(pair_of(lab), statistics=True, findings=True)
    down, (hq,) = look.servers[OTHER], look.relationships
    assert not down.up
    assert down.error.code == 1722
    assert down.error.function == "DhcpV4FailoverEnumRelationship"
    assert {error.part for error in down.errors} == {"relationships", "clock", "counters"}
    assert (down.counters, down.clock, down.offset, dict(down.statistics)) == (None, None, None, {})
    assert hq.states == {ONE: FailoverState.COMMUNICATION_INTERRUPTED}
    assert hq.unread == {OTHER}
    assert hq.attention
    assert not hq.differences
    assert not look.complete
    assert set(look.findings.codes()) == {"unreachable", "unread"}


def test_a_denied_server_is_unknown_too(lab):
    pair = FailoverPair(lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True, rights=Rights.NONE))
    look = read_pair(pair, findings=True)
    assert look.servers[OTHER].error.name == "ERROR_ACCESS_DENIED"
    assert not look.complete
    assert not look.relationships[0].normal
    assert look.findings.worst == "unknown"
    lab.power_off("dhcp1")
    both = read_pair(pair, findings=True)
    assert both.relationships == ()
    assert not both.complete


def test_differences_of_the_copies(lab):
    dhcp1, dhcp2 = (lab.connect(name, direct=True) for name in ("dhcp1", "dhcp2"))
    dhcp2.set_relationship("hq", percentage=70)
    dhcp1.set_relationship("hq", shared_secret="another " + SECRET)
    dhcp2.remove_failover_scopes("hq", [SCOPE])
    look = read_pair(pair_of(lab), findings=True)
    found = {one.what: (one.primary, one.secondary) for one in look.relationships[0].differences}
    assert found == {"percentage": (50, 70), "shared_secret": (None, None), "scopes": ((SCOPE,), ())}
    assert {"percentage-differs", "secret-differs", "member-one-side"} <= set(look.findings.codes())
    assert look.attention
    dhcp2.delete_relationship("hq")
    (hq,) = read_pair(pair_of(lab)).relationships
    assert [one.what for one in hq.differences] == ["missing"]
    assert list(hq.copies) == [ONE]


def test_relationships_with_other_servers_are_left_out(lab):
    lab.add_pair("branch", primary="dhcp1", secondary="dhcp3", scopes=["10.7.0.0/24"], direct=True)
    look = read_pair(pair_of(lab), findings=True)
    assert [one.name for one in look.relationships] == ["hq"]
    assert look.servers[ONE].others == ("branch",)
    assert "half-relationship" not in look.findings.codes()
    lab.power_off("dhcp2")
    assert [one.name for one in read_pair(pair_of(lab)).relationships] == ["hq"]
    swapped = read_pair(pair_of(lab, "dhcp3", "dhcp1"))
    assert [one.name for one in swapped.relationships] == ["branch"]
    assert swapped.servers[OTHER].others == ("hq",)


def test_an_unreadable_partner_with_an_alias_hides_nothing(lab):
    lab.power_off("dhcp2")

    class Alias(Counting):
        server = "our-second-server"

    pair = Servers(lab.connect("dhcp1", direct=True), Server(Alias(lab.connect("dhcp2", direct=True).api)))
    assert [one.name for one in read_pair(pair).relationships] == ["hq"]


def test_a_call_that_hangs_is_unknown_and_keeps_nobody(lab):
    hang = threading.Event()
    try:
        second = Server(Counting(lab.connect("dhcp2", direct=True).api, hang))
        begun = time.monotonic()
        pair = Servers(lab.connect("dhcp1", direct=True), second, clock=pair_of(lab).clock)
        look = read_pair(pair, findings=True, time_limit=timedelta(milliseconds=300))
        assert time.monotonic() - begun < 30
        assert look.servers[ONE].up
        assert (look.servers[OTHER].error.name, look.servers[OTHER].error.code) == ("TIME_LIMIT", None)
        assert str(look.servers[OTHER].error) == "no answer within 0.3 s"
        assert "half-relationship" not in look.findings.codes()
        assert not look.complete
        assert all(thread.daemon for thread in threading.enumerate() if thread.name == "dhcpfo-read")
    finally:
        hang.set()


def test_an_error_of_the_program_is_raised(lab):
    class Broken(Counting):
        def __getattr__(self, name):
            raise RuntimeError("a fault of the program")

    broken = Broken(lab.connect("dhcp2", direct=True).api)
    with pytest.raises(RuntimeError, match="a fault of the program"):
        read_pair(Servers(lab.connect("dhcp1", direct=True), Server(broken)))


def test_json_and_pickles_without_a_secret(lab):
    lab.connect("dhcp2", direct=True).set_relationship("hq", mclt=timedelta(minutes=30))
    look = read_pair(pair_of(lab), statistics=True, scopes=True, rights=True, findings=True)
    text = json.dumps(look.to_dict())
    assert SECRET not in text
    assert SECRET not in repr(look)
    assert SECRET.encode() not in pickle.dumps(look)
    assert pickle.loads(pickle.dumps(look)).to_dict() == look.to_dict()
    data = json.loads(text)
    assert data["pair"] == "dhcp1,dhcp2"
    hq = data["relationships"][0]
    assert hq["copies"]["primary"]["state"] == "NORMAL"
    assert hq["copies"]["primary"]["mclt"] == 3600
    assert hq["differences"] == [{"what": "mclt", "primary": 3600, "secondary": 1800}]
    assert data["servers"][0]["counters"][str(SCOPE)]["addresses_in_use"] == 0


def test_calls_one_after_the_other(lab):
    one, other = lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)
    look = read_pair(Servers(one, other, calls_at_once=1), name="head office")
    assert look.name == "head office"
    assert look.complete
