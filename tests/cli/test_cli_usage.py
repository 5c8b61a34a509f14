"""Wrong command lines, names that nobody has, help, and the contracts of JSON and CSV."""

import csv
import importlib.machinery
import io
import json
import sys
import types
from datetime import timedelta

import pytest

from dhcpfo.simulator import Lab


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("relationship lst", "unknown command lst; did you mean list or set?"),
        ("relationsip list", "unknown command relationsip; did you mean relationship?"),
        ("relationship list -json", "unknown option -json; did you mean --json?"),
        ("relationship list --fiel x", "unknown option --fiel; did you mean --file?"),
        ("relationship delete x --frce", "unknown option --frce; did you mean --force?"),
        ("relationship list --zzz", "unknown option --zzz"),
        ("relationship list extra", "unexpected argument extra"),
        ("relationship show", "NAME is required"),
        ("relationship create x", "SCOPE is required"),
        ("relationship list --pair", "--pair needs a value"),
        ("relationship set x --share many", "--share must be a whole number, got many"),
        ("relationship set x --share=many", "--share must be a whole number, got many"),
        ("watch --times 0", "--times must be at least 1, got 0"),
        ("demo --rate x", "--rate must be a number, got x"),
        ("replicate", "--from is required"),
        ("--pair a,b", "dhcpfo needs a command"),
        ("--lab x relationship", "dhcpfo relationship needs a command"),
        ("scope show 10.0.1.0,10.0.2.0", "SCOPE must be one scope, got 10.0.1.0,10.0.2.0"),
        (
            "replicate --from dhcp1 --delete foo",
            "--delete must be one of exclusions, reservations, options, policies or all",
        ),
    ],
)
def test_a_wrong_command_line_is_said_in_plain_words(run, line, said):
    words = line.split()
    answer = run(*words, on_lab="scope" in words or "--delete" in words)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"dhcpfo: {said}")
    assert "\n   try: dhcpfo" in answer.err or "must be one" in said
    if words[-1] == "--pair":
        return
    told = run(*words, "--json", on_lab="scope" in words or "--delete" in words).json
    assert told["ok"] is False
    assert told["exit"] == 3
    assert told["errors"][0]["message"].startswith(said)


def test_a_secret_in_the_wrong_place_is_not_repeated(run):
    answer = run("rotate-secret", "hq-branch", "marker-secret-4711")
    assert answer.code == 3


