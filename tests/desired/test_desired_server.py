"""Option values and link-layer filters of whole servers in files: read, planned, applied and exported."""

import random

import pytest
from worlds_desired import desired, hq, lab_of, pair_of

from dhcpfo.enums import FilterList
from dhcpfo.fleet.desired import FileError, read_fleet
from dhcpfo.fleet.desired.explain import explain
from dhcpfo.fleet.desired.export import HEAD, export
from dhcpfo.fleet.desired.schema import schema
from dhcpfo.models import Filter, FilterPattern
from dhcpfo.pair import PairError, Refused
from dhcpfo.scope.server_level import read_level

OPTIONS = '    options: {dns-servers: [192.0.2.53, 192.0.2.54], "6 [user:Guests]": 192.0.2.55, "1 [vendor:V]": 7}\n'
CLASSES = """\
    classes: {Guests: {type: user, data: g}, V: {type: vendor, data: v}}
    definitions: {"1 [V]": {name: x, type: byte}}
"""
FILTERS = """\
    filters:
      enabled: {allow: yes, deny: yes}
      allow: {00-1C-25-*: Phones, 00:15:5d:01:02:03: "", "* (hardware type 6)": Token ring}
      deny: {aabbccddeeff: stolen}
"""


def filters(server):
    return {str(one.pattern): (one.filter_list.name, one.comment or "") for one in server.filters()}


def deny(text, comment=None):
    return Filter(pattern=FilterPattern.parse(text), filter_list=FilterList.DENY, comment=comment)


def test_option_values_and_filters_are_the_same_on_both_servers(tmp_path):
    pair = pair_of(lab_of())
    wanted = desired(hq("{}", CLASSES + OPTIONS + FILTERS), tmp_path)
    plan = wanted.plan(pair)
    assert str(plan.plan.steps[-1]) == "change filter lists: none enforced → allow and deny enforced"
    assert plan.apply().done
    assert not wanted.plan(pair), str(wanted.plan(pair).plan)
    assert read_level(pair.primary) == read_level(pair.secondary)
    for server in (pair.primary, pair.secondary):
        values = {(one.id, one.vendor_class, one.user_class): one.values for one in server.option_values()}
        assert values[1, "V", None] == (7,)
        assert list(map(str, values[6, None, "Guests"])) == ["192.0.2.55"]
        assert filters(server) == {
            "AA-BB-CC-DD-EE-FF": ("DENY", "stolen"),
            "00-1C-25-*": ("ALLOW", "Phones"),
            "00-15-5D-01-02-03": ("ALLOW", ""),
            "* (hardware type 6)": ("ALLOW", "Token ring"),
        }
        assert server.get_filter_lists().allow
        assert server.get_filter_lists().deny


def test_what_a_file_does_not_name_stays_and_is_told(tmp_path):
    pair = pair_of(lab_of())
    for server in (pair.primary, pair.secondary):
        server.set_option_value(3, "192.0.2.1")
        server.create_filter(deny("00-11-22-33-44-55", "own"))
    wanted = desired(hq("{}", "    options: {15: example.com}\n    filters: {deny: {aa-*: x}}\n"), tmp_path)
    plan = wanted.plan(pair)
    assert [note.text for note in plan.plan.notes] == ["dhcp1: 1 option, 1 filter of deny not in the file"]
    assert len(plan.plan.steps) == 4
    plan.apply()
    assert filters(pair.secondary) == {"00-11-22-33-44-55": ("DENY", "own"), "AA-*": ("DENY", "x")}
    assert {one.id for one in pair.primary.option_values()} == {3, 15}
    only = "    options: {only: true, list: {15: example.com}}\n    filters: {deny: {only: true, list: {AA-*: y}}}\n"
    wanted = desired(hq("{}", only), tmp_path)
    wanted.plan(pair).apply()
    assert not wanted.plan(pair)
    assert filters(pair.secondary) == {"AA-*": ("DENY", "y")}
    assert {one.id for one in pair.secondary.option_values()} == {15}
    gone = desired(hq("{}", "    absent: {options: [domain-name, 44], filters: [AA-*, bb-*]}\n"), tmp_path)
    gone.plan(pair).apply()
    assert not gone.plan(pair)
    assert filters(pair.primary) == {}
    assert pair.primary.option_values() == []


