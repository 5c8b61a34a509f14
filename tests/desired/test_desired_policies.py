"""Policies in files, of a scope and of a server: read, planned, applied and exported."""

import random
import re

import pytest
from worlds_desired import desired, hq, lab_of, pair_of

from dhcpfo.fleet.desired import FileError
from dhcpfo.fleet.desired.export import HEAD, export
from dhcpfo.models import DhcpClass, Policy, PolicyAttribute, PolicyCondition
from dhcpfo.pair import PairError
from dhcpfo.scope import read_scope
from dhcpfo.scope.server_level import read_level

SCOPE = "10.0.9.0"
RELATED = f"{{x: {{scopes: [{SCOPE}]}}}}"
CLASSES = """\
    classes: {Cisco Phones: {type: vendor, data: IP Phone}, Guests: {type: user, hex: 67-00}}
    definitions: {"66 [Cisco Phones]": {name: TFTP server, type: string}}
"""
OF_SCOPE = """\
    scopes:
      10.0.9.0/24:
        range: 10.0.9.1-10.0.9.254
        policies:
          Phones:
            description: desks
            when: vendor-class is Cisco Phones
            ranges: [10.0.9.10-10.0.9.20, 10.0.9.30]
            options: {"66 [Cisco Phones]": tftp1, routers: 10.0.9.2, lease-time: 3600}
          Guests:
            {enabled: no, when: {all: [user-class is Guests, circuit-id begins-with 01-02]}, dns-suffix: g.example}
        policies-enforced: no
"""


def of_scope(text):
    return f"    scopes: {{{SCOPE}: {{{text}}}}}\n"


def condition(text):
    return PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value=text)


def equal(pair, scope=SCOPE):
    """Whether both servers have the same, for all scopes and in one."""
    one, other = pair.primary, pair.secondary
    configs = [None if scope is None else read_scope(server, scope) for server in (one, other)]
    return read_level(one) == read_level(other) and configs[0] == configs[1]


def test_policies_of_a_scope_are_made_on_both_servers(tmp_path):
    pair = pair_of(lab_of())
    wanted = desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path)
    assert wanted.plan(pair).apply().done
    assert not wanted.plan(pair), str(wanted.plan(pair).plan)
    assert equal(pair)
    for server in (pair.primary, pair.secondary):
        phones, guests = server.policies(scope=SCOPE)
        assert [str(phones.condition), str(guests.condition)] == [
            'VENDOR_CLASS EQUAL "IP Phone"',
            "(USER_CLASS EQUAL 67-00) AND (CIRCUIT_ID BEGINS_WITH 01-02)",
        ]
        assert (phones.description, phones.enabled, len(phones.ranges)) == ("desks", True, 2)
        assert (guests.enabled, guests.dns_suffix) == (False, "g.example")
        values = {(one.id, one.vendor_class): one.values for one in server.policy_option_values(scope=SCOPE)}
        assert (values[66, "Cisco Phones"], values[51, None]) == (("tftp1",), (3600,))
        assert not server.get_policy_enforcement(scope=SCOPE)


