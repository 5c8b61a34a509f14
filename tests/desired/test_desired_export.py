"""What is exported plans to nothing, and files that are broken at random never end in a traceback."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds_desired import desired, pair_of

import pairs
from dhcpfo.fleet.desired import FileError, read_fleet
from dhcpfo.fleet.desired.export import HEAD, export
from dhcpfo.fleet.desired.options import key_name, key_of
from dhcpfo.fleet.desired.yaml_text import scalar
from dhcpfo.models import OptionKey

GOOD = """\
version: 1
defaults: {relationship: {mode: hot-standby, reserve: 5, mclt: 1h, switch: never}, limits: {delete: 10%, from: 10}}
profiles: {store: {scope: {lease: 8h, options: {dns-servers: [10.0.0.53, 10.0.1.53]}}}}
pairs:
  hq:
    profile: store
    servers: [new1, new2]
    absent: {relationships: [old], keep: new1}
    relationships:
      hq-branch: {secret: {file: hq.secret}, scopes: {only: true, list: [10.0.1.0]}}
    scopes:
      10.0.1.0/24:
        {name: Branch, range: 10.0.1.1-10.0.1.254, options: {routers: 10.0.1.1, "66 [Cisco Phones]": tftp1},
         reservations: {10.0.1.50: {client: 00-15-5d-01-02-03, name: printer}}, absent: {reservations: [10.0.1.51]}}
"""
PIECES = (
    *"{}[]:,-&*!|>'\"#%@`~\n\t ",
    "\x00",
    "\ufeff",
    "\xff",
    "é",
    "😀",
    "<<: ",
    "? ",
    "---\n",
    "!!int ",
    "*a",
    "&a ",
)


def attempt(data, path):
    """Read a file: every problem has the file, a line and a text."""
    path.write_bytes(data)
    found = ()
    try:
        read_fleet(path)
    except FileError as error:
        found = error.problems or (None,)
    for problem in found:
        assert problem.mark.line >= 1
        assert problem.text
        assert str(problem).startswith(f"{problem.mark.file}:{problem.mark.line}:{problem.mark.column}: ")


@pytest.mark.parametrize("seed", range(4))
def test_files_broken_at_random_have_problems_with_places(tmp_path, seed):
    chance = random.Random(seed)
    for _ in range(150):
        text = GOOD
        for _ in range(chance.randint(1, 4)):
            at, size = chance.randrange(len(text)), chance.choice((0, 1, 3, 20))
            other = chance.randrange(len(GOOD))
            new = chance.choice((chance.choice(PIECES), "", GOOD[other : other + chance.randint(1, 40)]))
            text = text[:at] + new + text[at + size :]
        attempt(text.encode("utf-8", "surrogatepass"), tmp_path / "f.yaml")


KEYS = ("version", "pairs", "hq", "servers", "relationships", "scopes", "list", "only", "secret", "options", "absent")

VALUES = st.recursive(
    st.text(max_size=12) | st.integers() | st.none() | st.booleans() | st.sampled_from(["10.0.1.0", "1h", "60"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUES)
def test_files_of_any_shape_have_problems_with_places(tmp_path_factory, value):
    import yaml

    path = tmp_path_factory.getbasetemp() / "shape.yaml"
    attempt(yaml.safe_dump({"version": 1, "pairs": {"hq": value}}, allow_unicode=True).encode(), path)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
@settings(max_examples=100, deadline=None)
def test_a_text_is_read_back_as_it_was_written(text):
    import yaml

    assert yaml.load(f"x: {scalar(text)}", yaml.BaseLoader) == {"x": text}


@given(st.text("abC [u]ser:1", max_size=8), st.text("aB c:[]", max_size=6), st.integers(1, 300))
@settings(max_examples=100, deadline=None)
def test_an_option_is_found_by_the_name_it_is_exported_with(vendor, user, number):
    key = OptionKey(vendor.strip(), user.strip(), number)
    name = key_name(key)
    if name is not None:
        assert key_of(name, ()) == key


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("partner", pairs.PARTNERS)
def test_an_export_plans_to_nothing(tmp_path: Path, partner, full):
    pair = pair_of(pairs.world(partner, related=True))
    text = "\n".join([HEAD, *export(pair, "hq", full=full), ""])
    assert pairs.MARKER not in text
    plan = desired(text, tmp_path).plan(pair)
    differs = full and "differs on the two servers" in text
    if (
        partner == "disabled" and not full
    ):  # a copy that is disabled beside its enabled source is what a killed run leaves
        assert all(str(step).startswith("enable scope") for step in plan.plan.steps)
        return
    assert differs or not plan, f"{text}\n{plan.plan}"


def test_an_export_moves_to_other_servers(tmp_path):
    text = "\n".join([HEAD, *export(pair_of(pairs.world("equal", related=True)), "hq", full=True), ""])
    lab = pairs.Lab()
    for number in (1, 2):
        lab.add_server(f"new{number}", f"198.51.100.{number}")
    pair = pair_of(lab, ("new1", "new2"))
    wanted = desired(text.replace("dhcp", "new"), tmp_path)
    wanted.plan(pair).apply()
    assert not wanted.plan(pair)
    assert len(pair.secondary.get_relationship(pairs.NAME).scopes) == len(pairs.SCOPES)
