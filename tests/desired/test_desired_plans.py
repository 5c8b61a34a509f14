"""Plans that make a pair as a file says, on labs: each is carried out, and the next one is empty."""

import json
import pickle

import pytest
from worlds_desired import SECRET, branch17, desired, hq, lab_of, pair_of, secrets

import pairs
from dhcpfo.api import CHANGES
from dhcpfo.enums import FailoverMode, FilterList, ScopeState
from dhcpfo.fleet.desired import FileError
from dhcpfo.models import Filter, FilterPattern, Policy, PolicyAttribute, PolicyCondition
from dhcpfo.pair import Conflict, Refused, Side
from dhcpfo.simulator import Lab

NAME, ONE, TWO, THREE, MORE = pairs.NAME, "10.0.1.0", "10.0.2.0", "10.0.3.0", "10.0.9.0"


@pytest.fixture(autouse=True)
def variables():
    secrets()


def carried_out(pair, wanted, *allow, steps=None):
    """Carry out a plan; the next one is empty and writes nothing."""
    plan = wanted.plan(pair)
    if steps is not None:
        assert [str(step) for step in plan.plan.steps] == steps
    for said in (str(plan.plan), repr(plan), json.dumps(plan.to_dict())):
        assert SECRET not in said
    assert SECRET.encode() not in pickle.dumps(wanted)
    assert SECRET.encode() not in pickle.dumps(plan.plan)
    result = plan.apply(allow=allow)
    assert result.done
    again = wanted.plan(pair)
    assert not again, str(again.plan)
    assert again.apply().done == ()
    return plan


BRANCH = """\
version: 1
pairs:
  branch-17:
    servers: [dhcp17a.example.com, dhcp17b.example.com]
    relationships:
      branch-17: {scopes: [10.17.0.0, 10.17.1.0], secret: {env: BRANCH17}}
"""


def test_the_first_example(tmp_path):
    lab = branch17()
    pair = pair_of(lab, tuple(lab.servers))
    carried_out(pair, desired(BRANCH, tmp_path, "branch-17"))
    lab.settle()
    for server in (pair.primary, pair.secondary):
        [found] = server.relationships()
        assert (found.name, len(found.scopes), str(found.state)) == ("branch-17", 2, "NORMAL")
        assert found.shared_secret == SECRET
        assert all(server.get_scope(scope).enabled for scope in found.scopes)


@pytest.mark.parametrize("partner", ["absent", "equal", "half", "disabled"])
def test_copies_on_the_other_server_are_completed(tmp_path, partner):
    wanted = desired(hq(f"{{{NAME}: {{scopes: [{ONE}, {TWO}], secret: {{env: S}}}}}}"), tmp_path)
    carried_out(pairs.pair_of(pairs.world(partner)), wanted)


def test_copies_that_differ_are_refused_unless_the_file_says(tmp_path):
    text = f"{{{NAME}: {{scopes: [{ONE}, {TWO}], secret: {{env: S}}, existing: %s}}}}"
    pair = pairs.pair_of(pairs.world("different"))
    with pytest.raises(Refused, match="with more than the source's"):
        desired(hq(text % "refuse"), tmp_path).plan(pair)
    carried_out(pair, desired(hq(text % "overwrite"), tmp_path))


