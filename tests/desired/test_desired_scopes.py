"""Scopes that do not go together, in one file: told with line and key before a server is asked."""

import pytest
from worlds_desired import desired, hq, lab_of, pair_of

from dhcpfo.enums import RangeType
from dhcpfo.fleet.desired import FileError, read_fleet


def at(text):
    """Return a text without its mark, and the column of that."""
    return text.replace("^", ""), text.index("^") + 1


@pytest.mark.parametrize(
    ("contents", "key", "problem"),
    [
        ("exclusions: [10.0.9.1, ^10.0.8.1-10.0.9.9]", "exclusions[1]", "10.0.8.1-10.0.9.9 is not in 10.0.9.0/24"),
        ("range: ^10.0.9.1-10.0.10.9", "range", "10.0.9.1-10.0.10.9 is not in 10.0.9.0/24"),
        ("reservations: {10.0.8.1: ^{client: aa}}", "reservations.10.0.8.1", "10.0.8.1 is not in 10.0.9.0/24"),
        (
            "reservations: {10.0.9.1: {client: a1-b2}, 10.0.9.2: {client: ^A1B2}}",
            "reservations.10.0.9.2.client",
            "has a reservation already: 10.0.9.1",
        ),
        ("range-type: dhcp, max-bootp: ^1", "max-bootp", "is for range-type both, and this is dhcp"),
        ("range-type: ^bootp", "range-type", "failover does not serve BOOTP alone, and the scope is in a relationship"),
    ],
)
def test_what_a_scope_cannot_have_is_told(tmp_path, contents, key, problem):
    line, column = at(f"    scopes: {{10.0.9.0/24: {{{contents}}}}}")
    with pytest.raises(FileError) as caught:
        desired(hq("{x: {scopes: [10.0.9.0]}}", line + "\n"), tmp_path)
    (found,) = map(str, caught.value.problems)
    assert found.endswith(f"fleet.yaml:6:{column}: pairs.hq.scopes.10.0.9.0/24.{key}: {problem}")


def test_a_client_that_a_profile_reserves_another_address_is_told(tmp_path):
    text = (
        "version: 1\ndefaults: {scope: {reservations: {10.0.9.1: {client: aa}}}}\n"
        "pairs: {hq: {servers: [a, b], scopes: {10.0.9.0: {reservations: {10.0.9.2: {client: AA}}}}}}\n"
    )
    with pytest.raises(FileError, match=r"reservations.10.0.9.2.client: has a reservation already: 10.0.9.1"):
        desired(text, tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        ("scopes: {10.0.0.0/16: {}, ^10.0.9.0/24: {}}", "", "10.0.9.0/24 is in 10.0.0.0/16, which is a scope, too: "),
        ("scopes: {10.0.0.0/16: {}}", "relationships: {y: {scopes: [^10.0.9.0]}}", "10.0.9.0 is in 10.0.0.0/16"),
        ("scopes: {10.0.0.0/16: {}}", "scopes: {^10.0.9.0/24: {}}", "10.0.9.0/24 is in 10.0.0.0/16"),
        ("scopes: {10.0.9.0: {lease: 8h}}", "scopes: {^10.0.9.0: {lease: 4h}}", "DHCP2 is to have the scope otherwise"),
        ("scopes: {10.0.9.0/24: {}}", "scopes: {^10.0.9.0/25: {}}", "DHCP2 is to have the scope otherwise by"),
        ("scopes: {10.0.9.0: {lease: 8h}}", "scopes: {10.0.9.0/24: {lease: 8h}, 10.0.10.0/24: {}}", None),
    ],
)
def test_scopes_of_one_server_go_together(tmp_path, one, other, problem):
    path = tmp_path / "fleet.yaml"
    lines = [f"  a: {{servers: [dhcp1, dhcp2], {one}}}", f"  b: {{servers: [DHCP2, dhcp3], {other}}}"]
    text = "\n".join(["version: 1", "pairs:", *lines, ""])
    path.write_text(text.replace("^", ""), "utf-8")
    if problem is None:
        assert len(read_fleet(path)) == 2
        return
    with pytest.raises(FileError) as caught:
        read_fleet(path)
    (found,) = map(str, caught.value.problems)
    (line,) = [number for number, line in enumerate(text.splitlines(), 1) if "^" in line]
    column = text.splitlines()[line - 1].index("^") + 1
    assert f"fleet.yaml:{line}:{column}: pairs." in found
    assert problem in found


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        ("absent: {relationships: [X]}", "fleet.yaml:3"),
        ("relationships: {only: true, list: {y: {scopes: [10.0.8.0]}}}", "fleet.yaml:3"),
        ("absent: {relationships: [z]}", None),
    ],
)
def test_two_pairs_of_the_same_servers_agree_on_relationships(tmp_path, one, problem):
    path = tmp_path / "fleet.yaml"
    lines = [
        f"  a: {{servers: [dhcp1, dhcp2], {one}}}",
        "  b: {servers: [dhcp2, DHCP1], relationships: {x: {scopes: [10.0.9.0]}}}",
    ]
    path.write_text("\n".join(["version: 1", "pairs:", *lines, ""]), "utf-8")
    if problem is None:
        assert len(read_fleet(path)) == 2
        return
    with pytest.raises(FileError, match=r"fleet.yaml:4:48: pairs.b.relationships.x: is not to be by .*fleet.yaml:3"):
        read_fleet(path)


