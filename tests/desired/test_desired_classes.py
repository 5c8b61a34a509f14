"""User and vendor classes and option definitions in files: made on both servers where they lack, and exported."""

import pytest
from worlds_desired import desired, hq, lab_of, pair_of

import pairs
from dhcpfo.fleet.desired import FileError, read_fleet
from dhcpfo.fleet.desired.export import HEAD, export
from dhcpfo.models import DhcpClass
from dhcpfo.pair import Conflict, PairError, Refused

SCOPE = "10.0.9.0"
SHARED = """\
    classes:
      Cisco Phones: {type: vendor, data: 'Cisco Systems, Inc. IP Phone', description: Phones}
      Guests: {type: user, hex: 67-00}
    definitions:
      66 [Cisco Phones]: {name: TFTP server, type: string}
      150: {name: TFTP servers, type: ip-address, multivalued: yes, description: for phones}
      240: {name: Level, type: byte, default: 7}
"""
CONTENTS = """\
    scopes:
      10.0.9.0/24:
        range: 10.0.9.1-10.0.9.254
        options: {"66 [Cisco Phones]": tftp1, 150: [192.0.2.1, 192.0.2.2], "6 [user:Guests]": 192.0.2.53}
"""
RELATED = f"{{x: {{scopes: [{SCOPE}]}}}}"


def own_classes(server):
    return {one.name: one.data for one in server.classes() if one.name in ("Cisco Phones", "Guests")}


def test_classes_and_definitions_are_made_on_both_servers(tmp_path):
    pair = pair_of(lab_of())
    wanted = desired(hq(RELATED, SHARED + CONTENTS), tmp_path)
    plan = wanted.plan(pair)
    assert plan.apply().done
    assert not wanted.plan(pair), str(wanted.plan(pair).plan)
    for server in (pair.primary, pair.secondary):
        assert own_classes(server) == {"Cisco Phones": b"Cisco Systems, Inc. IP Phone", "Guests": b"g\0"}
        made = server.get_option_definition(150)
        assert (made.name, made.multivalued, made.description) == ("TFTP servers", True, "for phones")
        assert server.get_option_definition(240).default == (7,)
        values = {(one.id, one.vendor_class, one.user_class): one.values for one in server.option_values(scope=SCOPE)}
        assert values[66, "Cisco Phones", None] == ("tftp1",)
        assert list(map(str, values[150, None, None])) == ["192.0.2.1", "192.0.2.2"]
        assert (6, None, "Guests") in values


def test_what_lacks_on_one_server_is_made_there(tmp_path):
    pair = pair_of(lab_of())
    pair.secondary.create_class(DhcpClass(name="GUESTS", data=b"g\0", description="Visitors"))
    text = SHARED.replace("hex: 67-00", "hex: 67-00, description: others")
    plan = desired(hq("{}", text), tmp_path).plan(pair)
    assert [str(step) for step in plan.plan.steps if "Guests" in str(step)] == ["add class Guests: 67-00"]
    assert [note.text for note in plan.plan.notes] == [
        "class Guests has another description on dhcp2; that is not changed"
    ]
    plan.apply()
    assert not desired(hq("{}", text), tmp_path).plan(pair)
    assert "Visitors" in [one.description for one in pair.secondary.classes()]


def test_another_class_or_definition_is_a_conflict_with_its_place(tmp_path):
    pair = pair_of(lab_of())
    pair.secondary.create_class(DhcpClass(name="Guests", data=b"other"))
    with pytest.raises(Conflict, match=r"dhcp2 .*class Guests: it has other data there.*\(.*fleet.yaml:8\)"):
        desired(hq("{}", SHARED), tmp_path).plan(pair)
    text = "    definitions: {3: {name: Router, type: string}}\n"
    with pytest.raises(Conflict, match=r"dhcp1 .*another type there: .*\(.*fleet.yaml:6\)"):
        desired(hq("{}", text), tmp_path).plan(pair)


def test_a_failed_run_leaves_no_class(tmp_path):
    lab = lab_of()
    pair = pair_of(lab)
    plan = desired(hq(RELATED, SHARED + CONTENTS), tmp_path).plan(pair)
    lab.fail("dhcp1", "create_relationship", 5)
    with pytest.raises(PairError, match="both servers are as before"):
        plan.apply()
    for server in (pair.primary, pair.secondary):
        assert own_classes(server) == {}
        assert server.scopes() == []
        assert 150 not in {one.id for one in server.option_definitions()}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("classes: {A: {data: x}}", ":18: pairs.hq.classes.A.type: is missing"),
        ("classes: {A: {type: user, data: x, hex: 00}}", ":18: pairs.hq.classes.A: must have exactly one of data, hex"),
        ("classes: {A: {type: user, data: é}}", ":15: pairs.hq.classes.A: data must be ASCII text"),
        ("classes: {A: {type: user, data: x}, a: {type: user, data: y}}", ":41: .*classes.a: given twice, first as A"),
        ("classes: {A: {type: user, data: x}, B: {type: user, data: x}}", ":41: .*classes.B: its data is that of A"),
        ("definitions: {tftp: {name: x, type: string}}", ":19: .*definitions.tftp: must be the number of an option"),
        ("definitions: {300: {name: x, type: string}}", ":19: .*definitions.300: must have a number between 1 and 255"),
        ("definitions: {150: {name: x, type: text}}", ":40: .*definitions.150.type: 'text' is not one of byte, word"),
        ("definitions: {150: {name: x, type: byte, default: 300}}", ":19: .*definitions.150: .*got 300"),
        ("definitions: {150: {name: x, type: byte, array: yes}}", ":46: .*definitions.150.array: unknown"),
    ],
)
def test_mistakes_have_their_place(tmp_path, text, problem):
    with pytest.raises(FileError, match=f"fleet.yaml:6{problem}"):
        desired(hq("{}", f"    {text}\n"), tmp_path)


