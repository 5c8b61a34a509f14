"""The commands that change both servers: plans, questions, guards, errors and what is left."""

import json
from datetime import timedelta

import pytest

SECRET = "marker-secret-4711"  # as in conftest.py, which looks for it in all output

COPY = ["10.0.3.0"]


def relationship(lab, server="dhcp1", name="hq-branch"):
    return lab.connect(server).get_relationship(name)


def test_a_relationship_is_created_on_both(run, lab):
    answer = run("relationship", "create", "new", *COPY, "--share", "70", "--yes")
    assert answer.code == 0
    assert answer.lines[-2:] == [
        "create new on dhcp1 and dhcp2: 6 changes made",
        "new: dhcp1 NORMAL, dhcp2 NORMAL",
    ]
    for server in ("dhcp1", "dhcp2"):
        assert relationship(lab, server, "new").percentage == 70


def test_create_takes_all_values(run, lab, monkeypatch):
    monkeypatch.setenv("HQ", SECRET)
    arguments = ("--mode", "hot-standby", "--reserve", "7", "--mclt", "30m", "--switch", "1h30m", "--secret", "env:HQ")
    assert run("relationship", "create", "new", *COPY, *arguments, "--yes").code == 0
    made = relationship(lab, "dhcp2", "new")
    assert (made.mode.name, made.percentage) == ("HOT_STANDBY", 7)
    assert (made.mclt, made.state_switch_interval) == (timedelta(minutes=30), timedelta(minutes=90))
    assert made.shared_secret == SECRET


def test_a_dry_run_changes_nothing_and_says_so(run, lab):
    answer = run("relationship", "create", "new", *COPY, "--dry-run")
    assert answer.code == 2
    assert answer.lines[0] == "create new on dhcp1 and dhcp2: 6 changes"
    assert [one.name for one in lab.connect("dhcp1").relationships()] == ["hq-branch"]
    assert run("relationship", "create", "new", *COPY, "-WhatIf").lines == answer.lines


def test_without_a_terminal_and_yes_nothing_is_sent(run, lab):
    answer = run("relationship", "set", "hq-branch", "--share", "50")
    assert answer.code == 4
    assert answer.err == "dhcpfo: nothing was sent: a question needs a terminal\n   try: the same command with --yes\n"
    assert relationship(lab).percentage == 60


@pytest.mark.parametrize(("typed", "code", "share"), [("\n", 4, 60), ("n\n", 4, 60), ("", 4, 60), ("y\n", 0, 50)])
def test_the_answer_is_no_unless_somebody_says_yes(run, lab, typed, code, share):
    answer = run("relationship", "set", "hq-branch", "--share", "50", typed=typed)
    assert answer.code == code
    assert "update hq-branch: 2 changes on dhcp1 and dhcp2.\nGo on? [y/N]" in answer.err
    assert relationship(lab, "dhcp2").percentage == share


@pytest.mark.parametrize(("typed", "code"), [("y\n", 4), ("hq-branch\n", 0)])
def test_a_deletion_wants_the_name_typed(run, lab, typed, code):
    answer = run("relationship", "delete", "hq-branch", "--allow", "delete-scopes", typed=typed)
    assert "Type hq-branch to go on: " in answer.err
    assert answer.code == code
    assert len(lab.connect("dhcp1").relationships()) == (code != 0)


def test_a_guard_is_lifted_by_its_name(run, lab):
    answer = run("scopes", "remove", "hq-branch", "10.0.2.0", "--yes")
    assert answer.code == 4
    assert answer.err.startswith("dhcpfo: refused by delete-scopes: ")
    assert answer.err.endswith("   try: the same command with --allow delete-scopes\n")
    assert "needs --allow delete-scopes" in answer.out
    assert run("scopes", "remove", "hq-branch", "10.0.2.0", "--yes", "--allow", "delete-scopes").code == 0
    assert [str(scope) for scope in lab.connect("dhcp1").scopes()] == ["10.0.1.0", "10.0.2.0", "10.0.3.0"]
    assert [str(scope) for scope in lab.connect("dhcp2").scopes()] == ["10.0.1.0"]


