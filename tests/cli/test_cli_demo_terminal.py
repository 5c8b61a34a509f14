"""``dhcpfo demo`` in a real terminal, which it leaves as it was."""

import os
import signal
import sys
import time

import pytest

pexpect = pytest.importorskip("pexpect", reason="pexpect needs a terminal of POSIX")
termios = pytest.importorskip("termios", reason="pexpect needs a terminal of POSIX")

ENTERED, LEFT, SHOWN = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"


def start(columns=100, lines=30, **environment):
    child = pexpect.spawn(
        sys.executable,
        ["-m", "dhcpfo", "demo", "--rate", "600"],
        dimensions=(lines, columns),
        encoding="utf-8",
        timeout=30,
        env=os.environ | {"TERM": "xterm-256color"} | environment,
    )
    child.modes = termios.tcgetattr(child.child_fd)
    child.all = ""
    return child


def expect(child, text):
    child.expect_exact(text)
    child.all += child.before + child.after


def end(child, code):
    """Check that the terminal is as it was."""
    child.expect(pexpect.EOF)
    child.all += child.before
    modes = termios.tcgetattr(child.child_fd)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (code, None)
    assert child.all.count(ENTERED) == 1
    assert child.all.rindex(LEFT) > child.all.rindex(ENTERED)
    assert child.all.rindex(SHOWN) > child.all.rindex("\x1b[?25l")
    assert modes == child.modes
    assert "Traceback" not in child.all


def test_a_pair_is_broken_and_mended():
    child = start()
    expect(child, "comm. interrupted")
    child.send("s")
    expect(child, 'lab.stop("hq-dhcp2")')
    expect(child, "Stop-Service DHCPServer")
    child.send("p")
    expect(child, "partner down")
    expect(child, "Set-DhcpServerv4Failover -ComputerName hq-dhcp1 -Name hq-clients -PartnerDown")
    child.send("m")
    expect(child, 'lab.start("hq-dhcp2")')
    child.send("\x1b[B\x1b[B")
    expect(child, "Why: the link between b17-dhcp1 and b17-dhcp2 is cut")
    child.send("m")
    expect(child, "Both servers of the selected pair are normal.")
    child.send("q")
    expect(child, "The same as a program, after: dhcpfo lab init my.lab")
    end(child, 0)


@pytest.mark.parametrize("how", ["ctrl-c", "SIGTERM"])
def test_the_terminal_is_given_back(how):
    child = start()
    expect(child, " quit")
    child.send("\x1a\x1c")  # Ctrl-Z and Ctrl-\ do nothing
    if how.startswith("SIG"):
        number = getattr(signal, how)
        child.kill(number)
        end(child, 128 + number)
    else:
        child.sendcontrol("c")
        end(child, 130)


def test_it_follows_the_size_of_the_terminal():
    child = start()
    expect(child, "IN USE")
    for lines, columns in [(24, 40), (5, 20), (50, 200)]:
        child.setwinsize(lines, columns)
        time.sleep(0.3)
    expect(child, "hot standby 5 %")
    child.send("q")
    end(child, 0)


def test_there_is_no_colour_if_nobody_wants_it():
    child = start(NO_COLOR="1")
    expect(child, " quit")
    child.sendcontrol("d")
    end(child, 0)
    assert "\x1b[32m" not in child.all


def test_with_tour_it_is_text_on_a_terminal_too():
    child = pexpect.spawn(sys.executable, ["-m", "dhcpfo", "demo", "--tour"], encoding="utf-8", timeout=30)
    child.expect(pexpect.EOF)
    assert "6  A colleague" in child.before
    assert ENTERED not in child.before
