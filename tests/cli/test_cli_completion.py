"""``dhcpfo completion``: what shells ask and are told, and a real bash."""

import os
import shutil
import sys

import pytest

from dhcpfo.cli import main
from dhcpfo.cli.commands.completion import SHELLS, VARIABLE
from dhcpfo.cli.table import COMMANDS, COMPLETE


def asked(monkeypatch, capsys, line, shell="bash"):
    """Return what a shell is told that asks how a command line can go on."""
    monkeypatch.setenv("_DHCPFO_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(f"{line}x".split()) - 1))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", line.split(" ")[-1])
    assert main([]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("dhcpfo ", list(COMMANDS)),
        ("dhcpfo de", ["demo"]),
        ("dhcpfo lab st", ["stop", "start"]),
        ("dhcpfo lab init my.lab --em", ["--empty"]),
        ("dhcpfo demo --t", ["--tour"]),
        ("dhcpfo nothing", []),
        ("dhcpfo --only-", ["--only-failed"]),
        ("dhcpfo --lab my.lab --json au", ["audit"]),
        ("dhcpfo --lab my.lab lab sna", ["snapshot"]),
        ("dhcpfo check --free-w", ["--free-warning"]),
        ("dhcpfo time -o js", ["json", "json-lines"]),
        ("dhcpfo apply --allow ma", ["many-deletes", "many-changes"]),
        ("dhcpfo relationship create --mode h", ["hot-standby"]),
        ("dhcpfo wait --state PA", ["PARTNER_DOWN", "PAUSED"]),
        ("dhcpfo completion z", ["zsh"]),
    ],
)
def test_bash_is_told_how_a_line_can_go_on(monkeypatch, capsys, line, answers):
    assert asked(monkeypatch, capsys, line).split() == answers


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_other_shells_are_told_too(monkeypatch, capsys, shell):
    assert "snapshot" in asked(monkeypatch, capsys, "dhcpfo lab sn", shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(run, shell):
    answer = run("completion", shell, on_lab=False)
    assert answer.code == 0
    assert VARIABLE == COMPLETE
    assert VARIABLE in answer.out


def test_another_shell_is_refused(run):
    answer = run("completion", "tcsh", on_lab=False)
    assert (answer.code, answer.out) == (3, "")
    assert "SHELL must be one of bash, zsh, fish, powershell, got tcsh" in answer.err


def test_an_empty_variable_asks_nothing(monkeypatch, capsys):
    """PowerShell 7.5 leaves one behind where its script sets it to an empty text."""
    monkeypatch.setenv(COMPLETE, "")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("dhcpfo ")


def test_the_script_of_powershell_leaves_nothing_behind(run):
    text = run("completion", "powershell", on_lab=False).out
    assert "Register-ArgumentCompleter -Native -CommandName dhcpfo" in text
    assert "PSReadLine" not in text
    assert '""' not in text


BEGIN = {
    "bash": (["--norc", "-i"], 'eval "$(dhcpfo completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$(dhcpfo completion zsh)"'),
    "fish": (["--no-config", "-i"], "dhcpfo completion fish | source"),
}


@pytest.mark.parametrize("name", BEGIN)
def test_tab_completes_in_a_shell(tmp_path, name):
    pexpect = pytest.importorskip("pexpect", reason="pexpect needs a terminal of POSIX")
    if sys.platform == "win32":
        pytest.skip("pexpect needs a terminal of POSIX")
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    program = tmp_path / "dhcpfo"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dhcpfo "$@"\n')
    program.chmod(0o755)
    (tmp_path / "mylittle.lab").touch()
    home = {"HOME": str(tmp_path), "ZDOTDIR": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    paths = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PS1": "$ ", "TERM": "dumb"}
    arguments, begin = BEGIN[name]
    shell = pexpect.spawn(
        name, arguments, env=os.environ | home | paths, encoding="utf-8", timeout=30, cwd=str(tmp_path)
    )
    shell.sendline(f'{begin}; echo re""ady')
    shell.expect(r"ready\s")
    shell.send("dhcpfo lab snap\t")
    shell.expect_exact("snapshot ")
    shell.send("my.lab --no-lease-\t")
    shell.expect_exact("--no-lease-times ")
    shell.send("--lab myl\t")
    shell.expect_exact("mylittle.lab ")
    shell.send("\x15exit\r")
    shell.expect(pexpect.EOF)
    shell.close()