def test_a_definition_needs_its_class(tmp_path):
    wanted = desired(hq("{}", '    definitions: {"1 [No]": {name: x, type: string}}\n'), tmp_path)
    with pytest.raises(FileError, match=r"fleet.yaml:6:\d+: .* dhcp1 has no vendor class 'No': write it in classes"):
        wanted.plan(pair_of(lab_of()))


def test_classes_come_from_profiles_and_defaults_too(tmp_path):
    text = (
        "version: 1\ndefaults: {classes: {A: {type: user, data: a}}}\n"
        "profiles: {store: {classes: {A: {type: user, data: b}, B: {type: vendor, data: c}}}}\n"
        "pairs: {hq: {profile: store, servers: [dhcp1, dhcp2], classes: {C: {type: user, data: d}}}}\n"
    )
    (tmp_path / "fleet.yaml").write_text(text, "utf-8")
    wanted = read_fleet(tmp_path / "fleet.yaml")["hq"]
    assert {name: one.data for name, one in wanted.classes.items()} == {"A": b"b", "B": b"c", "C": b"d"}
    assert str(wanted.place("classes", "A")).endswith("fleet.yaml:3")


def test_an_export_has_them(tmp_path):
    lab = lab_of()
    for name in ("new1", "new2"):
        lab.add_server(name, f"198.51.100.{name[-1]}")
    pair = pair_of(lab)
    desired(hq(RELATED, SHARED + CONTENTS), tmp_path).plan(pair).apply()
    pair.primary.create_class(DhcpClass(name="Own: {1}", data=b"x"))
    lines = export(pair, "hq", full=True)
    assert "      # class Own: {1} is not the same on the two servers" in lines
    assert "      '66 [Cisco Phones]': {name: TFTP server, type: string}" in lines
    text = "\n".join([HEAD, *lines, ""])
    assert not desired(text, tmp_path).plan(pair)
    moved, new = desired(text.replace("dhcp", "new"), tmp_path), pair_of(lab, ("new1", "new2"))
    moved.plan(new).apply()
    assert not moved.plan(new)
    assert own_classes(new.secondary) == own_classes(pair.secondary)
    assert "classes" not in "\n".join(export(pair, "hq"))
    plain = export(pair_of(pairs.world("equal", related=True)), "hq", full=True)
    assert any("name: Branch" in line or "      10.0.1.0/24:" in line for line in plain)


def test_what_must_not_be_is_deleted_and_needs_a_guard(tmp_path):
    pair = pair_of(lab_of())
    desired(hq(RELATED, SHARED + CONTENTS), tmp_path).plan(pair).apply()
    gone = '    absent: {classes: [guests, Cisco Phones], definitions: ["66 [Cisco Phones]", 240, 241]}\n'
    wanted = desired(hq("{}", gone), tmp_path)
    plan = wanted.plan(pair)
    assert plan.guards == ("delete-classes",)
    assert len(plan.plan.steps) == 8
    with pytest.raises(Refused):
        plan.apply()
    assert len(own_classes(pair.primary)) == 2
    assert plan.apply(allow=plan.guards).done
    assert not wanted.plan(pair), str(wanted.plan(pair).plan)
    for server in (pair.primary, pair.secondary):
        assert own_classes(server) == {}
        assert {66, 150, 240} & {one.id for one in server.option_definitions() if not one.vendor_class} == {66, 150}
        assert {one.id for one in server.option_values(scope=SCOPE)} >= {150}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{classes: [Microsoft Options]}",
            r":24: .*absent.classes\[0\]: Microsoft Options is a class that every",
        ),
        ("{classes: [X, Guests]}", r":27: .*absent.classes\[1\]: Guests is in classes, too"),
        ("{definitions: [240]}", r":28: .*absent.definitions\[0\]: 240 is in definitions, too"),
        ("{definitions: [routers]}", r":28: .*absent.definitions\[0\]: must be the number of an option"),
    ],
)
def test_what_must_be_cannot_be_absent(tmp_path, text, problem):
    with pytest.raises(FileError, match=f"fleet.yaml:13{problem}"):
        desired(hq("{}", f"{SHARED}    absent: {text}\n"), tmp_path)


def test_two_classes_of_one_name_are_exported(tmp_path):
    pair = pair_of(lab_of())
    for server in (pair.primary, pair.secondary):
        server.create_class(DhcpClass(name="Both", data=b"user"))
        server.create_class(DhcpClass(name="Both", data=b"vendor", is_vendor=True))
    lines = export(pair, "hq", full=True)
    assert "      # class Both cannot be in a file: another one has its name" in lines
    assert not desired("\n".join([HEAD, *lines, ""]), tmp_path).plan(pair)