def test_what_is_not_written_is_left_alone(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    plan = desired(hq("{}"), tmp_path).plan(pair)
    assert not plan
    assert [note.text for note in plan.plan.notes] == [f"relationships that are not in the file: {NAME}"]
    plan = desired(hq(f"{{{NAME}: {{scopes: [{ONE}]}}}}"), tmp_path).plan(pair)
    assert not plan
    assert any("of hq not in the file" in note.text for note in plan.plan.notes)


def test_terms_are_set_on_both_servers(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(hq(f"{{{NAME}: {{mode: hot-standby, reserve: 7, mclt: 2h, switch: 45m}}}}"), tmp_path)
    carried_out(pair, wanted)
    for server in (pair.primary, pair.secondary):
        found = server.get_relationship(NAME)
        assert (found.mode, found.percentage, str(found.mclt)) == (FailoverMode.HOT_STANDBY, 7, "2:00:00")
        assert str(found.state_switch_interval) == "0:45:00"
    carried_out(pair, desired(hq(f"{{{NAME}: {{switch: never}}}}"), tmp_path))
    assert pair.primary.get_relationship(NAME).state_switch_interval is None


def test_a_share_for_another_mode_is_a_mistake_of_the_file(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    with pytest.raises(FileError, match=r"fleet.yaml:5:3\d: pairs.hq.relationships.hq.reserve: .* give the mode, too"):
        desired(hq(f"{{{NAME}: {{reserve: 5}}}}"), tmp_path).plan(pair)


def test_scopes_are_added(tmp_path):
    pair = pairs.pair_of(pairs.world("absent", related=True))
    more = str(pairs.MORE)
    carried_out(pair, desired(hq(f"{{{NAME}: {{scopes: [{more}]}}}}"), tmp_path))
    assert more in map(str, pair.secondary.get_relationship(NAME).scopes)


def test_an_exact_list_takes_scopes_out(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(hq(f"{{{NAME}: {{scopes: {{only: true, list: [{ONE}]}}}}}}"), tmp_path)
    assert wanted.plan(pair).guards == ("delete-scopes",)
    with pytest.raises(Refused):
        wanted.plan(pair).apply()
    carried_out(pair, wanted, "delete-scopes")
    assert [str(one) for one in pair.primary.get_relationship(NAME).scopes] == [ONE]
    assert pair.primary.get_scope(TWO)
    assert TWO not in map(str, pair.secondary.scopes())


def test_an_empty_list_needs_its_own_guard(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(hq(f"{{{NAME}: {{scopes: {{only: true, list: []}}, keep: both}}}}"), tmp_path)
    assert wanted.plan(pair).guards == ("empty",)
    carried_out(pair, wanted, "empty")


@pytest.mark.parametrize(
    "text",
    [
        hq("{}", f"    absent: {{relationships: [{NAME}], keep: dhcp1}}\n"),
        hq("{only: true, list: {}}"),
    ],
)
def test_relationships_that_must_not_be_are_deleted(tmp_path, text):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(text, tmp_path)
    assert set(wanted.plan(pair).guards) == {"delete-scopes", "delete-relationship"}
    carried_out(pair, wanted, "delete-scopes", "delete-relationship")
    assert pair.primary.relationships() == pair.secondary.relationships() == []
    assert pair.primary.get_scope(ONE).enabled


def test_a_scope_moves_from_one_relationship_to_another(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    text = f"{{{NAME}: {{scopes: {{only: true, list: [{ONE}]}}}}, new: {{scopes: [{TWO}]}}}}"
    carried_out(pair, desired(hq(text), tmp_path), "delete-scopes")
    assert [str(one) for one in pair.secondary.get_relationship("new").scopes] == [TWO]


def test_a_secret_is_changed_where_a_server_shows_another_one(tmp_path, monkeypatch):
    monkeypatch.setenv("S", "another-one")
    pair = pairs.pair_of(pairs.world("equal", related=True))
    plan = carried_out(pair, desired(hq(f"{{{NAME}: {{secret: {{env: S}}}}}}"), tmp_path))
    assert "another-one" not in str(plan.plan)
    assert pair.primary.get_relationship(NAME).shared_secret == "another-one"
    carried_out(pair, desired(hq(f"{{{NAME}: {{secret: none}}}}"), tmp_path))
    assert pair.primary.get_relationship(NAME).shared_secret is None


def test_a_server_that_shows_no_secret_gets_a_note(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True, secret=None))
    plan = desired(hq(f"{{{NAME}: {{secret: {{env: S}}}}}}"), tmp_path).plan(pair)
    assert not plan
    assert "rotate-secret sets it (" in plan.plan.notes[0].text


def test_secrets_come_from_files_and_variables(tmp_path, monkeypatch):
    (tmp_path / "hq.secret").write_text(f"{pairs.MARKER}\n", "utf-8")
    pair = pairs.pair_of(pairs.world("equal", related=True))
    assert not desired(hq(f"{{{NAME}: {{secret: {{file: hq.secret}}}}}}"), tmp_path).plan(pair)
    monkeypatch.delenv("S")
    for source, text in {
        "env: S": "secret.env: environment variable S is not set",
        "file: none": "secret.file: none cannot be read: No such file or directory",
        "prompt: true": "secret.prompt: nobody can be asked",
        "keyring: x": "secret.keyring: must be service/user",
    }.items():
        with pytest.raises(FileError, match=text):
            desired(hq(f"{{{NAME}: {{secret: {{{source}}}}}}}"), tmp_path).plan(pair)


def test_a_secret_comes_from_the_keyring(tmp_path, monkeypatch):
    import sys

    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(hq(f"{{{NAME}: {{secret: {{keyring: dhcpfo/hq}}}}}}"), tmp_path)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(FileError, match=r"fleet.yaml:5:.*secret.keyring: needs the package keyring"):
        wanted.plan(pair)
    monkeypatch.delitem(sys.modules, "keyring")
    known = f"{{('dhcpfo', 'hq'): {pairs.MARKER!r}}}"
    (tmp_path / "keyring.py").write_text(f"def get_password(*names):\n    return {known}.get(names)\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert not wanted.plan(pair)
    other = desired(hq(f"{{{NAME}: {{secret: {{keyring: dhcpfo/other}}}}}}"), tmp_path)
    with pytest.raises(FileError, match="the keyring has no password for dhcpfo/other"):
        other.plan(pair)
    monkeypatch.delitem(sys.modules, "keyring")


def test_roles_stay(tmp_path):
    lab = pairs.world("equal", related=True)
    turned = pair_of(lab, ("dhcp2", "dhcp1"))
    text = hq(f"{{{NAME}: {{mclt: 2h}}}}").replace("[dhcp1, dhcp2]", "[dhcp2, dhcp1]")
    wanted = desired(text, tmp_path)
    assert wanted.plan(turned).guards == ("roles-swap",)
    primary = desired(text.replace("mclt", "primary: dhcp1, mclt"), tmp_path)
    carried_out(turned, primary)


def test_a_relationship_can_be_created_the_other_way_round(tmp_path):
    lab = pairs.world("absent")
    turned = pair_of(lab, ("dhcp2", "dhcp1"))
    text = hq(f"{{{NAME}: {{scopes: [{ONE}], primary: dhcp1}}}}").replace("[dhcp1, dhcp2]", "[dhcp2, dhcp1]")
    carried_out(turned, desired(text, tmp_path))
    assert str(lab.connect("dhcp1", direct=True).get_relationship(NAME).server_type) == "PRIMARY"


def test_a_half_with_other_values_is_a_conflict(tmp_path):
    lab = pairs.world("disabled", related="half")
    with pytest.raises(Conflict, match="Use adopt or delete"):
        desired(hq(f"{{{NAME}: {{mclt: 5h}}}}"), tmp_path).plan(pairs.pair_of(lab))
    carried_out(pairs.pair_of(lab), desired(hq(f"{{{NAME}: {{secret: {{env: S}}}}}}"), tmp_path))


def test_many_deletions_need_a_guard(tmp_path):
    lab = lab_of()
    server = lab.connect("dhcp1", direct=True)
    scopes = [f"10.9.{number}.0" for number in range(12)]
    for scope in scopes:
        server.create_scope(f"{scope}/24")
    pair = pair_of(lab)
    carried_out(pair, desired(hq(f"{{x: {{scopes: [{', '.join(scopes)}]}}}}"), tmp_path))
    fewer = hq(f"{{x: {{scopes: {{only: true, list: [{', '.join(scopes[2:])}]}}}}}}")
    plan = desired(fewer, tmp_path).plan(pair)
    assert plan.guards == ("delete-scopes", "many-deletes")
    [note] = [note for note in plan.plan.notes if note.guard == "many-deletes"]
    assert "2 of 13 scopes would be deleted: 15 %, and the limit is 10 %" in note.text
    for limits in ("delete: 20%", "delete: 10%, from: 20"):
        assert desired(fewer + f"    limits: {{{limits}}}\n", tmp_path).plan(pair).guards == ("delete-scopes",)


CONTENTS = """\
    scopes:
      10.0.9.0/24:
        {name: Branch, range: 10.0.9.1-10.0.9.254, exclusions: {only: true, list: [10.0.9.10-10.0.9.20]},
         options: {routers: 10.0.9.1, 66: tftp1}, lease: 8h, delay: 100ms,
         reservations: {10.0.9.50: {client: 00-15-5d-01-02-03, name: printer}}, absent: {reservations: [10.0.9.51]}}
"""


def test_a_scope_with_its_contents_is_made_on_both_servers(tmp_path):
    pair = pair_of(lab_of())
    plan = carried_out(pair, desired(hq(f"{{x: {{scopes: [{MORE}]}}}}", CONTENTS), tmp_path))
    assert any("leases do not move" in note.text for note in plan.plan.notes)
    for server in (pair.primary, pair.secondary):
        assert server.get_scope(MORE).name == "Branch"
        assert server.get_scope(MORE).state == ScopeState.ENABLED
        [entry] = server.reservations(MORE)
        assert (str(entry.address), entry.client_id.hex("-"), entry.name) == (
            "10.0.9.50",
            "00-15-5d-01-02-03",
            "printer",
        )


def test_contents_are_changed_on_both_servers_and_the_rest_stays(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    options = "options: {dns-servers: [192.0.2.9, 192.0.2.8]}"
    scope = f"    scopes: {{{ONE}: {{lease: 8h, {options}, exclusions: [10.0.1.30]}}}}\n"
    before = {side: pair.server(side).get_scope(ONE) for side in Side}
    carried_out(pair, desired(hq(f"{{{NAME}: {{}}}}", scope), tmp_path))
    for side in Side:
        server = pair.server(side)
        assert server.get_scope(ONE) == before[side]
        values = {value.id: value.values for value in server.option_values(scope=ONE)}
        assert values[51] == (28800,)
        assert list(map(str, values[6])) == ["192.0.2.9", "192.0.2.8"]
        assert list(map(str, values[3])) == ["10.0.1.1"]
        assert len(server.exclusions(ONE)) == 2
        assert len(server.reservations(ONE)) == 1


def test_a_client_moves_with_its_reservation(tmp_path):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    [entry] = pair.primary.reservations(ONE)
    scope = f"    scopes: {{{ONE}: {{reservations: {{10.0.1.60: {{client: {entry.client_id.hex('-')}}}}}}}}}\n"
    carried_out(pair, desired(hq(f"{{{NAME}: {{}}}}", scope), tmp_path))
    for server in (pair.primary, pair.secondary):
        assert [str(one.address) for one in server.reservations(ONE)] == ["10.0.1.60"]


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ("options: {routres: 10.0.1.1}", "options.routres: no option is called 'routres'"),
        ("options: {routers: nonsense}", "options.routers: option 3 routers takes IP_ADDRESS"),
        ("options: {249: x}", "options.249: option 249 is not defined"),
        ("options: {3: 10.0.1.1, routers: 10.0.1.2}", "options.routers: given twice, first as 3"),
        ("lease: 8h, options: {51: 60}", "options.51: given twice, first as lease"),
        ("reservations: {10.0.1.77: {name: x}}", "reservations.10.0.1.77: client is missing"),
        ("exclusions: [10.0.5.1]", r"exclusions\[0\]: 10.0.5.1-10.0.5.1 is not in 10.0.1.0/24"),
    ],
)
def test_contents_that_do_not_fit_have_a_place(tmp_path, contents, text):
    pair = pairs.pair_of(pairs.world("equal", related=True))
    wanted = desired(hq(f"{{{NAME}: {{}}}}", f"    scopes: {{{ONE}: {{{contents}}}}}\n"), tmp_path)
    with pytest.raises(FileError, match=rf"fleet.yaml:6:\d+: pairs.hq.scopes.10.0.1.0.{text}"):
        wanted.plan(pair)


def test_a_scope_that_is_not_there_needs_its_mask(tmp_path):
    wanted = desired(hq(f"{{x: {{scopes: [{MORE}]}}}}", f"    scopes: {{{MORE}: {{name: x}}}}\n"), tmp_path)
    with pytest.raises(FileError, match="write it with its mask"):
        wanted.plan(pair_of(lab_of()))


SERVERS = """\
    classes: {Phones: {type: vendor, data: IP Phone}}
    options: {dns-servers: [192.0.2.53, 192.0.2.54]}
    policies:
      only: true
      list: {Desks: {when: vendor-class is Phones, options: {3: 192.0.2.1}}, Others: {enabled: no}}
    filters: {enabled: {allow: yes}, allow: {only: true, list: {00-1C-25-*: Phones}}, deny: {AA-BB-CC-*: stolen}}
    scopes:
      10.0.9.0/24:
        name: Phones
        range: 10.0.9.1-10.0.9.200
        exclusions: [10.0.9.1-10.0.9.9]
        options: {routers: 10.0.9.1}
        reservations: {10.0.9.50: {client: 00-15-5d-01-02-03, name: printer, options: {15: x}}}
        policies:
          only: true
          list:
            First: {when: mac-address begins-with 00-1C, ranges: [10.0.9.10-10.0.9.19]}
            Second: {options: {3: 10.0.9.2}}
"""


def something_else():
    """Return a lab that has policies, a filter and a scope on one server, some otherwise than the file wants them."""
    lab = lab_of()
    server = lab.connect("dhcp1", direct=True)
    lab.add_scope("10.0.9.0/24", servers=["dhcp1"])
    condition = PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value="00-11-22-33-44-55")
    for scope, names in ((None, ("Others", "Own")), ("10.0.9.0", ("Second", "First", "Own"))):
        for name in names:
            server.create_policy(Policy.build(name, condition, scope=scope))
    server.create_filter(Filter(pattern=FilterPattern.parse("00-1C-25-*"), filter_list=FilterList.DENY))
    return lab


def test_the_remaining_steps_are_among_the_approved_ones(tmp_path):
    """Whatever part of a plan is done: the plan of the rest has no other digests, and it does the rest."""
    lab, states = something_else(), []
    text = hq(f"{{x: {{scopes: [{MORE}], secret: {{env: S}}}}}}", SERVERS)
    wanted, pair = desired(text, tmp_path), pair_of(lab)
    plan = wanted.plan(pair)
    for server in lab.servers:
        for method in sorted(CHANGES):
            lab.before(server, method, lambda: states.append(lab.to_dict(secrets=True)), every=True)
    plan.apply(allow=plan.guards)
    assert len(states) > len(plan.plan.steps)  # some steps are several calls
    for number, state in enumerate(states):
        half = Lab.from_dict(state)
        for server in half.servers:
            half.clear_faults(server)
        pair = pair_of(half)
        rest = wanted.plan(pair)
        assert set(rest.digests) <= set(plan.digests), (number, str(rest.plan))
        if number % 5 == 0:
            rest.apply(allow=rest.guards)
            assert not wanted.plan(pair), number