def test_what_a_file_does_not_name_stays(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    for server in (pair.primary, pair.secondary):
        server.create_policy(Policy.build("Own", condition("00-11-22-33-44-55"), scope=SCOPE))
    text = of_scope("policies: {guests: {enabled: yes}, phones: {options: {routers: 10.0.9.3}}}")
    wanted = desired(hq(RELATED, text), tmp_path)
    plan = wanted.plan(pair)
    assert "scope 10.0.9.0 on dhcp1: 2 options of phones, 1 policy not in the file" in [n.text for n in plan.plan.notes]
    plan.apply()
    assert not wanted.plan(pair)
    assert equal(pair)
    found = pair.secondary.policies(scope=SCOPE)
    assert [(one.name, one.enabled) for one in found] == [("Guests", True), ("Phones", True), ("Own", True)]
    assert found[1].ranges
    assert found[1].description == "desks"
    assert len(pair.secondary.policy_option_values(scope=SCOPE)) == 3


def test_only_and_absent_remove_policies_and_their_options(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    only = of_scope("policies: {only: true, list: {Phones: {options: {only: true, list: {3: 10.0.9.9}}}}}")
    wanted = desired(hq(RELATED, only), tmp_path)
    assert wanted.plan(pair).apply().done
    assert not wanted.plan(pair)
    assert [one.name for one in pair.secondary.policies(scope=SCOPE)] == ["Phones"]
    assert [one.id for one in pair.secondary.policy_option_values(scope=SCOPE)] == [3]
    wanted = desired(hq(RELATED, of_scope("absent: {policies: [phones, other]}")), tmp_path)
    assert wanted.plan(pair).apply().done
    assert not wanted.plan(pair)
    assert pair.primary.policies(scope=SCOPE) == pair.secondary.policies(scope=SCOPE) == []


def test_many_policies_that_go_need_a_guard(tmp_path):
    pair = pair_of(lab_of())
    for server in (pair.primary, pair.secondary):
        for number in range(12):
            server.create_policy(Policy.build(f"P{number}", condition(f"00-11-22-33-44-{number:02}")))
    plan = desired(hq("{}", "    policies: {only: true, list: {P0: {}}}\n"), tmp_path).plan(pair)
    assert plan.guards == ("many-deletes",)
    assert "11 of 12 policies would be deleted: 91 %, and the limit is 10 % (" in str(plan.plan)
    (note,) = [note for note in plan.plan.notes if note.guard]
    assert note.text.endswith("fleet.yaml:6)")


def test_a_policy_that_one_server_lacks_or_has_otherwise_is_copied(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    pair.secondary.delete_policy("Phones", scope=SCOPE)
    pair.secondary.set_policy("Guests", scope=SCOPE, description="other", condition=condition("00-11-22-33-44-55"))
    pair.primary.create_policy(Policy.build("Wide", condition("00-11-22-33-44-55"), description="all"))
    text = "    policies: {Wide: {enabled: no}}\n" + of_scope("policies: {Phones: {}, Guests: {}}")
    wanted = desired(hq(RELATED, text), tmp_path)
    wanted.plan(pair).apply()
    assert not wanted.plan(pair)
    assert equal(pair)
    assert len(pair.secondary.policies(scope=SCOPE)) == 2


def test_a_failed_run_leaves_the_policies_as_they_were(tmp_path):
    lab = lab_of()
    pair = pair_of(lab)
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    before = read_scope(pair.primary, SCOPE), read_level(pair.primary)
    text = (
        "    options: {routers: 192.0.2.1}\n    filters: {enabled: {deny: yes}, deny: {00-11-*: x}}\n"
        "    policies: {A: {when: mac-address begins-with 00, options: {3: 10.0.0.9}}}\n"
    ) + of_scope("policies: {only: true, list: {Guests: {enabled: yes}, N: {when: fqdn is n}}}")
    plan = desired(hq(RELATED, text), tmp_path).plan(pair)
    lab.fail("dhcp2", "delete_policy", 5)
    with pytest.raises(PairError, match="both servers are as before"):
        plan.apply()
    assert (read_scope(pair.primary, SCOPE), read_level(pair.primary)) == before
    assert equal(pair)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("P: {when: ^mac is 00}", "P.when: 'mac' is not one of mac-address, vendor-class"),
        ("P: {when: ^mac-address like 00}", "P.when: must be mac-address, then one of is, is-not"),
        ("P: {when: ^mac-address is}", "P.when: must have a value behind is"),
        ("P: {when: ^mac-address is 00-11}", "P.when: must have 6 bytes behind is, got 2"),
        ("P: {when: {any: [^client-id is xy]}}", "P.when.any[0]: must be hexadecimal"),
        ("P: {when: ^{any: []}}", "P.when: must have a condition"),
        ("P: {when: ^{both: [fqdn is x]}}", "P.when: must be a condition, or have exactly one of all, any"),
        ("P: {when: ^{all: [{any: [fqdn is x]}]}}", "P.when: a list inside must be all"),
        (
            "P: {when: ^{any: [{all: [fqdn is x, mac-address is 00-11-22-33-44-55]}]}}",
            "P.when: a list inside must have",
        ),
        ("P: {when: ^{condition: fqdn is x}}", "P.when: must be a condition, or have"),
        ("P: ^{when: fqdn is x, ranges: [10.0.9.1-10.0.9.2]}", "P: must not have ranges together with"),
        ("P: {^wen: fqdn is x}", "P.wen: unknown; did you mean when?"),
        ("P: {^range: 10.0.9.1-10.0.9.2}", "P.range: unknown here; it is for a scope"),
        ("P: {when: fqdn is x}, ^p: {when: fqdn is y}", "policies.p: given twice, first as P"),
        (f"^{'N' * 65}: {{when: fqdn is x}}", "N: name must have at most 64"),
    ],
)
@pytest.mark.parametrize("before", ["    scopes: {10.0.9.0: {policies: {", "    policies: {"])
def test_mistakes_have_their_place(tmp_path, before, text, problem):
    line = before + text + "}" * before.count("{")
    with pytest.raises(FileError) as caught:
        desired(hq("{}", line.replace("^", "") + "\n"), tmp_path)
    place = f"fleet.yaml:6:{line.index('^') + 1}: pairs.hq."
    assert any(place in str(one) and problem in str(one) for one in caught.value.problems), str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("policies: {P: {}}", "pairs.hq.scopes.10.0.9.0/24.policies.P: when is missing"),
        ("policies: {P: {when: vendor-class is No}}", "P.when: dhcp1 has no vendor class 'No': write it in classes"),
        (
            "policies: {P: {when: {any: [fqdn is x, user-class is No]}}}",
            "P.when.any[1]: dhcp1 has no user class 'No'",
        ),
        ("policies: {P: {when: mac-address begins-with 00, ranges: [10.0.9.1-10.0.9.9]}}", "the scope has no range"),
        (
            "range: 10.0.9.5-10.0.9.50, policies: {P: {when: mac-address begins-with 00, ranges: [10.0.9.1-10.0.9.9]}}",
            "P.ranges[0]: 10.0.9.1-10.0.9.9 is not in the scope's range 10.0.9.5-10.0.9.50",
        ),
        (
            "range: 10.0.9.5-10.0.9.50, policies: {P: {when: mac-address begins-with 00, ranges: [10.0.9.6-10.0.9.9]}, "
            "Q: {when: mac-address begins-with 01, ranges: [10.0.9.9-10.0.9.9]}}",
            "Q.ranges[0]: 10.0.9.9-10.0.9.9 overlaps 10.0.9.6-10.0.9.9 of policy P",
        ),
        (
            "policies: {P: {when: fqdn is x, options: {'3 [user:Guests]': 10.0.9.1}}}",
            "P.options.3 [user:Guests]: an option of a policy cannot be of a user class",
        ),
        ("policies: {P: {when: fqdn is x, options: {nix: 1}}}", "P.options.nix: no option is called 'nix'"),
        ("policies: {P: {when: fqdn is x}}, absent: {policies: [p]}", "absent.policies[0]: p is in policies, too"),
        ("options: {3: 10.0.9.1}, absent: {options: [routers]}", "absent.options[0]: routers is in options, too"),
        (
            "reservations: {10.0.9.9: {client: aa}}, absent: {reservations: [10.0.9.9]}",
            "absent.reservations[0]: 10.0.9.9 is in reservations, too",
        ),
        (
            "exclusions: [10.0.9.9], absent: {exclusions: [10.0.9.1-10.0.9.20]}",
            "absent.exclusions[0]: 10.0.9.1-10.0.9.20 is in exclusions, too",
        ),
    ],
)
def test_what_does_not_fit_a_server_has_its_place(tmp_path, text, problem):
    wanted = desired(hq("{}", f"    scopes: {{10.0.9.0/24: {{{text}}}}}\n"), tmp_path)
    with pytest.raises(FileError) as caught:
        wanted.plan(pair_of(lab_of()))
    assert all(one.mark.line == 6 and one.mark.column > 15 for one in caught.value.problems)
    assert any(problem in str(one) for one in caught.value.problems), str(caught.value)


