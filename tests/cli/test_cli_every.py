"""Each command of the program: help, output for programs, streams that are closed, and a real terminal.

A command that is missing in every_command.py fails the first test.
"""

import csv
import io
import json
import os
import re
import sys
from pathlib import Path

import pytest
from every_command import (
    ALL,
    BESIDE,
    CHANGE,
    FIRST,
    KEYS,
    LOOK,
    NAME,
    SECRET,
    SERVED,
    TYPED,
    build,
    copy,
    is_plain,
    state,
    tree,
)

from dhcpfo.cli import main
from dhcpfo.cli.output import write_csv
from dhcpfo.columns import width

COMMANDS = tree()
RUN = [name for name in ALL if name not in SERVED]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def test_each_command_has_a_line_here():
    assert set(COMMANDS) == set(ALL)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


@pytest.fixture
def folder(built, tmp_path, monkeypatch):
    """A folder with the lab, in which the program runs."""
    copy(built, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def go(folder, capsys, monkeypatch):
    """Run a command in this process, without a terminal; return code, output and errors."""

    def go(name, *more, stdin=None):
        monkeypatch.setattr(sys, "stdin", stdin)
        capsys.readouterr()
        code = main([*name.split(), *ALL[name], *more])
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        assert "Traceback" not in out + err
        assert "unexpected" not in err
        return code, out, err

    return go


@pytest.fixture(scope="module")
def at_first(built):
    return state(built)


@pytest.mark.parametrize("name", COMMANDS)
def test_help(capsys, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*name.split(), "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.lower().startswith(f"usage: dhcpfo {name} ")
    assert f"dhcpfo {name}" in out.partition("Examples:")[2]
    assert not re.search(r"<\w+|\{\w|\.\.\.\]?\.\.\.|None", out)
    examples = out.partition("Examples:")[2]
    if not is_plain(name):
        assert max(map(len, out.removesuffix(examples).splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_takes_the_text_of_a_secret(name):
    for one in COMMANDS[name].params:
        if one.param_type_name == "option" and re.search("secret|password|token|^new$|^old$", one.name or ""):
            assert one.metavar == "REFERENCE"


@pytest.mark.parametrize("name", [name for name in RUN if not is_plain(name) and name != "watch"])
def test_one_object_for_programs(go, capsys, folder, at_first, name):
    code, out, _ = go(name, "--json", "--dry-run" if name in CHANGE else "-v")
    whole = json.loads(out)
    assert list(whole) == ["format", "command", "ok", "exit", "results", "errors", "unknown"]
    assert (whole["format"], whole["command"], whole["exit"], whole["ok"]) == (1, name, code, code == 0)
    assert code in ((2, 4) if name in CHANGE else (0, 2))
    assert whole["results"] or whole["errors"]
    assert all(one.keys() >= {"message", "exit"} for one in whole["errors"])
    assert all(one.keys() >= set(KEYS[name].split()) for one in whole["results"])
    assert not CONTROL.search(out)
    if name in CHANGE | LOOK:
        assert state(folder) == at_first
    write_csv(whole["results"])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert len({len(row) for row in rows}) <= 1
    assert not rows or len(set(rows[0])) == len(rows[0])


@pytest.mark.parametrize("name", [*CHANGE, "watch"])
def test_lines_for_programs(go, name):
    code, out, _ = go(name, "--json-lines", "--yes" if name in CHANGE else "-v")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["event"] for one in lines].count("end") == 1
    assert (lines[-1]["event"], lines[-1]["exit"], lines[-1]["command"]) == ("end", code, name)
    assert code == (4 if name == "partner-down" else 0)


class Closed(io.StringIO):
    """An output whose reader has enough."""

    def write(self, text):
        raise BrokenPipeError(32, "broken pipe")


@pytest.mark.parametrize("name", RUN)
def test_an_output_that_is_closed(folder, at_first, monkeypatch, capsys, name):
    monkeypatch.setattr(sys, "stdout", Closed())
    monkeypatch.setattr(sys, "stdin", None)
    code = main([*name.split(), *ALL[name], *(["--yes"] if name in CHANGE else [])])
    assert capsys.readouterr().err == "" or name == "partner-down"
    if name in CHANGE:
        assert code == (4 if name == "partner-down" else 1)
        assert state(folder) == at_first
    else:
        assert code in (0, 2)


@pytest.mark.parametrize("name", CHANGE)
def test_nobody_to_ask_is_no(go, folder, at_first, name):
    stdin = io.StringIO("y\ny\n") if list(CHANGE).index(name) % 2 else None
    code, _, err = go(name, stdin=stdin)
    assert code == 4
    assert "nothing was sent" in err or name == "partner-down"
    assert state(folder) == at_first


TABLES = {
    "relationship list",
    "relationship show",
    "scope list",
    "scope stats",
    "client show",
    "address status",
    "time",
}
TABLES |= {"audit", "preflight", "lab show"}
"""Commands that print tables, which fit the terminal."""

LOOKS = (
    {"width": 60},
    {"width": 80, "TERM": "dumb"},
    {"width": 120, "NO_COLOR": "1"},
    {"width": 200},
    {"width": 100, "encoding": "ascii"},
)
"""Terminals. Each command has one of them in its turn, and those with tables the narrow one; see `terminals`."""

IN_TERMINALS = [
    pytest.param(name, look, id=f"{name} {' '.join(map(str, look.values()))}")
    for at, name in enumerate([*LOOK, *BESIDE])
    for number, look in enumerate(LOOKS)
    if at % len(LOOKS) == number or (name in TABLES and number == 0) or os.environ.get("DHCPFO_TERMINAL")
]


@pytest.mark.parametrize(("name", "look"), IN_TERMINALS)
def test_a_terminal(terminals, folder, name, look):
    ended = terminals.run(*name.split(), *ALL[name], **look)
    assert ended.code in (0, 2)
    assert SECRET not in ended.out
    assert "Traceback" not in ended.out
    if "NO_COLOR" in look:
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", ended.out)
    if look.get("TERM") == "dumb":
        assert "\x1b" not in ended.out
    if name in TABLES:
        table = [line for line in ended.screen.splitlines() if not line.startswith((f"{FIRST},", "scopes:"))]
        assert max(map(width, table)) <= look["width"]


@pytest.mark.parametrize("name", [name for name in CHANGE if name != "partner-down"])  # it is refused
def test_a_question_on_a_terminal(terminals, folder, at_first, name):
    question = "to go on: " if name in TYPED else "[y/N] "
    no, code = (("\r", 4), ("\x04", 4), ("\x03", 130))[list(CHANGE).index(name) % 3]
    ended = terminals.run(*name.split(), *CHANGE[name], keys=[(question, no)])
    assert ended.code == code
    assert ("nothing was sent" if code == 4 else "interrupted") in ended.out
    assert state(folder) == at_first
    answer = NAME.strip() if name in TYPED else "y"
    ended = terminals.run(*name.split(), *CHANGE[name], keys=[(question, f"{answer}\r")])
    assert ended.code == 0
    assert name == "reallocate" or state(folder) != at_first


def test_the_table_is_whole():
    assert not [name for name in TYPED | TABLES if name not in ALL]
    assert Path(__file__).with_name("terminals.py").exists()
