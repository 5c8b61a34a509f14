"""Ranges for BOOTP clients, conflict detection, texts with spaces, and what only the second server has."""

from datetime import timedelta

import pytest
from worlds_desired import desired, hq, lab_of, pair_of

from dhcpfo.enums import RangeType, ServerType
from dhcpfo.fleet.desired import FileError
from dhcpfo.fleet.desired.export import FULL_HEAD, export
from dhcpfo.models import Policy, PolicyAttribute, PolicyCondition
from dhcpfo.pair import PairError
from dhcpfo.scope import read_scope

SCOPE = "10.0.9.0"
RELATED = f"{{x: {{scopes: [{SCOPE}]}}}}"
CONDITION = PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value="00-11-22-33-44-55")


def scope(text):
    return f"    scopes: {{{SCOPE}/24: {{{text}}}}}\n"


def world(text="range: 10.0.9.1-10.0.9.254", related=True):
    """Return a pair with a scope."""
    import tempfile
    from pathlib import Path

    pair = pair_of(lab_of())
    with tempfile.TemporaryDirectory() as folder:
        desired(hq(RELATED if related else "{}", scope(text)), Path(folder)).plan(pair).apply()
    return pair


def served(server):
    (found,) = server.ranges(SCOPE)
    return found.type, found.max_bootp


@pytest.mark.parametrize(
    ("text", "is_now"),
    [
        ("range-type: both, max-bootp: 7", (RangeType.BOTH, 7)),
        ("range-type: both", (RangeType.BOTH, 3)),
        ("range-type: both, max-bootp: unlimited", (RangeType.BOTH, 0xFFFFFFFF)),
        ("range-type: bootp", (RangeType.BOOTP, 0xFFFFFFFF)),
        ("range-type: dhcp, range: 10.0.9.1-10.0.9.100", (RangeType.DHCP, 0xFFFFFFFF)),
        ("range: 10.0.9.1-10.0.9.99", (RangeType.BOTH, 3)),
        ("max-bootp: 0", (RangeType.BOTH, 0)),
    ],
)
def test_a_range_serves_the_clients_that_the_file_says(tmp_path, text, is_now):
    pair = world("range: 10.0.9.1-10.0.9.254, range-type: both, max-bootp: 3", related=False)
    assert served(pair.primary) == (RangeType.BOTH, 3)
    wanted = desired(hq("{}", scope(text)), tmp_path)
    wanted.plan(pair).apply()
    assert served(pair.primary) == is_now
    assert not wanted.plan(pair)


def test_a_pair_with_a_range_for_bootp_too_is_exported_and_moves(tmp_path):
    pair = world("range: 10.0.9.1-10.0.9.254, range-type: both, max-bootp: 3, name: ' x '")
    assert served(pair.secondary) == (RangeType.BOTH, 3)
    lines = export(pair, "hq", full=True)
    assert {"        range-type: both", "        max-bootp: 3", "        name: ' x '"} <= set(lines)
    text = "\n".join([FULL_HEAD, *lines, ""])
    assert not desired(text, tmp_path).plan(pair)
    new = pair_of(lab_of(("new1", "new2")), ("new1", "new2"))
    moved = desired(text.replace("dhcp", "new", 1).replace("dhcp2", "new2"), tmp_path)
    moved.plan(new).apply()
    assert not moved.plan(new)
    assert served(new.secondary) == (RangeType.BOTH, 3)