def test_errors_as_json_lines_are_lines(run):
    for words in (["relationship", "show"], ["time", "--parallel", "0"], ["relationship", "show", "nobody"]):
        lines = [json.loads(line) for line in run(*words, "--json-lines").lines]
        assert [one["event"] for one in lines] == ["error", "end"]
        assert lines[0]["value"].keys() >= {"message", "hint", "exit"}
        assert lines[1]["exit"] == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("relationship show nobody", "neither dhcp1 nor dhcp2 has a relationship nobody; they have hq-branch"),
        ("relationship set nobody --share 5", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("adopt nobody --like dhcp1", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("rotate-secret nobody --none", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("reallocate nobody", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("partner-down nobody --survivor dhcp1", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("replicate --from dhcp1 --name nobody", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("replicate --from dhcp1 --scope 10.9.9.0", "dhcp1 and dhcp2 have no scope 10.9.9.0"),
        ("scopes add nobody 10.0.3.0", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("scopes add hq-branch 10.9.9.0", "dhcp1 has no scope 10.9.9.0"),
        ("relationship create new 10.9.9.0", "dhcp1 has no scope 10.9.9.0"),
        ("relationship delete hq-branch --keep x", "--keep must be dhcp1 or dhcp2, got x"),
        ("scopes remove hq-branch 10.0.1.0 --keep x", "--keep must be dhcp1 or dhcp2, got x"),
        ("adopt hq-branch --like x", "--like must be dhcp1 or dhcp2, got x"),
        ("replicate --from x", "--from must be dhcp1 or dhcp2, got x"),
        ("partner-down hq-branch --survivor x", "--survivor must be dhcp1 or dhcp2, got x"),
        ("address status 10.0.9.1", "dhcp1, dhcp2: 10.0.9.1 is not in a failover scope"),
    ],
)
def test_a_wrong_name_is_usage(run, line, said):
    answer = run(*line.split())
    assert answer.code == 3
    assert answer.err.startswith(f"dhcpfo: {said}")


def test_shared_options_may_stand_before_the_command(run, path):
    before = run("--lab", path, "--json", "relationship", "list", on_lab=False)
    assert before.code == 0
    assert before.out == run("relationship", "list", "--json").out


def test_help_of_a_command(run):
    texts = {
        run(*words, on_lab=False).out
        for words in (["help", "scope", "diff"], ["--help", "scope", "diff"], ["scope", "diff", "--help"])
    }
    assert len(texts) == 1


def test_csv_has_the_same_columns_for_all_servers(run, tmp_path):
    with Lab() as lab:
        lab.add_pair("one", primary="a1", secondary="a2", scopes=["10.0.1.0/24"])
        lab.add_pair("two", primary="b1", secondary="b2", scopes=["10.0.2.0/24"])
        lab.stop("b2")
        lab.save(tmp_path / "two.lab")
    for command, columns in ((["relationship", "list"], 13), (["scope", "list"], 6)):
        answer = run(*command, "-o", "csv", "--lab", tmp_path / "two.lab", on_lab=False)
        rows = list(csv.DictReader(io.StringIO(answer.out)))
        assert [row["server"] for row in rows] == ["a1", "a2", "b1", "b2"]
        assert len(rows[0]) == columns
        assert rows[3]["state"] == ("" if command[0] == "relationship" else "unknown")


def test_a_finding_has_a_command_and_nothing_else(run, lab):
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=30))
    (found, *_) = [one for one in run("audit", "--json").json["results"] if one["code"] == "not-normal"]
    assert found["command"] == "dhcpfo wait hq-branch"


def test_a_service_that_is_stopped_is_to_be_started(run, lab):
    lab.stop("dhcp2")
    for command in ("relationship list", "time", "replicate --from dhcp1"):
        answer = run(*command.split())
        assert answer.code == 6
        assert "\n   try: start the DHCP Server service on dhcp2: Start-Service DHCPServer\n" in answer.err


def test_durations_are_written_as_they_are_given(run, lab):
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=30))
    answer = run("wait", "hq-branch", "--timeout", "90s")
    assert answer.code == 2
    assert answer.err.startswith("dhcpfo: hq-branch is not NORMAL after 1m30s: dhcp1 COMMUNICATION_INTERRUPTED")
    changed = run("relationship", "set", "hq-branch", "--mclt", "90m", "--switch", "45m", "--dry-run")
    assert "mclt 1h → 1h30m, state_switch_interval never → 45m" in changed.out
    lab.stop("dhcp2")
    down = run("partner-down", "hq-branch", "--survivor", "dhcp1", "--dry-run")
    assert "dhcp1 may use all free addresses 1h after the call (the MCLT)" in down.out


def test_a_folder_is_not_a_lab(run):
    answer = run("time", "--lab", ".", on_lab=False)
    assert (answer.code, answer.err) == (3, "dhcpfo: . is a folder, and a lab is a file\n")


@pytest.fixture
def other_typer(monkeypatch):
    """Make typer an empty module, as if its version were another one."""
    empty = types.ModuleType("typer")
    empty.__spec__ = importlib.machinery.ModuleSpec("typer", None)
    empty.__path__ = []
    monkeypatch.setitem(sys.modules, "typer", empty)
    for name in [name for name in sys.modules if name.startswith(("typer.", "dhcpfo.cli.tree"))]:
        monkeypatch.delitem(sys.modules, name)


def test_another_version_of_typer_is_said(run, other_typer):
    answer = run("time")
    assert answer.code == 3
    assert answer.err.startswith("dhcpfo: typer cannot be used: ")
    assert answer.err.endswith("; pip install --upgrade 'dhcpfo[cli]'\n")
    assert run("time", "--json").json["errors"][0]["message"].startswith("typer cannot be used: ")
