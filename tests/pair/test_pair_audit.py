"""Audit and preflight: each thing that can be wrong is found, once, and nothing is found in a pair that is well."""

import json
import pickle
from datetime import timedelta

import pytest

from dhcpfo import FailoverMode, FailoverState
from dhcpfo.enums import ForceFlag, ScopeState
from dhcpfo.models import DhcpClass
from dhcpfo.pair import FailoverPair, Side
from dhcpfo.pair.audit import CHECKERS, Finding, Findings, checker
from pairs import MARKER, MORE, NAME, SCOPES, pair_of, world


def well():
    """Return a lab with a pair in which an audit finds nothing."""
    lab = world("absent")
    pair_of(lab).create(NAME, [*SCOPES, MORE], shared_secret=MARKER)
    return lab


def codes(lab, depth="full"):
    return [(finding.code, finding.severity) for finding in pair_of(lab).audit(depth=depth)]


def test_nothing_is_found_in_a_pair_that_is_well():
    assert codes(well()) == []
    assert str(pair_of(well()).audit()) == "dhcp1 and dhcp2: nothing found"


def first(lab):
    return lab.connect("dhcp1", direct=True)


def second(lab):
    return lab.connect("dhcp2", direct=True)


HALF = ("not-normal", "error")
WRONG = [
    (lambda lab: second(lab).set_relationship(NAME, percentage=70), "relationships", ["percentage-differs"]),
    (
        lambda lab: second(lab).set_relationship(NAME, mode=FailoverMode.HOT_STANDBY, percentage=50),
        "relationships",
        ["mode-differs"],
    ),
    (lambda lab: second(lab).set_relationship(NAME, mclt=timedelta(hours=2)), "relationships", ["mclt-differs"]),
    (
        lambda lab: second(lab).set_relationship(NAME, state_switch_interval=timedelta(hours=2)),
        "relationships",
        ["interval-differs"],
    ),
    (
        lambda lab: second(lab).set_relationship(NAME, shared_secret=None),
        "relationships",
        ["auth-differs", "not-normal"],
    ),
    (
        lambda lab: second(lab).set_relationship(NAME, shared_secret="x"),
        "relationships",
        ["not-normal", "secret-differs"],
    ),
    (
        lambda lab: second(lab).delete_relationship(NAME),
        "relationships",
        ["half-relationship", "not-normal"],
    ),
    (lambda lab: second(lab).remove_failover_scopes(NAME, [MORE]), "relationships", ["member-one-side"]),
    (lambda lab: second(lab).remove_failover_scopes(NAME, [MORE]), "scopes", ["both-serve", "member-one-side"]),
    (lambda lab: second(lab).set_scope(MORE, state=ScopeState.DISABLED), "scopes", ["scope-enabled-differs"]),
    (lambda lab: second(lab).set_scope(MORE, comment="other"), "full", ["config-differs"]),
    (lambda lab: second(lab).set_option_value(6, "203.0.113.1", scope=MORE), "full", ["config-differs"]),
    (lambda lab: second(lab).set_option_value(6, "203.0.113.1"), "full", ["server-differs"]),
    (lambda lab: second(lab).create_class(DhcpClass(name="C", data=b"c")), "full", ["server-differs"]),
    (lambda lab: lab.set_clock_offset("dhcp2", timedelta(seconds=45)), "relationships", ["clock-skew"]),
    (lambda lab: lab.add_scope("10.9.0.0/24"), "scopes", ["both-serve"]),
    (
        lambda lab: [lab.add_scope("10.9.0.0/24"), second(lab).set_scope("10.9.0.0", state=ScopeState.DISABLED)],
        "scopes",
        ["orphan-copy"],
    ),
    (lambda lab: lab.power_off("dhcp2"), "relationships", ["unreachable"]),
    (lambda lab: lab.power_off("dhcp2"), "full", ["unreachable"]),
    (lambda lab: lab.fail("dhcp2", "get_policy_enforcement", 5, every=True), "full", ["unread"] * 3),
    (lambda lab: lab.connect("dhcp2").remove_failover_scopes(NAME, [*SCOPES, MORE]), "relationships", None),
]


@pytest.mark.parametrize(("spoil", "depth", "found"), WRONG)
def test_each_difference_is_found_once(spoil, depth, found):
    lab = well()
    spoil(lab)
    lab.advance(timedelta(minutes=5))
    findings = pair_of(lab).audit(depth=depth)
    if found is None:
        assert set(findings.codes()) == {"member-one-side"}
        return
    assert sorted(findings.codes()) == sorted(found)
    assert str(findings)
    assert findings._repr_html_().startswith("<table>")
    assert json.loads(json.dumps(findings.to_dict()))["format"] == 1
    assert pickle.loads(pickle.dumps(findings)) == findings
    assert MARKER not in str(findings) + repr(findings) + json.dumps(findings.to_dict())