def test_a_condition_on_the_dns_name_does_not_go_with_what_stays(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    for text, said in (
        ("", "the range 10.0.9.10-10.0.9.20: write ranges: []"),
        (", ranges: []", "option 3 routers"),
        (', ranges: [], options: {only: true, list: {lease-time: 60, "66 [Cisco Phones]": x}}', "66 [Cisco Phones]"),
    ):
        wanted = desired(hq(RELATED, of_scope(f"policies: {{Phones: {{when: fqdn is x{text}}}}}")), tmp_path)
        with pytest.raises(FileError, match=f"fleet.yaml:6:.*Phones: cannot have .* and .*{re.escape(said)}"):
            wanted.plan(pair)
    more = ", ranges: [], options: {only: true, list: {lease-time: 60}}"
    wanted = desired(hq(RELATED, of_scope(f"policies: {{Phones: {{when: fqdn is x{more}}}}}")), tmp_path)
    assert wanted.plan(pair).apply().done
    assert not wanted.plan(pair)
    assert equal(pair)


def test_an_order_that_is_undone_is_as_before(tmp_path):
    """Between the removal of one policy and the creation of another the order is changed; undone, all is as it was."""
    lab = lab_of()
    pair = pair_of(lab)
    for name in ("Others", "Own"):
        pair.primary.create_policy(Policy.build(name, condition("00-11-22-33-44-55")))
    before = read_level(pair.primary)
    text = "    policies: {only: true, list: {Desks: {when: fqdn is x}, Others: {}}}\n    policies-enforced: no\n"
    plan = desired(hq("{}", text), tmp_path).plan(pair)
    lab.fail("dhcp1", "set_policy_enforcement", 5)
    with pytest.raises(PairError, match="both servers are as before"):
        plan.apply()
    assert read_level(pair.primary) == before


def test_a_policy_outside_a_new_range_is_a_mistake_of_the_range(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, CLASSES + OF_SCOPE), tmp_path).plan(pair).apply()
    wanted = desired(hq(RELATED, of_scope("range: 10.0.9.25-10.0.9.100")), tmp_path)
    with pytest.raises(FileError, match=r"range: does not have 10.0.9.10-10.0.9.20 of policy Phones"):
        wanted.plan(pair)


