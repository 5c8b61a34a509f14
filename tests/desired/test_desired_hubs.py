"""A server that has relationships with several partners: a file of one pair leaves those with others alone."""

import pytest
from worlds_desired import desired, lab_of, pair_of

from dhcpfo.fleet.desired import FileError
from dhcpfo.fleet.desired.export import export
from dhcpfo.fleet.plan_text import hint_of
from dhcpfo.fleet.results import describe
from dhcpfo.pair import Conflict

SCOPE = "10.0.9.0"


@pytest.fixture
def hub():
    """A lab in which the hub has relationship x with s2, and its pair with s1."""
    lab = lab_of(("hub", "s1"))
    lab.add_server("s2", "192.0.2.3")
    other = pair_of(lab, ("hub", "s2"))
    other.primary.create_scope(f"{SCOPE}/24", name="of s2")
    other.create("x", [SCOPE])
    return lab, pair_of(lab, ("hub", "s1"))


def wanted(text, folder):
    return desired(f"version: 1\npairs:\n  hq:\n    servers: [hub, s1]\n    {text}\n", folder)


def test_what_must_not_be_is_another_one(hub, tmp_path):
    _, pair = hub
    plan = wanted("absent: {relationships: [x]}", tmp_path).plan(pair)
    assert not plan
    assert not plan.guards
    (note,) = plan.plan.notes
    assert note.text.startswith("relationship x is one of hub with 192.0.2.3, not s1 (")
    assert note.text.endswith("fleet.yaml:5)")
    assert not wanted("relationships: {only: true, list: {}}", tmp_path).plan(pair)


@pytest.mark.parametrize(
    "text", ["{x: {percent: 70}}", "{x: {scopes: [10.0.9.0]}}", "{x: {}}", "{X: {scopes: [10.0.8.0]}}"]
)
def test_a_name_that_is_taken_is_a_conflict_with_its_place(hub, tmp_path, text):
    lab, pair = hub
    pair.primary.create_scope("10.0.8.0/24")
    before = lab.to_dict()["hosts"]
    with pytest.raises(
        Conflict, match=r"of hub is with 192.0.2.3, which is not an address of s1.*fleet.yaml:5\)"
    ) as found:
        wanted(f"relationships: {text}", tmp_path).plan(pair)
    assert (
        hint_of(describe(found.value))
        == "addresses: [ADDRESS, ADDRESS] of the pair says how its servers reach each other"
    )
    assert lab.to_dict()["hosts"] == before


def test_contents_of_a_scope_that_another_pair_has_are_a_mistake(hub, tmp_path):
    _, pair = hub
    with pytest.raises(
        FileError, match=r"fleet.yaml:5:\d+: pairs.hq.scopes.10.0.9.0: is in relationship x, one of hub"
    ):
        wanted("scopes: {10.0.9.0: {name: other}}", tmp_path).plan(pair)


def test_an_export_leaves_it_out(hub):
    _, pair = hub
    assert not any("x" in line.split() or "10.0.9.0" in line for line in export(pair, "hq", full=True))


def test_a_server_with_all_its_relationships_is_told(hub, tmp_path, monkeypatch):
    _, pair = hub
    pair.primary.create_scope("10.0.8.0/24")
    text = "relationships: {y: {scopes: [10.0.8.0]}}"
    assert wanted(text, tmp_path).plan(pair)
    monkeypatch.setattr("dhcpfo.fleet.desired.planning.MAX_RELATIONSHIPS", 1)
    with pytest.raises(FileError, match=r"yaml:5:24: pairs.hq.relationships.y: hub has 1 relationships, and a"):
        wanted(text, tmp_path).plan(pair)
