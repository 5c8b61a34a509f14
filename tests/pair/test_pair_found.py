"""What the search with `tools/pair_search.py` found, reduced."""

import pytest

from dhcpfo import Server
from dhcpfo.pair import Conflict, PairError, Side
from dhcpfo.simulator import Lab
from pairs import NAME, SCOPES, SERVERS, Writes, check_error, dangers, pair_of, picture, world


def test_adopting_a_half_without_scopes_is_refused_before_the_first_call() -> None:
    """A relationship may lose its last scope, but none can be created without one."""
    lab = world(related="half")
    lab.connect("dhcp1", direct=True).remove_failover_scopes(NAME, SCOPES)
    writes = Writes()
    with pytest.raises(Conflict, match="dhcp1 has no scope in hq, and a half cannot be created without one"):
        pair_of(lab, writes).adopt(NAME, like="dhcp1")
    assert writes.calls == []


def test_deleting_halves_without_scopes_goes_on_instead_of_back() -> None:
    """A half without scopes cannot be created again, so a failure after its deletion leaves it deleted, and says so."""
    lab = world(related=True)
    for server in SERVERS.values():
        lab.connect(server, direct=True).remove_failover_scopes(NAME, SCOPES)
    before = picture(lab)
    with pytest.raises(PairError) as caught:
        pair_of(lab, Writes(2, lambda *_: lab.stop("dhcp1"))).delete(NAME, keep="dhcp1")
    check_error(before, lab, caught.value)
    assert [step.side for step in caught.value.done] == [Side.SECONDARY]
    lab.start("dhcp1")
    pair = pair_of(lab)
    pair.delete(NAME, keep="dhcp1")
    assert not pair.plan.delete(NAME, keep="dhcp1")


def test_undoing_goes_on_after_a_fault_of_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be undone for any reason is listed, and the other steps are undone."""
    lab = world("absent")
    before = picture(lab)

    def fault(*_: object) -> None:
        raise ValueError("a fault")

    pair = pair_of(lab, Writes(len(writes_of_create(lab)), lambda host, method: lab.fail(host, method, 5)))
    monkeypatch.setattr(Server, "delete_relationship", fault)
    with pytest.raises(PairError) as caught:
        pair.create(NAME, SCOPES, wait=None)
    check_error(before, lab, caught.value)
    assert "a fault" in str(caught.value)


def writes_of_create(lab: Lab) -> list[tuple[str, str]]:
    """Return the writes of a create, made in a copy of the lab."""
    writes = Writes()
    pair_of(Lab.from_dict(lab.to_dict(secrets=True)), writes).create(NAME, SCOPES, wait=None)
    return writes.calls


@pytest.mark.parametrize("keep", ["both", "dhcp1"])
def test_undoing_enables_no_scope_that_only_the_other_server_has_in_failover(keep: str) -> None:
    """The secondary cannot take its scopes back while the primary is off; then they must stay disabled."""
    lab = world("equal", related=True)
    before = picture(lab)
    with pytest.raises(PairError) as caught:
        pair_of(lab, Writes(1, lambda *_: lab.stop("dhcp1"))).remove_scopes(
            NAME, SCOPES[:1], keep=keep, allow=["delete-scopes"]
        )
    check_error(before, lab, caught.value)
    assert dangers(picture(lab)) == set()