def test_an_exclusion_outside_the_range_is_a_warning(tmp_path):
    path = tmp_path / "fleet.yaml"
    contents = "range: 10.0.9.10-10.0.9.99, exclusions: [10.0.9.5-10.0.9.20, 10.0.9.1-10.0.9.9]"
    path.write_text(hq("{}", f"    scopes: {{10.0.9.0/24: {{{contents}}}}}\n"), "utf-8")
    (warning,) = map(str, read_fleet(path).warnings)
    assert warning.endswith(
        "fleet.yaml:6:89: pairs.hq.scopes.10.0.9.0/24.exclusions[1]: "
        "has no effect: 10.0.9.1-10.0.9.9 is not in the range"
    )


@pytest.mark.parametrize(
    "relationships", ["{x: {scopes: [10.0.8.0, 10.0.9.0]}}", "{only: true, list: {x: {scopes: [10.0.9.0]}}}"]
)
def test_a_scope_that_nobody_has_is_told_with_its_place(tmp_path, relationships):
    pair = pair_of(lab_of())
    pair.primary.create_scope("10.0.8.0/24")
    column = f"    relationships: {relationships}".index("10.0.9.0") + 1
    for _ in range(2):  # for a new relationship, and for one that is there
        with pytest.raises(FileError) as caught:
            desired(hq(relationships), tmp_path).plan(pair)
        (found,) = map(str, caught.value.problems)
        assert f"fleet.yaml:5:{column}: pairs.hq.relationships." in found
        assert found.endswith("dhcp1 has no scope 10.0.9.0: write it in scopes, with its mask")
        if not pair.primary.relationships():
            pair.create("x", ["10.0.8.0"])


def test_a_scope_for_bootp_alone_cannot_be_in_failover(tmp_path):
    pair = pair_of(lab_of())
    pair.primary.create_scope("10.0.9.0/24")
    pair.primary.add_range("10.0.9.0", "10.0.9.1", "10.0.9.9", type=RangeType.BOOTP)
    text = "{x: {scopes: [10.0.9.0]}}"
    with pytest.raises(
        FileError, match=r"yaml:5:34: pairs.hq.relationships.x.scopes\[0\]: the range of 10.0.9.0 on dhcp1 is"
    ):
        desired(hq(text), tmp_path).plan(pair)
    wanted = desired(hq(text, "    scopes: {10.0.9.0: {range-type: dhcp}}\n"), tmp_path)
    assert wanted.plan(pair).apply().done
    assert not wanted.plan(pair)


def test_a_secret_of_an_exact_list_has_its_place(tmp_path):
    text = hq("{only: true, list: {x: {scopes: [10.0.9.0], secret: {env: NOT_SET_ANYWHERE}}}}")
    with pytest.raises(FileError, match=r"fleet.yaml:5:78: pairs.hq.relationships.list.x.secret.env: environment"):
        desired(text, tmp_path).plan(pair_of(lab_of()))


@pytest.mark.parametrize(("there", "wanted"), [("10.0.9.0/24", "10.0.0.0/16"), ("10.0.0.0/16", "10.0.9.0/24")])
def test_a_scope_that_overlaps_one_of_the_server_is_told(tmp_path, there, wanted):
    pair = pair_of(lab_of())
    for network in ("9.0.0.0/24", there, "11.0.0.0/24"):
        pair.primary.create_scope(network)
    found = desired(hq("{}", f"    scopes: {{{wanted}: {{name: x}}}}\n"), tmp_path)
    with pytest.raises(FileError, match=rf"yaml:6:\d+: pairs.hq.scopes.{wanted}: dhcp1 has {there}, which overlaps it"):
        found.plan(pair)
    fits = desired(hq("{}", "    scopes: {10.1.0.0/16: {name: x}}\n"), tmp_path)
    fits.plan(pair).apply()
    assert not fits.plan(pair)
