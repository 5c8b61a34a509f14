"""A call costs the same however many other servers a lab has."""

import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from dhcpfo import Server
from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import MemoryStore
from labs import lines

SCOPE = "10.0.0.0"


def add_pairs(lab: Lab, first: int, last: int) -> None:
    for number in range(first, last):
        lab.add_pair(f"pair{number}", primary=f"a{number}", secondary=f"b{number}", scopes=[f"{SCOPE}/28"], direct=True)


USES: dict[str, Callable[[Lab, Server], object]] = {
    "get": lambda lab, server: server.get_relationship("pair0"),
    "set": lambda lab, server: server.set_relationship("pair0", percentage=60),
    "statistics": lambda lab, server: server.get_scope_statistics(SCOPE),
    "lease": lambda lab, server: lab.lease(SCOPE, b"client", server="a0"),
    "stop": lambda lab, server: lab.stop("b0"),
    "start": lambda lab, server: lab.start("b0"),
    "advance": lambda lab, server: lab.advance(timedelta(seconds=1)),
    "delete": lambda lab, server: server.delete_relationship("pair0"),
}


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage uses the trace function")
def test_a_call_costs_the_same_with_many_servers(lab: Lab) -> None:
    counts: list[dict[str, int]] = [{}, {}]
    for count, pairs in zip(counts, (2, 12), strict=True):
        other = Lab()
        add_pairs(other, 0, pairs)
        server = other.connect("a0", direct=True)
        for name, use in USES.items():
            count[name] = lines(partial(use, other, server))
    for name, few in counts[0].items():
        assert counts[1][name] < few * 1.2, name


def test_servers_are_found_by_what_they_are_called_now(lab: Lab) -> None:
    add_pairs(lab, 0, 2)
    lab.rename_server("a0", "new")
    lab.set_address("b0", "192.0.2.99")
    assert lab.connect("NEW", direct=True).get_relationship("pair0").name == "pair0"
    assert lab.connect("192.0.2.99", direct=True).get_relationship("pair0").name == "pair0"
    for gone in ("a0", "192.0.2.2"):
        with pytest.raises(ValueError, match="no server"):
            lab.connect(gone)
    assert "COMMUNICATION_INTERRUPTED" in lab.explain("pair0")
    lab.set_address("b0", "192.0.2.2")
    lab.settle()


def test_the_agenda_is_what_the_state_says(lab: Lab) -> None:
    """A lab that was saved and read forgets its agenda; both go on alike."""
    add_pairs(lab, 0, 3)
    for number, step in enumerate((lab.stop, lab.power_off, lab.start)):
        lab.lease(SCOPE, bytes([number]), server="a1")
        step("b1")
        copy = Lab.from_dict(lab.to_dict(secrets=True))
        for one in (lab, copy):
            one.advance(timedelta(minutes=17 * number + 1))
            one.cut("a2", "b2")
        assert lab.to_dict()["hosts"] == copy.to_dict()["hosts"]
    for one in (lab, copy):
        one.advance(timedelta(days=2))
    assert lab.to_dict()["hosts"] == copy.to_dict()["hosts"]


def test_the_agenda_is_forgotten_when_a_transaction_is_rolled_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pairs(lab, 0, 1)
    copy = Lab.from_dict(lab.to_dict(secrets=True))

    def fail(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dhcpfo.simulator.transaction._refresh", fail)
        with pytest.raises(KeyboardInterrupt):
            lab.advance(timedelta(minutes=30))
    assert isinstance(lab._transactions.store, MemoryStore)
    assert lab.to_dict()["hosts"] == copy.to_dict()["hosts"]
    for one in (lab, copy):
        one.power_off("b0")
        one.advance(timedelta(hours=3))
    assert lab.to_dict()["hosts"] == copy.to_dict()["hosts"]
