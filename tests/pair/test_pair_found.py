"""What the search with `tools/pair_search.py` found, reduced."""

from collections.abc import Callable

import pytest

from dhcpfo import Server
from dhcpfo.enums import ScopeState
from dhcpfo.pair import Conflict, FailoverPair, PairError, Side
from dhcpfo.pair.audit import DEPTHS
from dhcpfo.simulator import Lab
from pairs import (
    EVERY,
    MARKER,
    MORE,
    NAME,
    OPERATIONS,
    SCOPES,
    SERVERS,
    LabClock,
    Writes,
    check_error,
    dangers,
    pair_of,
    picture,
    world,
    world_of,
)

ALL = ("delete-scopes", "delete-not-normal", "partner-down-without-half", "partner-down-state")


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


def hub() -> tuple[Lab, FailoverPair]:
    """Return a lab in which dhcp1 has a relationship with dhcp2, and a pair of dhcp1 and dhcp3."""
    lab = world(related=True)
    lab.add_server("dhcp3", "192.0.2.3")
    servers = [lab.connect(name, direct=True) for name in ("dhcp1", "dhcp3")]
    return lab, FailoverPair(*servers, calls_at_once=1, clock=LabClock(lab))


@pytest.mark.parametrize(
    "call",
    [
        lambda pair: pair.create(NAME, SCOPES, shared_secret=MARKER),
        lambda pair: pair.add_scopes(NAME, [MORE]),
        lambda pair: pair.remove_scopes(NAME, SCOPES[:1], keep="dhcp3", allow=ALL),
        lambda pair: pair.delete(NAME, keep="dhcp3", allow=ALL),
        lambda pair: pair.delete(NAME, keep="dhcp1", allow=ALL),
        lambda pair: pair.update(NAME, percentage=5),
        lambda pair: pair.rotate_secret(NAME, "new"),
        lambda pair: pair.adopt(NAME, like="dhcp1"),
        lambda pair: pair.reallocate(NAME),
        lambda pair: pair.declare_partner_down(NAME, survivor="dhcp1", allow=ALL),
    ],
)
@pytest.mark.parametrize("half", [False, True])
def test_a_relationship_with_a_third_server_is_left_alone(call: Callable[[FailoverPair], object], half: bool) -> None:
    """A server has relationships with several partners, and another pair may have one of the same name."""
    lab, pair = hub()
    if half:
        lab.add_server("dhcp4", "192.0.2.4")
        lab.add_scope("10.0.9.0/24", servers=["dhcp3"])
        other = FailoverPair(
            lab.connect("dhcp3", direct=True), lab.connect("dhcp4", direct=True), calls_at_once=1, clock=LabClock(lab)
        )
        other.create(NAME, ["10.0.9.0"])
    before = lab.to_dict(secrets=True)["hosts"]
    with pytest.raises(
        Conflict, match="the addresses differ" if half else "is with 192.0.2.2, which is not an address of"
    ):
        call(pair)
    assert lab.to_dict(secrets=True)["hosts"] == before


def test_an_audit_leaves_out_relationships_with_a_third_server() -> None:
    _, pair = hub()
    for depth in DEPTHS:
        assert pair.audit(depth=depth).codes() == []
    pair.create("second", [MORE])
    assert pair.audit().codes() == []
    assert not pair.plan.replicate("dhcp1")
    pair.secondary.delete_relationship("second")
    assert "half-relationship" in pair.audit(depth="relationships").codes()


def test_a_half_with_an_address_that_was_passed_is_one_of_the_pair() -> None:
    """Servers can have addresses that they do not show."""
    lab = world(related="half")
    pair = pair_of(lab, secondary_address="192.0.2.2")
    lab.fail("dhcp2", "get_bindings", 5, every=True)
    assert pair.adopt(NAME, like="dhcp1").changed