def test_policies_come_from_profiles_and_defaults_too(tmp_path):
    text = (
        "version: 1\ndefaults: {policies: {A: {when: fqdn is a}}, scope: {policies: {S: {when: fqdn is s}}}}\n"
        "profiles: {store: {policies: {B: {when: fqdn is b}}, policies-enforced: no}}\n"
        "pairs: {hq: {profile: store, servers: [dhcp1, dhcp2], policies: {C: {when: fqdn is c}},\n"
        "  scopes: {10.0.9.0/24: {policies: {T: {when: fqdn is t}}}}}}\n"
    )
    pair = pair_of(lab_of())
    wanted = desired(text, tmp_path)
    assert str(wanted.wanted.place("policies", "A")).endswith("fleet.yaml:2")
    wanted.plan(pair).apply()
    assert [one.name for one in pair.secondary.policies()] == ["A", "B", "C"]
    assert not pair.secondary.get_policy_enforcement()
    assert [one.name for one in pair.primary.policies(scope=SCOPE)] == ["S", "T"]


ATTRIBUTES = ("mac-address", "client-id", "relay-agent", "circuit-id", "remote-id", "subscriber-id")


def drawn(chance):
    """Return a condition, drawn at random."""
    word = chance.choice(("is", "is-not", "begins-with", "not-begins-with", "ends-with", "not-ends-with"))
    kind = chance.randrange(4)
    if kind == 0:
        return (
            f"{chance.choice(('vendor-class', 'user-class'))} {word} {chance.choice(('hex:01-02', 'data:a b,c: [d]'))}"
        )
    if kind == 1:
        return chance.choice((f"fqdn {word} {{x}}.example", "fqdn-single-label", "fqdn-single-label is-not"))
    size = 6 if word in ("is", "is-not") else chance.randint(1, 5)
    return f"{chance.choice(ATTRIBUTES)} {word} {chance.randbytes(size).hex('-')}"


def grouped(chance):
    """Return conditions with groups, drawn at random; some are not valid."""
    parts = [
        {"all": [drawn(chance) for _ in range(chance.randint(1, 2))]} if chance.random() < 0.3 else drawn(chance)
        for _ in range(chance.randint(1, 3))
    ]
    return {chance.choice(("all", "any")): parts} if chance.random() < 0.7 else drawn(chance)


@pytest.mark.parametrize("seed", range(3))
def test_policies_at_random_are_made_and_exported(tmp_path, seed):
    import json

    chance = random.Random(seed)
    found = {}
    while len(found) < 12:
        said = {f"{{P}} {len(found)}": {"when": grouped(chance), "enabled": chance.choice(("yes", "no"))}}
        try:
            desired(hq("{}", f"    policies: {json.dumps(said)}\n"), tmp_path)
        except FileError:
            continue  # conditions that no server takes
        found |= said
    names = list(found)
    text = f"    policies: {json.dumps(found)}\n    scopes: {{10.0.9.0/24: {{policies: {json.dumps(found)}}}}}\n"
    pair = pair_of(lab_of())
    pair.primary.create_class(DhcpClass(name="One", data=b"\1\2", is_vendor=True))
    wanted = desired(hq(RELATED, text), tmp_path)
    wanted.plan(pair).apply()
    assert not wanted.plan(pair), str(wanted.plan(pair).plan)
    assert equal(pair)
    exported = "\n".join([HEAD, *export(pair, "hq", full=True), ""])
    assert "cannot be" not in exported
    again = desired(exported, tmp_path)
    assert not again.plan(pair), f"{exported}\n{again.plan(pair).plan}"
    chance.shuffle(names)
    other = {name: found[name] for name in names}
    wanted = desired(hq(RELATED, f"    policies: {json.dumps(other)}\n"), tmp_path)
    wanted.plan(pair).apply()
    assert [one.name for one in pair.secondary.policies()] == names
    assert not wanted.plan(pair)
