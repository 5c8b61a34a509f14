"""The list for a real pair of servers, rehearsed on two simulated ones."""

import pytest

from dhcpfo.simulator import Lab
from foreign import load_tool

ADDRESSES = ("192.0.2.1", "192.0.2.2")
SCOPES = ("10.77.1.0", "10.77.2.0")


@pytest.fixture
def tool():
    return load_tool("real_pair")


@pytest.fixture
def pair():
    with Lab() as lab:
        for name, address in zip(("dhcp1", "dhcp2"), ADDRESSES, strict=True):
            lab.add_server(name, address)
        for scope in SCOPES:
            lab.add_scope(f"{scope}/24")
        yield lab, lab.connect("dhcp1"), lab.connect("dhcp2")


@pytest.fixture
def relationship(tool):
    return tool.Relationship(name=tool.NAME, primary_server=ADDRESSES[0], secondary_server=ADDRESSES[1], scopes=SCOPES)


@pytest.mark.abi
def test_every_question_is_answered_as_the_documents_say(tool, pair, relationship, capsys):
    lab, first, second = pair
    report = tool.Report()
    tool.change(report, first, second, relationship, lab.advance)
    shown = capsys.readouterr().out
    assert "!!" not in shown
    assert report.surprises == 0
    assert "NORMAL" in shown
    assert (first.relationships(), second.relationships()) == ([], [])


@pytest.mark.abi
def test_reading_a_pair_in_failover(tool, pair, relationship, capsys):
    lab, first, second = pair
    report = tool.Report()
    with tool.created(report, first, second, relationship):
        lab.settle()
        before = lab.to_dict()
        tool.read(report, first, second)
        assert lab.to_dict() == before
    shown = capsys.readouterr().out
    assert f"{SCOPES[0]}: counts of dhcp2 add up" in shown
    assert report.surprises == 0, shown


@pytest.mark.abi
def test_a_difference_is_marked(tool, pair, relationship, capsys):
    lab, first, second = pair
    report = tool.Report()
    with tool.created(report, first, second, relationship):
        lab.settle()
        second.set_relationship(tool.NAME, percentage=12)
        tool.read(report, first, second)
    assert f"!! {tool.NAME}: same values on both: False instead of True" in capsys.readouterr().out
    assert report.surprises == 1


@pytest.mark.abi
def test_nothing_is_left_behind_by_a_failure(tool, pair, relationship):
    lab, first, second = pair
    lab.fail("dhcp1", "create_relationship", 87)
    with pytest.raises(tool.DhcpError):
        tool.change(tool.Report(), first, second, relationship, lab.advance)
    assert (first.relationships(), second.relationships()) == ([], [])