def test_a_filter_moves_to_the_other_list(tmp_path):
    pair = pair_of(lab_of())
    pair.secondary.create_filter(deny("00-1C-25-*"))
    wanted = desired(hq("{}", FILTERS), tmp_path)
    plan = wanted.plan(pair)
    assert 'change filter 00-1C-25-*: deny → allow "Phones"' in map(str, plan.plan.steps)
    plan.apply()
    assert filters(pair.primary) == filters(pair.secondary)


def test_an_empty_list_that_is_enforced_needs_a_guard(tmp_path):
    pair = pair_of(lab_of())
    plan = desired(hq("{}", "    filters: {enabled: {allow: yes}}\n"), tmp_path).plan(pair)
    assert plan.guards == ("empty",)
    assert "no client gets an address from dhcp1: its list of allowed addresses is enforced and empty" in str(plan.plan)
    with pytest.raises(Refused):
        plan.apply()
    for number in range(12):
        for server in (pair.primary, pair.secondary):
            server.create_filter(deny(f"aa-bb-cc-dd-ee-{number:02}"))
    plan = desired(hq("{}", "    filters: {deny: {only: true, list: {}}}\n"), tmp_path).plan(pair)
    assert plan.guards == ("many-deletes",)


def test_a_failed_run_leaves_the_servers_as_they_were(tmp_path):
    lab = lab_of()
    pair = pair_of(lab)
    pair.primary.create_filter(deny("aabbccddeeff", "mine"))
    pair.primary.set_option_value(6, "192.0.2.1")
    before = read_level(pair.primary)
    plan = desired(hq("{}", CLASSES + OPTIONS + FILTERS), tmp_path).plan(pair)
    lab.fail("dhcp2", "set_filter_lists", 5)
    with pytest.raises(PairError, match="both servers are as before"):
        plan.apply()
    assert read_level(pair.primary) == before
    assert filters(pair.secondary) == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("filters: {allow: {^00-15: x}}", "filters.allow.00-15: must be 6 bytes such as 00-15-5d-01-02-03, or less"),
        ("filters: {allow: {^no: x}}", "filters.allow.no: must be 6 bytes"),
        ("filters: {allow: {'^* (hardware type 1)': x}}", "must be 6 bytes"),
        ("filters: {deny: {^'* (hardware type 6)': x}}", "a hardware type can only be in allow"),
        ("filters: {allow: ^[00-15-*]}", "filters.allow: must be a mapping, or only: true with list:"),
        ("filters: {allow: {aa-*: x, ^AA-*: y}}", "filters.allow.AA-*: given twice, first in allow as aa-*"),
        ("filters: {deny: {^AA-*: y}, allow: {aa-*: x}}", "filters.deny.AA-*: given twice, first in allow as aa-*"),
        ("filters: {deny: {AA-*: y}}\n    absent: {filters: [^aa:*]}", "absent.filters[0]: aa:* is in filters, too"),
        ("filters: {^enable: {allow: yes}}", "filters.enable: unknown; did you mean enabled?"),
        ("filters: {enabled: {allow: ^perhaps}}", "filters.enabled.allow: must be yes or no, got 'perhaps'"),
        ("^allow: {aa-*: x}", "allow: unknown here; it is for filters"),
        ("options: {3: ^{a: b}}", "options.3: must be a single value, not a mapping"),
        ("policies: {P: {when: mac-address begins-with 00, ^ranges: [10.0.9.1]}}", "ranges: is for the policies of a"),
        ("policies-enforced: ^maybe", "policies-enforced: must be yes or no, got 'maybe'"),
    ],
)
def test_mistakes_have_their_place(tmp_path, text, problem):
    lines = f"    {text}".split("\n")
    number = next(at for at, line in enumerate(lines) if "^" in line)
    with pytest.raises(FileError) as caught:
        desired(hq("{}", "\n".join(lines).replace("^", "") + "\n"), tmp_path)
    place = f"fleet.yaml:{6 + number}:{lines[number].index('^') + ('(hardware type 1)' not in text)}: pairs.hq."
    assert any(place in str(one) and problem in str(one) for one in caught.value.problems), str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("options: {nix: 1}", "fleet.yaml:6:20: pairs.hq.options.nix: no option is called 'nix'"),
        ("options: {3: x}", "fleet.yaml:6:18: pairs.hq.options.3: option 3 routers takes IP_ADDRESS: "),
        ("options: {3: 192.0.2.1}, absent: {options: [Router]}", "absent.options[0]: Router is in options, too"),
        ("policies: {P: {when: fqdn is x}}, absent: {policies: [p]}", "absent.policies[0]: p is in policies, too"),
    ],
)
def test_what_does_not_fit_a_server_has_its_place(tmp_path, text, problem):
    path = tmp_path / "fleet.yaml"
    path.write_text(f"version: 1\npairs:\n  hq:\n   {{servers: [dhcp1, dhcp2],\n\n    {text}}}\n", "utf-8")
    from dhcpfo.fleet.desired import Desired

    with pytest.raises(FileError) as caught:
        Desired(read_fleet(path)["hq"]).plan(pair_of(lab_of()))
    assert any(problem in str(one) and ":6:" in str(one) for one in caught.value.problems), str(caught.value)