@pytest.mark.parametrize(
    ("old", "text", "problem"),
    [
        ("", "range-type: both", "range-type: dhcp1 has the scope in failover, which cannot become one for BOOTP"),
        ("", "range-type: bootp", "range-type: failover does not serve BOOTP alone"),
        ("", "max-bootp: 7", "max-bootp: is for range-type both"),
        (", range-type: both", "max-bootp: 7", "max-bootp: dhcp1 has the scope in failover"),
        (", range-type: both", "range: 10.0.9.1-10.0.9.9", "range: cannot be changed: "),
        (
            ", range-type: both",
            "reservations: {10.0.9.9: {client: aa}, 10.0.9.255: {client: bb}}",
            "reservations.10.0.9.255: is not in the range, which is for BOOTP, too, and so cannot change while dhcp1",
        ),
        ("", "range-type: both, max-bootp: -1", "max-bootp: must be a whole number, got '-1'"),
        ("", "range-type: both, max-bootp: 9999999999", "max-bootp: must be unlimited, or at most 4294967295"),
        ("", "range-type: dhcp, max-bootp: 1", "max-bootp: is for range-type both"),
        ("", "range-type: all", "range-type: 'all' is not one of dhcp, bootp, both"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path, old, text, problem):
    pair = world("range: 10.0.9.1-10.0.9.254" + old)
    with pytest.raises(FileError, match=rf"fleet.yaml:6:\d+: pairs.hq.scopes.10.0.9.0/24.{problem}"):
        desired(hq(RELATED, scope(text)), tmp_path).plan(pair)


def test_a_scope_without_a_range_has_no_type(tmp_path):
    with pytest.raises(FileError, match=r"range-type: cannot be: the scope has no range"):
        desired(hq("{}", scope("range-type: both")), tmp_path).plan(pair_of(lab_of()))


def test_an_export_says_that_ranges_differ(tmp_path):
    lab = lab_of()
    pair = pair_of(lab)
    desired(hq(RELATED, scope("range: 10.0.9.1-10.0.9.254")), tmp_path).plan(pair).apply()
    lab.advance(timedelta(hours=1))
    other = pair.secondary
    other.remove_failover_scopes("x", [SCOPE])
    other.add_range(SCOPE, "10.0.9.1", "10.0.9.254", type=RangeType.BOTH)
    other.add_failover_scopes("x", [SCOPE])
    lines = export(pair, "hq", full=True)
    assert "        # range-type or max-bootp differs on the two servers" in lines
    assert not desired("\n".join([FULL_HEAD, *lines, ""]), tmp_path).plan(pair)


def test_exclusions_that_a_file_has_twice_are_made_once(tmp_path):
    pair = world()
    text = scope("exclusions: [10.0.9.5, 10.0.9.5, 10.0.9.1-10.0.9.9, 10.0.9.3]")
    desired(hq(RELATED, text), tmp_path).plan(pair).apply()
    assert len(pair.secondary.exclusions(SCOPE)) == 2
    assert not desired(hq(RELATED, text), tmp_path).plan(pair)


def test_an_exclusion_outside_the_scope_is_a_comment(tmp_path):
    pair = world("range: 10.0.9.1-10.0.9.254, exclusions: [10.0.9.7]")
    for server in (pair.primary, pair.secondary):
        server.add_exclusion(SCOPE, "10.0.8.1", "10.0.8.9")
    lines = export(pair, "hq", full=True)
    assert "        exclusions: [10.0.9.7]" in lines
    assert "        # not in the scope, so a file cannot say it: exclusion 10.0.8.1-10.0.8.9" in lines
    assert not desired("\n".join([FULL_HEAD, *lines, ""]), tmp_path).plan(pair)


def test_an_export_tells_what_else_there_is_of_failover(tmp_path):
    pair = world()
    for server in (pair.primary, pair.secondary):
        server.create_scope("10.0.8.0/24", name="more")
    pair.primary.create_scope("10.0.7.0/24", name="alone")
    pair.secondary.create_scope("10.0.6.0/24", name="half")
    values = pair.primary.get_relationship("x")
    half = values.replace(name="# half", scopes=["10.0.6.0"], server_type=ServerType.SECONDARY)
    pair.secondary.create_relationship(half)
    lines = export(pair, "hq", full=True)
    assert [line.strip() for line in lines if line.lstrip().startswith("#")] == [
        "# relationship # half is on dhcp2 only",
        "# scopes in no relationship on dhcp1: 10.0.7.0, 10.0.8.0",
        "# scopes in no relationship on dhcp2: 10.0.8.0",
    ]
    assert not desired("\n".join([FULL_HEAD, *lines, ""]), tmp_path).plan(pair)


def test_conflict_detection_is_the_same_on_both_servers(tmp_path):
    pair = pair_of(lab_of())
    wanted = desired(hq("{}", "    conflict-detection: 2\n"), tmp_path)
    plan = wanted.plan(pair)
    assert list(map(str, plan.plan.steps)) == ["change server conflict detection: 0 → 2"] * 2
    plan.apply()
    assert [server.get_config().conflict_detection_attempts for server in (pair.primary, pair.secondary)] == [2, 2]
    assert not wanted.plan(pair)
    lines = export(pair, "hq", full=True)
    assert "    conflict-detection: 2" in lines
    assert not desired("\n".join([FULL_HEAD, *lines, ""]), tmp_path).plan(pair)
    pair.secondary.set_config(conflict_detection_attempts=1)
    assert "    # conflict-detection is not the same on the two servers" in export(pair, "hq", full=True)
    assert [str(step.side) for step in wanted.plan(pair).plan.steps] == ["secondary"]


def test_a_failed_run_restores_conflict_detection(tmp_path):
    lab = lab_of()
    pair = pair_of(lab)
    plan = desired(hq("{}", "    conflict-detection: 5\n    policies-enforced: no\n"), tmp_path).plan(pair)
    lab.fail("dhcp2", "set_policy_enforcement", 5)
    with pytest.raises(PairError, match="both servers are as before"):
        plan.apply()
    assert pair.primary.get_config().conflict_detection_attempts == 0


@pytest.mark.parametrize("text", ["6", "-1", "yes", "[1]"])
def test_conflict_detection_has_limits(tmp_path, text):
    with pytest.raises(FileError, match=r"fleet.yaml:6:25: pairs.hq.conflict-detection: must be "):
        desired(hq("{}", f"    conflict-detection: {text}\n"), tmp_path)


def test_pairs_that_share_a_server_agree_on_conflict_detection(tmp_path):
    text = "  b: {servers: [dhcp2, dhcp3], conflict-detection: 3}\n"
    with pytest.raises(FileError, match=r"pairs.b.conflict-detection: dhcp2 is to have it otherwise by .*yaml:6"):
        desired(hq("{}", "    conflict-detection: 2\n" + text), tmp_path)


def test_texts_keep_the_spaces_that_are_in_quotes(tmp_path):
    pair = pair_of(lab_of())
    more = (
        'name: " a ", comment: "b ", superscope: " s", options: {domain-name: " example.com "}, '
        'policies: {" P ": {when: fqdn is x, description: " d"}}'
    )
    text = hq('{" x ": {scopes: [10.0.9.0]}}', scope(f"range: 10.0.9.1-10.0.9.254, {more}"))
    wanted = desired(text, tmp_path)
    wanted.plan(pair).apply()
    found = read_scope(pair.secondary, SCOPE)
    assert (found.name, found.comment, found.superscope) == (" a ", "b ", " s")
    assert [one.name for one in found.policies] == [" P "]
    assert next(iter(found.options.values())).values == (" example.com ",)
    assert pair.primary.relationships()[0].name == " x "
    for again in (text, "\n".join([FULL_HEAD, *export(pair, "hq", full=True), ""])):
        assert not desired(again, tmp_path).plan(pair), again


def test_a_text_in_lines_of_its_own_ends_without_a_line_break(tmp_path):
    pair = pair_of(lab_of())
    text = f"    scopes:\n      {SCOPE}/24:\n        comment: |\n          first\n          second\n"
    desired(hq("{}", text), tmp_path).plan(pair).apply()
    assert pair.primary.get_scope(SCOPE).comment == "first\nsecond"


# What only the second server has


def notes(pair, text, tmp_path):
    plan = desired(hq(RELATED, text), tmp_path).plan(pair)
    return [note.text for note in plan.plan.notes], plan


def test_option_values_that_only_the_second_server_has_in_a_policy_are_told(tmp_path):
    pair = world("range: 10.0.9.1-10.0.9.254, policies: {P: {when: fqdn is-not x.example, options: {51: 60}}}")
    for level in (None, SCOPE):
        for server in (pair.primary, pair.secondary):
            if level is None:
                server.create_policy(Policy.build("P", CONDITION))
        pair.secondary.set_option_value(81, 1, scope=level, policy="P")
    said, plan = notes(pair, "    policies: {P: {enabled: yes}}\n" + scope("policies: {P: {}}"), tmp_path)
    assert said == [
        "dhcp2: 1 option of P not in the file, nor on dhcp1",
        "scope 10.0.9.0 on dhcp2: 1 option of P not in the file, nor on dhcp1",
    ]
    assert not plan
    said, plan = notes(pair, scope("policies: {P: {options: {only: true, list: {51: 60}}}}"), tmp_path)
    assert said == []
    assert len(plan.plan.steps) == 1


def test_what_only_the_second_server_has_in_a_scope_is_told(tmp_path):
    pair = world("range: 10.0.9.1-10.0.9.254, exclusions: [10.0.9.1]")
    other = pair.secondary
    other.set_option_value(15, "x", scope=SCOPE)
    other.set_option_value(15, "x")
    other.add_exclusion(SCOPE, "10.0.9.5")
    other.add_reservation(SCOPE, "10.0.9.9", b"\1\2\3\4\5\6")
    other.create_policy(Policy.build("Q", CONDITION, scope=SCOPE))
    text = "options: {3: 10.0.9.1}, exclusions: [10.0.9.2], reservations: {10.0.9.7: {client: aa}}, "
    said, _ = notes(pair, "    options: {3: 10.0.0.1}\n" + scope(text + "policies: {P: {when: fqdn is x}}"), tmp_path)
    assert said[-2:] == [
        "scope 10.0.9.0 on dhcp1: 1 exclusion not in the file",
        "scope 10.0.9.0 on dhcp2: 1 exclusion, 1 reservation, 1 option, 1 policy not in the file, nor on dhcp1",
    ]
    assert said[0] == "dhcp2: 1 option not in the file, nor on dhcp1"
