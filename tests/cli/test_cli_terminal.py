"""The installed program in a real terminal and through pipes: widths, colours, questions, Ctrl-C, closed pipes."""

import os
import re
import subprocess
import sys
import sysconfig
import time
from datetime import timedelta
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pexpect needs a terminal of POSIX", allow_module_level=True)
pexpect = pytest.importorskip("pexpect")

PROGRAM = Path(sysconfig.get_path("scripts")) / "dhcpfo"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
SECRET = "marker-secret-4711"


def environment(**values):
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    return kept | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | values


def spawn(path, *arguments, width=100, **values):
    """Start the program in a terminal of some width."""
    return pexpect.spawn(
        str(PROGRAM),
        [*arguments, "--lab", path],
        dimensions=(30, width),
        env=environment(**values),
        encoding="utf-8",
        timeout=20,
    )


def finish(child):
    """Return what a program printed from now on, and its exit code."""
    child.expect(pexpect.EOF)
    child.close()
    assert SECRET not in child.before
    assert "Traceback" not in child.before
    return child.before, child.exitstatus


def pipe(path, *arguments, program=(str(PROGRAM),), **values):
    command = [*program, *arguments, *(["--lab", path] if path else [])]
    return subprocess.run(command, capture_output=True, env=environment(**values), stdin=subprocess.DEVNULL, timeout=30)


def test_a_table_fits_the_terminal(path):
    printed, code = finish(spawn(path, "relationship", "list", width=80))
    assert code == 0
    assert "\x1b[" in printed
    lines = ESCAPE.sub("", printed).splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(lines)
    for text in ("hq-branch", "60 / 40", "● normal"):
        assert text in words


def test_a_pipe_gets_plain_text(path):
    answer = pipe(path, "relationship", "list")
    assert answer.returncode == 0
    assert b"\x1b" not in answer.stdout
    assert "● normal" in answer.stdout.decode()
    assert answer.stderr == b""


def test_an_encoding_without_the_signs(path):
    answer = pipe(path, "relationship", "list", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert answer.returncode == 0
    assert b"* normal" in answer.stdout


def test_python_m_dhcpfo():
    answer = pipe("", "--version", program=(sys.executable, "-m", "dhcpfo"))
    assert answer.stdout.startswith(b"dhcpfo ")


def test_a_secret_is_asked_for_without_showing_it(path, lab):
    child = spawn(path, "rotate-secret", "hq-branch", "--yes")
    child.expect_exact("new shared secret: ")
    child.sendline(SECRET + "-typed")
    _, code = finish(child)
    assert code == 0
    assert lab.connect("dhcp2").get_relationship("hq-branch").shared_secret == SECRET + "-typed"


FILE = """version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships: {hq-branch: {percent: 70}}
"""


def shares(lab):
    return [lab.connect(name, direct=True).get_relationship("hq-branch").percentage for name in ("dhcp1", "dhcp2")]


def test_ctrl_c_in_a_plan(terminals, path, lab, tmp_path):
    (tmp_path / "fleet.yaml").write_text(FILE, "utf-8")
    lab.set_delay("dhcp2", timedelta(seconds=1))
    asked = ["plan", tmp_path / "fleet.yaml", "-o", tmp_path / "plan.json", "--lab", path]
    ended = terminals.run(*asked, keys=[("plan", "\x03")])
    assert ended.code == 130
    assert "dhcpfo: interrupted" in ended.screen
    assert not (tmp_path / "plan.json").exists()


def test_ctrl_c_in_an_apply(terminals, path, lab, tmp_path):
    (tmp_path / "fleet.yaml").write_text(FILE, "utf-8")
    lab.set_delay("dhcp2", timedelta(seconds=0.1))
    asked = ["apply", tmp_path / "fleet.yaml", "--lab", path]
    ended = terminals.run(*asked, keys=[("[y/N] ", "y\r"), ("apply", "\x03")])
    assert ended.code == 130
    assert "interrupted" in ended.screen
    assert shares(lab) == [60, 60]


def test_a_terminal_that_only_prints_gets_lines(terminals, path):
    """The shell of an editor, where nothing can be drawn over."""
    ended = terminals.run("watch", "--lab", path, keys=[("dhcp2: NORMAL", "\x03")], TERM="dumb")
    assert ended.code == 130
    assert "\x1b" not in ended.out
    ended = terminals.run("demo", TERM="dumb")
    assert ended.code == 0
    assert "6  A colleague" in ended.out
    ended = terminals.run("relationship", "set", "hq-branch", "--share", "50", "--yes", "--lab", path, TERM="dumb")
    assert ended.code == 0
    assert "\n\n" not in ended.out


def test_ctrl_c_in_watch_gives_the_terminal_back(terminals, path):
    ended = terminals.run("watch", "--lab", path, keys=[("normal", "\x03")])
    assert ended.code == 130
    assert "no changes so far" in ended.screen
    assert ended.out.rstrip().endswith("\x1b[?25h")  # shows the cursor


def test_ctrl_c_in_a_look_ends_it_at_once(path, lab):
    lab.set_delay("dhcp2", timedelta(seconds=60))
    child = spawn(path, "relationship", "list")
    time.sleep(1.5)
    child.sendintr()
    printed, code = finish(child)
    assert code == 130
    assert "interrupted" in printed


def test_ctrl_c_in_a_change_is_undone(path, lab):
    lab.set_delay("dhcp2", timedelta(seconds=0.2))
    child = spawn(path, "scopes", "add", "hq-branch", "10.0.3.0", "--yes", "--json-lines")
    child.expect_exact('"what": "done"')
    child.sendintr()
    printed, code = finish(child)
    assert code == 130
    assert '"as_before": true' in printed
    lab.set_delay("dhcp2", timedelta(0))
    assert [str(scope) for scope in lab.connect("dhcp2").scopes()] == ["10.0.1.0", "10.0.2.0"]


def test_a_pipe_that_is_closed_is_no_error(path):
    child = subprocess.Popen(
        [str(PROGRAM), "scope", "show", "10.0.1.0", "--lab", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(30) == 0


def test_a_server_that_hangs_is_unknown_and_delays_nobody(path, lab):
    lab.set_delay("dhcp2", timedelta(seconds=60))
    answer = pipe(path, "relationship", "list", "--time-limit", "1s")
    assert answer.returncode == 6
    assert "✖ no answer in time" in answer.stdout.decode()


def test_without_the_extra_one_line_says_how_to_get_it():
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "typer" else real(name, package)
from dhcpfo.cli import main
sys.exit(main(["time"]))
"""
    answer = pipe("", program=(sys.executable, "-c", program))
    assert answer.returncode == 3
    assert answer.stderr == b"dhcpfo: the command line needs its extra: pip install 'dhcpfo[cli]'\n"
