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


@pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="pexpect needs a terminal of POSIX")
def test_tab_completes_in_bash(tmp_path):
    pexpect = pytest.importorskip("pexpect", reason="pexpect needs a terminal of POSIX")
    program = tmp_path / "dhcpfo"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dhcpfo "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PS1": "$ ", "TERM": "dumb"}
    shell = pexpect.spawn("bash", ["--norc", "-i"], env=environment, encoding="utf-8", timeout=30, cwd=str(tmp_path))
    shell.sendline('eval "$(dhcpfo completion bash)"; echo re""ady')
    shell.expect_exact("ready")
    shell.send("dhcpfo lab snap\t")
    shell.expect_exact("snapshot ")
    shell.send("my.lab --no-lease-\t")
    shell.expect_exact("--no-lease-times ")
    shell.send("\x15exit\n")
    shell.expect(pexpect.EOF)
    shell.close()