def test_values_of_levels_are_merged_key_by_key_and_explained(tmp_path):
    text = """\
version: 1
defaults: {options: {3: 192.0.2.1, 15: a}, filters: {enabled: {allow: no}, deny: {aa-*: x}}}
profiles: {store: {options: {15: b}, filters: {enabled: {deny: yes}}}}
pairs:
  hq:
    {profile: store, servers: [dhcp1, dhcp2], options: {44: 192.0.2.9}, filters: {deny: {only: true, list: {bb-*: y}}}}
"""
    wanted = desired(text, tmp_path).wanted
    assert dict(wanted.server.options.items) == {
        "3": ("192.0.2.1",),
        "15": ("b",),
        "44": ("192.0.2.9",),
    }
    assert wanted.server.filters.deny.only
    assert wanted.server.filters.enabled.allow is None  # lists and mappings of a lower level are taken whole
    shown = {line.strip(): place.rpartition(":")[2] for line, place in explain(wanted)}
    assert (shown["3: 192.0.2.1"], shown["15: b"], shown["44: 192.0.2.9"]) == ("2", "3", "6")
    assert shown["deny: yes"] == "3"
    exact = desired(text.replace("options: {44: 192.0.2.9}", "options: {only: true, list: {44: 192.0.2.9}}"), tmp_path)
    assert list(exact.wanted.server.options.items) == ["44"]


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        (
            "options: {3: 192.0.2.1}",
            "options: {routers: 192.0.2.2}",
            ":5:42: pairs.b.options.routers: dhcp2",
        ),
        ("options: {3: 192.0.2.1}", "absent: {options: [routers]}", "pairs.b.absent.options[0]: dhcp2 is to have it"),
        (
            "policies: {P: {when: fqdn is x}}",
            "policies: {p: {when: fqdn is y}}",
            "pairs.b.policies.p: dhcp2",
        ),
        ("policies-enforced: no", "policies-enforced: yes", "pairs.b.policies-enforced: dhcp2 is to have it otherwise"),
        ("filters: {allow: {aa-*: x}}", "filters: {deny: {AA-*: x}}", "pairs.b.filters.deny.AA-*: dhcp2 is to have"),
        ("filters: {enabled: {allow: yes}}", "filters: {enabled: {allow: no}}", "pairs.b.filters.enabled.allow: dhcp2"),
        (
            "classes: {A: {type: user, data: a}}",
            "classes: {a: {type: user, data: b}}",
            "pairs.b.classes.a: dhcp2",
        ),
        (
            "options: {only: true, list: {3: 192.0.2.1}}",
            "options: {6: 192.0.2.9}",
            "is to have no more than others by",
        ),
        (
            "filters: {deny: {aa-*: x}}",
            "filters: {deny: {only: yes, list: {bb-*: x}}}",
            "pairs.a.filters.deny.aa-*: dhcp2",
        ),
        ("options: {3: 192.0.2.1}", "options: {routers: 192.0.2.1, 6: 192.0.2.9}", None),
        ("filters: {allow: {aa-*: x}}", "filters: {allow: {AA-*: x}, deny: {bb-*: x}}", None),
        ("policies: {P: {when: fqdn is x}}", "policies: {P: {enabled: no}, Q: {when: fqdn is y}}", None),
    ],
)
def test_pairs_that_share_a_server_must_agree(tmp_path, one, other, problem):
    path = tmp_path / "fleet.yaml"
    lines = "version: 1", "pairs:", f"  a: {{servers: [dhcp1, dhcp2], {one}}}", ""
    path.write_text("\n".join([*lines, f"  b: {{servers: [DHCP2, dhcp3], {other}}}\n"]), "utf-8")
    if problem is None:
        assert len(read_fleet(path)) == 2
        return
    with pytest.raises(FileError) as caught:
        read_fleet(path)
    assert problem in str(caught.value)


