"""The questions for a real pair, asked of simulated ones that are set to each answer."""

from dataclasses import fields, replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from dhcpfo import Relationship
from dhcpfo.simulator import Lab, Switches, Timers
from foreign import load_tool

SPARE = (IPv4Network("10.77.3.0/24"), IPv4Network("10.77.4.0/24"))
ASKED = {
    "joining_scopes_disabled",
    "secret_flag_accepted",
    "secret_shown_to_administrators",
    "set_reaches_partner",
    "added_scopes_on_partner",
    "failover_range_can_change",
    "failover_range_stays",
    "exclusions_can_repeat",
    "delete_closes_link",
    "recreated_half_waits",
}


@pytest.fixture
def questions():
    return load_tool("real_pair_questions")


def made_pair(questions, lab, mclt=timedelta(minutes=2)):
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    relationship = Relationship(
        name="dhcpfo-check", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=["10.0.0.0"], mclt=mclt
    )
    servers = lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)
    return questions.Pair(*servers, relationship, SPARE, lab.advance)


def test_every_answer_is_that_of_the_simulated_pair(questions):
    """One switch after the other has another value than usual; each answer names it."""
    usual = Switches()
    for changed in (None, *sorted(ASKED)):
        lab, failures = Lab(), []
        lab.switches = replace(usual, **({changed: not getattr(usual, changed)} if changed else {}))
        lab.timers = Timers(integration=timedelta(seconds=30))
        pair = made_pair(questions, lab)
        answers = dict(questions.learn(pair, failures.append))
        assert failures == []
        waited = answers.pop("integration")
        assert timedelta(seconds=20) <= waited <= timedelta(seconds=40)
        if changed == "secret_flag_accepted":
            answers["secret_shown_to_administrators"] = lab.switches.secret_shown_to_administrators
        assert answers == {name: getattr(lab.switches, name) for name in ASKED}, changed
        for server in (pair.first, pair.second):
            assert (server.scopes(), server.relationships()) == ([], [])


def test_the_names_are_those_of_the_switches():
    assert {field.name for field in fields(Switches)} >= ASKED


def test_nothing_is_changed_where_something_of_the_name_exists(questions):
    lab, failures = Lab(), []
    pair = made_pair(questions, lab)
    lab.add_scope(SPARE[1], servers=["dhcp2"])
    before = lab.to_dict()
    assert list(questions.learn(pair, failures.append)) == []
    assert failures == ["dhcp2 has 10.77.4.0/24 already; nothing is changed"]
    assert lab.to_dict() == before


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("function", ["create_relationship", "set_relationship", "add_element", "create_scope"])
def test_whatever_fails_everything_of_ours_is_deleted(questions, function, call):
    """And the failure is told."""
    lab, failures = Lab(), []
    pair = made_pair(questions, lab)
    lab.fail("dhcp1", function, 5, call=call)
    answers = dict(questions.learn(pair, failures.append))
    assert failures or len(answers) > len(ASKED)
    for server in (pair.first, pair.second):
        assert (server.scopes(), server.relationships()) == ([], [])


def test_how_many_calls_are_answered_at_once(questions):
    lab = Lab()
    pair = made_pair(questions, lab)
    rates = list(questions.calls_per_second(pair.first))
    assert [threads for threads, _ in rates] == [1, 2, 4, 8, 16, 32]
    assert all(rate > 0 for _, rate in rates)


def test_the_tool_prints_the_answers(questions, capsys):
    tool, lab = load_tool("real_pair"), Lab()
    report = tool.Report()
    tool.learn(report, made_pair(questions, lab))
    shown = capsys.readouterr().out
    assert report.surprises == 0, shown
    for name in ASKED:
        assert f"{name}: {getattr(lab.switches, name)}" in shown
    assert "calls per second to 32 threads" in shown