def test_keep_says_which_server_keeps_the_scopes(run, lab):
    assert run("scopes", "remove", "hq-branch", "10.0.2.0", "--keep", "both", "--yes").code == 0
    assert [str(scope) for scope in lab.connect("dhcp2").scopes()] == ["10.0.1.0", "10.0.2.0"]


def test_force_says_which_guards_exist(run):
    answer = run("relationship", "delete", "hq-branch", "-Force")
    assert answer.code == 3
    assert "delete-scopes" in answer.err
    assert run("relationship", "delete", "hq-branch", "--allow", "everything").code == 3


def test_the_guards_are_those_of_the_operations():
    import re
    from pathlib import Path

    import dhcpfo.pair
    from dhcpfo.cli.options import GUARDS

    named = set()
    for path in Path(dhcpfo.pair.__file__).parent.rglob("operations/*.py"):
        text = path.read_text("utf-8")
        for pattern in (r'"(partner-\w[\w-]*|delete-\w[\w-]*|rotate-[\w-]+|both-serve)"',):
            named |= set(re.findall(pattern, text))
    assert "delete-scopes" in named
    assert named - {"partner-down"} <= GUARDS.keys()  # the name of a note


def test_scopes_are_added(run, lab):
    answer = run("scopes", "add", "hq-branch", *COPY, "--yes", "--json")
    assert answer.code == 0
    (result,) = answer.json["results"]
    assert result["changed"]
    assert result["plan"]["operation"] == "add_scopes"
    assert [str(scope) for scope in lab.connect("dhcp2").scopes()] == ["10.0.1.0", "10.0.2.0", "10.0.3.0"]
    again = run("scopes", "add", "hq-branch", *COPY, "--yes", "--json").json
    assert (again["exit"], again["results"][0]["changed"]) == (0, False)


def test_the_share_is_that_of_the_first_server(run, lab):
    assert run("relationship", "set", "hq-branch", "--share", "30", "--pair", "dhcp2,dhcp1", "--yes").code == 0
    assert relationship(lab).percentage == 70


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--mode", "load"], "--mode must be load-balance or hot-standby, got load"),
        (["--share", "101"], "--share must be between 0 and 100, got 101"),
        (["--share", "1", "--reserve", "2"], "pass --share for load balance or --reserve for hot standby, not both"),
        (["--mclt", "soon"], "--mclt must be a time such as 90s, 45m or 1h30m, got soon"),
        (["--mode", "hot-standby"], "--mode needs --reserve, too"),
        ([], "nothing to change: pass --mode, --share, --reserve, --mclt or --switch"),
    ],
)
def test_values_are_checked_before_anything_is_sent(run, arguments, text):
    answer = run("relationship", "set", "hq-branch", *arguments, "--yes")
    assert (answer.code, answer.err) == (3, f"dhcpfo: {text}\n")


def test_a_failure_that_is_undone_is_exit_code_1(run, lab):
    lab.fail("dhcp1", "set_relationship", 5)
    answer = run("relationship", "set", "hq-branch", "--share", "50", "--yes")
    assert answer.code == 1
    assert "left     nothing: both servers are as before" in answer.err
    assert relationship(lab, "dhcp2").percentage == 60


def test_a_failure_that_leaves_something_is_exit_code_5(run, lab):
    lab.fail("dhcp1", "set_relationship", 5)
    answer = run("relationship", "set", "hq-branch", "--share", "50", "--yes", "--on-error", "stop", "--json")
    assert answer.code == 5
    (error,) = answer.json["errors"]
    assert (error["as_before"], len(error["done"]), error["cause"]["code"]) == (False, 1, 5)


def test_verbose_names_function_code_and_server(run, lab):
    lab.fail("dhcp1", "set_relationship", 5)
    answer = run("relationship", "set", "hq-branch", "--share", "50", "--yes", "-v")
    assert "   DhcpV4FailoverSetRelationship returned ERROR_ACCESS_DENIED (5) on dhcp1" in answer.err.splitlines()


def test_an_unreachable_server_is_unknown(run, lab):
    lab.power_off("dhcp2")
    assert run("relationship", "set", "hq-branch", "--share", "50", "--yes").code == 6


