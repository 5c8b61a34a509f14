"""What the search with `tools/pair_search.py` found, reduced."""

import pytest

from dhcpfo import Server
from dhcpfo.enums import ScopeState
from dhcpfo.pair import Conflict, PairError, Side
from dhcpfo.simulator import Lab
from pairs import (
    EVERY,
    NAME,
    OPERATIONS,
    SCOPES,
    SERVERS,
    Writes,
    check_error,
    dangers,
    pair_of,
    picture,
    world,
    world_of,
)


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


@pytest.mark.parametrize("how", ["stop", "unreachable"])
@pytest.mark.parametrize("operation", ["create", "create_disabled"])
def test_undoing_keeps_the_half_of_a_server_whose_partner_may_serve(operation: str, how: str) -> None:
    """The secondary is lost with a scope enabled already: without its half the primary would lease the same addresses.

    Nor are scopes of the primary left disabled.
    """
    count, lab = Writes(), world_of(operation, "absent")
    OPERATIONS[operation][1](pair_of(lab, count))
    lab = world_of(operation, "absent")
    before = picture(lab)

    def lose(host: str, method: str) -> None:
        assert (host, method) == ("dhcp2", "set_scope")
        lab.stop(host) if how == "stop" else lab.fail(host, None, 1722, every=True)

    with pytest.raises(PairError) as caught:
        OPERATIONS[operation][1](pair_of(lab, Writes(len(count.calls), lose)))
    check_error(before, lab, caught.value)
    found = picture(lab)
    assert dangers(found) == set()
    assert ("dhcp1", "relationship", NAME) in found
    served = {scope for scope in map(str, EVERY) if before["dhcp1", "scope-state", scope] == ScopeState.ENABLED}
    assert {found["dhcp1", "scope-state", scope] for scope in served} == {ScopeState.ENABLED}
    assert "it stays, because a server may serve its part of" in str(caught.value)
    lab.start("dhcp2") if how == "stop" else lab.clear_faults("dhcp2")
    OPERATIONS[operation][1](pair_of(lab))
    assert dangers(picture(lab)) == set()