def test_the_schema_has_them():
    found = schema()
    pair = found["$defs"]["Pair"]["properties"]
    assert {"options", "policies", "policies-enforced", "filters"} <= set(pair)
    assert {"policies", "policies-enforced"} <= set(found["$defs"]["Scope"]["properties"])
    assert "string" in str(found["$defs"]["When"])


def test_an_export_plans_to_nothing_and_moves(tmp_path):
    lab = lab_of()
    for name in ("new1", "new2"):
        lab.add_server(name, f"198.51.100.{name[-1]}")
    pair = pair_of(lab)
    text = CLASSES + OPTIONS + FILTERS + "    policies: {P: {when: fqdn is x}}\n    policies-enforced: no\n"
    desired(hq("{}", text), tmp_path).plan(pair).apply()
    exported = "\n".join([HEAD, *export(pair, "hq", full=True), ""])
    assert "#" not in exported.replace("# (", "")
    assert not desired(exported, tmp_path).plan(pair)
    moved, new = desired(exported.replace("dhcp", "new"), tmp_path), pair_of(lab, ("new1", "new2"))
    moved.plan(new).apply()
    assert not moved.plan(new)
    assert read_level(new.secondary) == read_level(pair.primary)
    assert "options" not in "\n".join(export(pair, "hq"))


def test_what_differs_on_the_two_servers_is_a_comment(tmp_path):
    pair = pair_of(lab_of())
    desired(
        hq("{}", CLASSES + OPTIONS + FILTERS + "    policies: {P: {when: fqdn is x}, Q: {when: fqdn is y}}\n"), tmp_path
    ).plan(pair).apply()
    one = pair.primary
    one.set_option_value(15, "mine")
    one.delete_option_value(1, vendor_class="V")
    one.set_policy("P", description="mine")
    one.set_policy_enforcement(enabled=False)
    one.create_filter(deny("aabbccddeeff", "mine"), overwrite=True)
    one.set_filter_lists(allow=False, deny=True)
    lines = [line.strip() for line in export(pair, "hq", full=True)]
    for said in (
        "option 15 of the server",
        "option 1 of the server",
        "policy P",
        "policies-enforced",
        "filter AA-BB-CC-DD-EE-FF",
    ):
        assert f"# {said} is not the same on the two servers" in lines
    assert "# whether the list allow is enforced is not the same on the two servers" in lines
    assert "enabled: {deny: yes}" in lines
    assert not desired("\n".join([HEAD, *export(pair, "hq", full=True), ""]), tmp_path).plan(pair)
    one.set_policy("P", description=None, order=2)
    one.set_policy("Q", order=1)
    assert "# the order of the policies is not the same on the two servers" in "\n".join(export(pair, "hq", full=True))
    assert not desired("\n".join([HEAD, *export(pair, "hq", full=True), ""]), tmp_path).plan(pair)


@pytest.mark.parametrize("seed", range(3))
def test_filters_at_random_converge(tmp_path, seed):
    import json

    chance = random.Random(seed)
    pair = pair_of(lab_of())
    pool = [chance.randbytes(chance.randint(1, 6)) for _ in range(8)]
    texts = {octets: octets.hex("-") + ("" if len(octets) == 6 else "-*") for octets in pool}
    for _ in range(6):
        chosen = chance.sample(list(texts.values()), 6)
        said = {
            "enabled": {"allow": chance.choice(("yes", "no")), "deny": chance.choice(("yes", "no"))},
            "allow": {"only": chance.choice(("yes", "no")), "list": {one: chance.choice("xy") for one in chosen[:3]}},
            "deny": {one: chance.choice("xy") for one in chosen[3:]},
        }
        wanted = desired(hq("{}", f"    filters: {json.dumps(said)}\n"), tmp_path)
        plan = wanted.plan(pair)
        plan.apply(allow=plan.guards)
        assert not wanted.plan(pair), str(wanted.plan(pair).plan)
        assert read_level(pair.primary) == read_level(pair.secondary)
