"""The states of a pair over time, as a table and as a picture."""

import itertools
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from dhcpfo.simulator import Lab

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def interrupted() -> Lab:
    """A pair that was NORMAL, lost contact for two days, and is NORMAL again."""
    lab = Lab()
    lab.add_pair("pair")
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(days=2))
    lab.mend("dhcp1", "dhcp2")
    lab.settle()
    return lab


def test_the_table_has_a_line_for_each_change(interrupted):
    timeline = interrupted.timeline("pair")
    head, *lines = str(timeline).splitlines()
    assert head.split() == ["time", "dhcp1", "dhcp2", "cause"]
    assert len(lines) == len(timeline.moments) == len(set(timeline.moments))
    assert [line.split()[2:4] for line in lines][-1] == ["NORMAL", "NORMAL"]
    assert any(line.split()[2:4] == ["COMMUNICATION_INTERRUPTED"] * 2 for line in lines)
    for lane in timeline.lanes:
        assert lane.transitions == interrupted.history(lane.server, "pair")
        assert [lane.state_at(each.time) for each in lane.transitions][-1] is lane.transitions[-1].state
        assert lane.state_at(lane.transitions[0].time - timedelta(1)) is None


def test_the_picture_shows_every_state_in_its_place(interrupted):
    timeline = interrupted.timeline("pair")
    picture = ElementTree.fromstring(timeline.svg())
    bars = [(group.find(f"{SVG}title").text, group.find(f"{SVG}rect").attrib) for group in picture.iter(f"{SVG}g")]
    wanted = [each.state.name for lane in timeline.lanes for each in lane.transitions]
    assert [about.split(",")[0] for about, _ in bars] == wanted
    for lane in timeline.lanes:
        mine, bars = bars[: len(lane.transitions)], bars[len(lane.transitions) :]
        edges = [(float(box["x"]), float(box["x"]) + float(box["width"])) for _, box in mine]
        assert all(abs(end - start) < 0.2 for (_, end), (start, _) in itertools.pairwise(edges))
        assert all(start >= 0 and start <= end <= float(picture.attrib["width"]) for start, end in edges)
    assert timeline._repr_svg_() == timeline.svg()


def test_any_name_is_text_in_the_picture():
    """A name can hold what XML gives a meaning to, or cannot hold at all."""
    lab, name = Lab(), '<script>&"\x01\ud800'
    lab.add_pair(name, primary="<a>", secondary="b" * 200)
    picture = lab.timeline(name).svg()
    assert "<script>" not in picture
    assert ElementTree.fromstring(picture.encode()).find(f"{SVG}title").text == 'Relationship <script>&"\ufffd\ufffd'


def test_only_servers_with_a_copy_have_a_lane():
    """After one of the two was deleted; a name that no server has is refused."""
    lab = Lab()
    dhcp1, _ = lab.add_pair("pair")
    dhcp1.delete_relationship("pair")
    assert [lane.server for lane in lab.timeline("pair").lanes] == ["dhcp2"]
    with pytest.raises(ValueError, match="no server has a relationship 'other'"):
        lab.timeline("other")
