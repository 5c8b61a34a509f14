"""``dhcpfo watch``: changes between looks, as lines, as JSON, and as a table that is kept up to date."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from dhcpfo.cli import main
from dhcpfo.fleet.look import read_pair
from dhcpfo.fleet.monitor.transitions import Watch
from dhcpfo.simulator import Lab

SECRET = "marker-of-the-secret"


@pytest.fixture
def lab(tmp_path):
    with Lab.open(tmp_path / "a.lab") as lab:
        lab.add_pair("hq", shared_secret=SECRET)
        yield lab


class Looking:
    def __init__(self, lab, *servers):
        self.lab, self.pair, self.watch = lab, lab.connect_pair(*servers, direct=True), Watch()

    def look(self):
        return [str(change) for change in self.watch.update([read_pair(self.pair, name="p")])]


def test_changes_of_states(lab):
    looking = Looking(lab, "dhcp1", "dhcp2")
    assert looking.look() == []
    assert looking.look() == []
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    cut = "NORMAL -> COMMUNICATION_INTERRUPTED"
    assert looking.look() == [f"p hq dhcp1: {cut}", f"p hq dhcp2: {cut}"]
    lab.connect("dhcp2").set_relationship("hq", mclt=timedelta(minutes=30))
    assert looking.look() == ["p hq copies: EQUAL -> differ: mclt"]
    assert len(looking.watch.changes) == 3


def test_a_server_that_does_not_answer_keeps_its_row(lab):
    looking = Looking(lab, "dhcp1", "dhcp2")
    looking.look()
    lab.power_off("dhcp2")
    assert looking.look() == ["p hq dhcp2: NORMAL -> UNREACHABLE"]
    lab.power_off("dhcp1")
    assert looking.look() == ["p hq dhcp1: NORMAL -> UNREACHABLE"]
    assert looking.watch.rows() == [("p", "hq")]
    assert {status.last for status in looking.watch.known.values()} == {"NORMAL", "EQUAL"}
    lab.start("dhcp1")
    lab.start("dhcp2")
    lab.settle()
    assert looking.look() == ["p hq dhcp1: UNREACHABLE -> NORMAL", "p hq dhcp2: UNREACHABLE -> NORMAL"]


def test_relationships_that_come_and_go(lab):
    looking = Looking(lab, "dhcp1", "dhcp2")
    looking.look()
    lab.add_pair("lab", scopes=["10.9.0.0/24"])
    assert looking.look() == ["p lab dhcp1: new -> NORMAL", "p lab dhcp2: new -> NORMAL"]
    lab.connect("dhcp2").delete_relationship("lab")
    assert "p lab dhcp2: NORMAL -> NO_COPY" in looking.look()
    lab.connect("dhcp1").delete_relationship("lab")
    assert any(change.startswith("p lab dhcp1:") and change.endswith("NO_COPY") for change in looking.look())
    assert looking.watch.rows() == [("p", "hq")]
    assert looking.look() == []


def test_lines_into_a_pipe(lab, tmp_path, capsys):
    assert main(["watch", "--lab", str(tmp_path / "a.lab"), "--times", "1"]) == 0
    out = capsys.readouterr().out.splitlines()
    stamp = f"{lab.now:%Y-%m-%d %H:%M:%S}"
    assert out == [f"{stamp} dhcp1,dhcp2 hq {server}: NORMAL" for server in ("dhcp1", "dhcp2")]


def test_json_lines(lab, tmp_path, capsys):
    lab.power_off("dhcp2")
    assert main(["watch", "--lab", str(tmp_path / "a.lab"), "--times", "1", "--json-lines"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["result", "result", "end"]
    assert events[1]["value"]["state"] == "UNREACHABLE"


@pytest.mark.parametrize("wrong", [["--every", "0s"], ["--every", "x"], ["--json"], ["--output", "csv"]])
def test_wrong_options(lab, tmp_path, capsys, wrong):
    assert main(["watch", "--lab", str(tmp_path / "a.lab"), "--times", "1", *wrong]) == 3
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_screen(lab, width):
    from rich.console import Console

    from dhcpfo.cli.watching import Screen

    looking = Looking(lab, "dhcp1", "dhcp2")
    looking.look()
    lab.power_off("dhcp2")
    looking.look()
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False)
    with Screen(looking.watch, console) as screen:
        screen.draw(["p"])
    text = console.file.getvalue()
    assert "● normal" in text
    assert "NORMAL -> UNREACHABLE" in " ".join(text.split())
    assert max(len(line) for line in console.file.getvalue().splitlines() if "\x1b" not in line) <= width


@pytest.mark.parametrize(("width", "height"), [(60, 20), (120, 24), (60, 5)])
def test_pairs_that_do_not_fit_and_are_well_are_left_out(lab, width, height):
    from rich.console import Console

    from dhcpfo.cli.watching import Screen

    watch = Watch()
    names = [f"store-{number:03}" for number in range(1, 51)]
    look = read_pair(lab.connect_pair("dhcp1", "dhcp2", direct=True))
    lab.power_off("dhcp2")
    silent = read_pair(lab.connect_pair("dhcp1", "dhcp2", direct=True))
    for name in reversed(names):
        watch.update([replace(silent if name == "store-037" else look, name=name)])
    console = Console(file=io.StringIO(), width=width, height=height, highlight=False)
    console.print(Screen(watch, console, names).picture(0.0))
    lines = console.file.getvalue().splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("store-")]
    assert shown == ["store-037", *names][: len(shown)]
    assert f"and {50 - len(shown)} more, all normal and equal" in lines
    if height > 5:
        assert height * 3 // 4 - 4 <= len(lines) < height
    assert Screen(watch, Console(file=io.StringIO(), height=60), names).picture(0.0).renderables[0].row_count == 50


def test_a_pair_of_which_nothing_is_known_has_a_row(lab):
    looking = Looking(lab, "dhcp1", "dhcp2")
    lab.power_off("dhcp1")
    lab.power_off("dhcp2")
    assert looking.look() == []
    assert looking.watch.rows() == [("p", "")]
    lab.start("dhcp1")
    assert looking.look()[0].startswith("p hq dhcp1: new -> ")
    assert looking.watch.rows() == [("p", "hq")]


def test_names_cannot_control_the_terminal(lab):
    from rich.console import Console

    from dhcpfo.cli.watching import Screen

    lab.add_pair("\x1b[31m[red]x", scopes=["10.9.0.0/24"])
    looking = Looking(lab, "dhcp1", "dhcp2")
    looking.look()
    console = Console(file=io.StringIO(), width=200, force_terminal=False, highlight=False)
    console.print(Screen(looking.watch, console).picture(0.0))
    assert "\\x1b[31m[red]x" in console.file.getvalue()
    assert "\x1b" not in console.file.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals between processes")
def test_ctrl_c_ends_it_without_a_word(lab, tmp_path):
    command = [sys.executable, "-m", "dhcpfo", "watch", "--lab", str(tmp_path / "a.lab"), "--every", "1s"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout.readline().endswith("NORMAL\n")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a terminal of POSIX")
@pytest.mark.parametrize(("width", "environment"), [(60, {}), (120, {"NO_COLOR": "1"})])
def test_on_a_terminal_until_ctrl_c(lab, tmp_path, width, environment):
    import pexpect

    arguments = ["-m", "dhcpfo", "watch", "--lab", str(tmp_path / "a.lab"), "--every", "1s"]
    variables = {**os.environ, "TERM": "xterm", **environment}
    child = pexpect.spawn(
        sys.executable, arguments, env=variables, dimensions=(24, width), encoding="utf-8", timeout=60
    )
    child.expect("● normal")
    lab.power_off("dhcp2")
    child.expect("unreachable")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "Traceback" not in child.before
