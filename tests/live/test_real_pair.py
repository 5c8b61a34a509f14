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
    assert f"!! {tool.NAME}: same values on both: expected True, got False" in capsys.readouterr().out
    assert report.surprises == 1


@pytest.mark.abi
def test_nothing_is_left_behind_by_a_failure(tool, pair, relationship):
    lab, first, second = pair
    lab.fail("dhcp1", "create_relationship", 87)
    report = tool.Report()
    tool.change(report, first, second, relationship, lab.advance)
    assert (first.relationships(), second.relationships()) == ([], [])
    assert report.surprises == 1


# What `read` asks, and whether a document says that it succeeds.
QUESTIONS = {
    "get_system_time": True,
    "enum_relationships": False,
    "get_relationship": True,
    "get_scope_relationship": True,
    "get_scope_statistics": True,
    "get_address_status": True,
}


@pytest.mark.abi
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_error_costs_no_other_question(tool, pair, relationship, capsys, question):
    lab, first, second = pair
    report = tool.Report()
    with tool.created(report, first, second, relationship):
        lab.settle()
        lab.fail("dhcp1", question, 5)
        tool.read(report, first, second)
    shown = capsys.readouterr().out
    assert "ERROR_ACCESS_DENIED" in shown
    assert "an unknown relationship: 20115" in shown
    assert report.surprises == QUESTIONS[question], shown


@pytest.mark.abi
def test_a_name_that_is_taken_is_left_alone(tool, pair, relationship, capsys):
    lab, first, second = pair
    second.create_relationship(relationship)
    report = tool.Report()
    tool.change(report, first, second, relationship, lab.advance)
    assert f"!! dhcp2: {tool.NAME}: already exists" in capsys.readouterr().out
    assert [it.name for it in second.relationships()] == [tool.NAME]


@pytest.mark.abi
def test_another_code_is_not_told_as_a_name_that_is_taken(tool, pair, relationship, capsys):
    lab, first, second = pair
    lab.fail("dhcp1", "get_relationship", 2)
    report = tool.Report()
    tool.change(report, first, second, relationship, lab.advance)
    shown = capsys.readouterr().out
    assert f"!! dhcp1: {tool.NAME} before it exists: expected 20115, got 2" in shown
    assert "already" not in shown
    assert report.surprises == 1, shown


@pytest.mark.abi
def test_nothing_is_changed_where_the_list_is_refused(tool, pair, relationship, capsys):
    lab, first, second = pair
    lab.fail("dhcp1", "enum_relationships", 5)
    tool.change(tool.Report(), first, second, relationship, lab.advance)
    shown = capsys.readouterr().out
    assert "!! dhcp1: its relationships: " in shown
    assert "delete" not in shown


@pytest.mark.abi
@pytest.mark.parametrize("refused", [False, True])
def test_the_exit_status_tells_of_surprises(tool, pair, monkeypatch, refused):
    lab = pair[0]
    if refused:
        lab.fail("dhcp2", "get_system_time", 5)
    monkeypatch.setattr(tool.dhcpfo, "connect", lab.connect)
    monkeypatch.setattr(tool.sys, "argv", ["real_pair.py", "dhcp1", "dhcp2"])
    assert tool.main() == refused