def test_partner_down_is_refused_while_the_partner_answers(run, lab):
    answer = run("partner-down", "hq-branch", "--survivor", "dhcp1", "--yes")
    assert answer.code == 4
    assert "so it is serving" in answer.err
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=5))
    command = ("partner-down", "hq-branch", "--survivor", "dhcp1", "--yes")
    assert run(*command).code == 4
    assert run(*command, "--allow", "partner-down-unreachable").code == 0
    assert relationship(lab).state.name == "PARTNER_DOWN"


def test_secrets_that_differ_lead_to_rotate_secret(run, lab):
    lab.connect("dhcp1").set_relationship("hq-branch", shared_secret="other")
    lab.advance(timedelta(minutes=5))
    answer = run("partner-down", "hq-branch", "--survivor", "dhcp1", "--yes")
    assert answer.code == 4
    assert "try: dhcpfo rotate-secret" in answer.err


def test_the_secret_is_changed_on_both(run, lab, tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(SECRET + "-2\n")
    file.chmod(0o600)
    assert run("rotate-secret", "hq-branch", "--new", f"file:{file}", "--yes").code == 0
    assert relationship(lab, "dhcp2").shared_secret == SECRET + "-2"
    assert run("rotate-secret", "hq-branch", "--none", "--yes").code == 0
    assert relationship(lab).shared_secret is None


def test_a_secret_in_place_of_its_reference_is_not_repeated(run):
    answer = run("rotate-secret", "hq-branch", "--new", SECRET, "--yes")  # run looks for the secret
    assert answer.code == 3
    assert answer.err.startswith("dhcpfo: new shared secret must be env:NAME, file:PATH, ")


def test_replicate_and_adopt(run, lab):
    lab.connect("dhcp1").add_exclusion("10.0.1.0", "10.0.1.10", "10.0.1.20")
    assert run("replicate", "--yes").code == 3  # the source has no default
    answer = run("replicate", "--from", "dhcp1", "--scope", "10.0.1.0", "--yes")
    assert answer.code == 0
    assert run("scope", "diff").code == 0
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=10)
    assert run("adopt", "hq-branch", "--like", "dhcp1", "--yes").code == 0
    assert relationship(lab, "dhcp2").percentage == 60


def test_reallocate_and_wait(run, lab):
    assert run("reallocate", "hq-branch", "--yes").code == 0
    assert run("wait", "hq-branch").lines == ["hq-branch: dhcp1 NORMAL, dhcp2 NORMAL"]
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    answer = run("wait", "hq-branch", "--timeout", "1m", "--json")
    assert answer.code == 2
    assert answer.json["errors"][0]["states"]["primary"] == "COMMUNICATION_INTERRUPTED"
    assert run("wait", "hq-branch", "--state", "HAPPY").code == 3


def test_json_lines_show_progress(run):
    answer = run("relationship", "set", "hq-branch", "--share", "50", "--yes", "--json-lines")
    events = [json.loads(line) for line in answer.lines]
    assert [one["event"] for one in events] == ["progress"] * 5 + ["result", "end"]
    assert [one["value"]["what"] for one in events[:5]] == ["step", "done", "step", "done", "closing"]


def test_an_interrupt_is_undone_and_exit_code_130(run, lab, monkeypatch):
    import signal

    def press(function, server):
        signal.raise_signal(signal.SIGINT)

    from dhcpfo.server import Server

    real = Server.set_relationship
    monkeypatch.setattr(Server, "set_relationship", lambda self, *a, **k: (real(self, *a, **k), press("", self))[0])
    answer = run("relationship", "set", "hq-branch", "--share", "50", "--yes")
    assert answer.code == 130
    assert relationship(lab, "dhcp2").percentage == 60


def test_several_pairs_are_too_many_for_a_change(run, lab):
    lab.add_pair("b", primary="dhcp3", secondary="dhcp4", scopes=["10.7.0.0/24"])
    answer = run("reallocate", "b", "--yes")
    assert answer.code == 3
    assert "works on one pair, and the options name 2" in answer.err
    assert run("reallocate", "b", "--pair", "dhcp3,dhcp4", "--yes").code == 0
