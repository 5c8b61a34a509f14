"""What is exported plans to nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds_desired import desired, pair_of

import pairs
from dhcpfo.fleet.desired.export import HEAD, export
from dhcpfo.fleet.desired.options import key_name, key_of
from dhcpfo.fleet.desired.yaml_text import scalar
from dhcpfo.models import OptionKey


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