def test_reading_both_sides_at_once_finds_the_same():
    lab = well()
    second(lab).set_scope(MORE, comment="other")
    pair = FailoverPair(first(lab), second(lab), calls_at_once=4)
    assert pair.audit() == pair_of(lab).audit()


def test_the_repair_of_a_finding_mends_it():
    lab = well()
    second(lab).set_relationship(NAME, percentage=70)
    second(lab).remove_failover_scopes(NAME, [MORE])
    second(lab).set_scope(SCOPES[0], comment="other")
    assert pair_of(lab).adopt(NAME, like="dhcp1").changed
    assert codes(lab) == []


def test_findings_sort_from_the_worst_on():
    lab = well()
    second(lab).set_scope(SCOPES[0], comment="other")
    second(lab).remove_failover_scopes(NAME, [MORE])
    findings = pair_of(lab).audit()
    assert findings.worst == "critical"
    assert findings.codes() == ["both-serve", "member-one-side", "config-differs"]
    assert isinstance(findings, Findings)


def test_own_checkers_are_called():
    @checker("names", needs="relationships")
    def check(seen):
        for name, _ in seen.pairs():
            yield Finding(code="name", severity="note", relationship=name, values={Side.PRIMARY: name})

    try:
        assert codes(well(), "relationships") == [("name", "note")]
    finally:
        del CHECKERS["names"]
    with pytest.raises(ValueError, match="needs must be one of"):
        checker("names", needs="all")


def test_a_recovery_that_takes_too_long_shows_in_a_second_look():
    lab = well()
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=10))
    first(lab).set_relationship(NAME, state=FailoverState.PARTNER_DOWN)
    lab.start("dhcp2")
    lab.advance(timedelta(minutes=5))
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=65))  # it has waited an MCLT, and needs its partner now
    pair = pair_of(lab)
    earlier = pickle.loads(pickle.dumps(pair.audit(depth="relationships")))
    assert earlier.time is not None
    assert "recovering" in earlier.codes()
    lab.advance(timedelta(minutes=60))
    assert "recovering" in pair.audit(depth="relationships", before=earlier).codes()
    lab.advance(timedelta(minutes=20))
    later = pair.audit(depth="relationships", before=earlier)
    assert "stuck-recover" in later.codes()
    assert "1:20:00 ago" in str(later)
    assert "stuck-recover" in pair.audit(depth="relationships", before=later).codes() + later.codes()
    with pytest.raises(TypeError, match="before must be Findings"):
        pair.audit(before=list(earlier))


# Preflight


def check(lab, name=NAME, scopes=SCOPES, **options):
    return pair_of(lab, **options).preflight(name, scopes).codes()


def test_nothing_stands_in_the_way():
    assert check(world("absent")) == []
    assert check(world("half")) == []


@pytest.mark.parametrize(
    ("spoil", "options", "found"),
    [
        (lambda lab: lab.power_off("dhcp2"), {}, ["unreachable"]),
        (lambda lab: lab.set_clock_offset("dhcp2", timedelta(minutes=9)), {}, ["clock-skew"]),
        (lambda lab: lab.set_version("dhcp2", 6, 1), {}, ["version"]),
        (lambda lab: first(lab).delete_scope(SCOPES[0], force=ForceFlag.FULL_FORCE), {}, ["scope-missing"]),
        (lambda lab: second(lab).create_scope("10.0.1.128/25"), {}, ["scope-overlaps"]),
        (lambda lab: second(lab).create_scope("10.0.0.0/22"), {}, ["scope-overlaps"] * 2),
        (lambda lab: None, {"primary_address": "192.0.2.2"}, ["address-same", "address-not-bound"]),
        (lambda lab: None, {"primary_address": "127.0.0.1"}, ["address-loopback"]),
        (lambda lab: second(lab).create_class(DhcpClass(name="C", data=b"c")), {}, []),
    ],
)
def test_what_stands_in_the_way_is_found(spoil, options, found):
    lab = world("absent")
    spoil(lab)
    assert check(lab, **options) == found


def test_scopes_and_names_that_are_taken_are_found():
    assert check(world(related=True)) == ["name-taken"] * 2 + ["scope-taken"] * 4 + ["scope-enabled"]
    assert check(world("different")) == ["scope-differs"] * 2
    assert set(check(world("enabled"))) == {"scope-enabled"}


def test_leases_of_a_copy_are_found():
    lab = world("enabled")
    assert lab.lease(SCOPES[0], b"client", server="dhcp2") is not None
    second(lab).set_scope(SCOPES[0], state=ScopeState.DISABLED)
    assert check(lab, scopes=SCOPES[:1]) == ["scope-leases"]


def test_all_findings_come_at_once():
    lab = world("different", related=True)
    lab.set_clock_offset("dhcp2", timedelta(minutes=9))
    first(lab).delete_relationship(NAME)
    assert {"name-taken", "scope-taken", "scope-differs", "clock-skew"} <= set(check(lab))
