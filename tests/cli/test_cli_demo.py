"""``dhcpfo demo``: the tour as text, and what the live view looks like."""

import io
import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from dhcpfo.cli.demo import actions
from dhcpfo.cli.demo.keyboard import split
from dhcpfo.cli.demo.live import press
from dhcpfo.cli.demo.look import look
from dhcpfo.cli.demo.tour import BEGIN, INTRODUCTION
from dhcpfo.cli.demo.view import View, age, render
from dhcpfo.cli.demo.world import SITES, World, build
from dhcpfo.pair import PairFailure
from dhcpfo.simulator import Lab


@pytest.fixture
def world():
    with Lab() as lab:
        build(lab)
        yield World(lab)


def states(lab):
    return [(row["server"], row["relationship"], row["state"]) for row in lab.overview()["relationships"]]


def test_the_tour_shows_each_step_in_python_and_powershell(run):
    answer = run("demo", on_lab=False)
    assert (answer.code, answer.err) == (0, "")
    for number in range(1, 7):
        part = answer.out.partition(f"\n{number}  ")[2].partition(f"\n{number + 1}  ")[0]
        assert "   Python      " in part
        assert "   PowerShell  " in part
    for text in (
        "COMMUNICATION_INTERRUPTED",
        "6 changes made",
        "refused: ",
        "PARTNER_DOWN",
        "config-differs",
        "nothing found",
    ):
        assert text in answer.out
    assert "dhcpfo lab init my.lab" in answer.out.splitlines()[-3]


def test_the_python_of_the_tour_does_what_the_tour_did(run, tmp_path, monkeypatch):
    """It is run as it stands, with nothing but the lab that the introduction says how to make."""
    monkeypatch.chdir(tmp_path)
    steps = run("demo", "--json", on_lab=False).json["results"]
    assert "dhcpfo lab init my.lab" in INTRODUCTION
    assert run("lab", "init", "my.lab", on_lab=False).code == 0
    with Lab.open("my.lab") as lab:
        names = {"print": lambda value: shown.append(str(value))}
        shown = []
        for step in steps:
            for line in step["python"]:
                try:
                    exec(line, names)
                except PairFailure as error:
                    assert line.endswith("# refused")
                    shown.append(f"refused: {error}")
        told = [text for step in steps for text in step["output"] if isinstance(text, str)]
        assert shown == [text for text in told if text in shown]
        assert {state for server, name, state in states(lab) if name == "hq-clients"} == {"NORMAL"}
        names["lab"].close()


def test_every_row_of_the_tour_fits_into_a_page(run):
    lines = run("demo", on_lab=False).lines
    assert max(map(len, lines)) < 170
    assert len(lines) < 110


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.relationship)
def test_the_python_of_a_key_does_what_the_key_does(world, site):
    """Two worlds, one worked by keys and one by the Python that the keys show, stay equal."""
    with Lab() as other:
        build(other)
        names = {"lab": other, "timedelta": timedelta}
        for key in "chpsphmhmh":
            action = actions.by_key(key)
            python = action.python(world, site)
            assert action.powershell(world, site)
            action.do(world, site)
            try:
                exec(python, names)
            except PairFailure:
                assert key == "p"
            except ValueError:
                assert key == "s"
            assert states(world.lab) == states(other)
        assert {state for _, name, state in states(other) if name == site.relationship} == {"NORMAL"}


PARAMETERS = {
    "Get-DhcpServerv4Failover": {"ComputerName", "Name"},
    "Add-DhcpServerv4Scope": {"ComputerName", "Name", "StartRange", "EndRange", "SubnetMask"},
    "Add-DhcpServerv4Failover": {"ComputerName", "PartnerServer", "Name", "ScopeId", "LoadBalancePercent"},
    "Set-DhcpServerv4Failover": {"ComputerName", "Name", "PartnerDown"},
    "Set-DhcpServerv4OptionValue": {"ComputerName", "ScopeId", "DnsServer"},
    "Invoke-DhcpServerv4FailoverReplication": {"ComputerName", "Force"},
    "New-NetFirewallRule": {"DisplayName", "Direction", "Action", "Protocol", "RemotePort"},
    "Remove-NetFirewallRule": {"DisplayName"},
    "Stop-VM": {"TurnOff"},
    "Start-VM": set(),
    "Stop-Service": set(),
    "Start-Service": set(),
    "Start-Sleep": set(),
    "Invoke-Command": set(),
}
"""The parameters of cmdlets that may be shown, from Microsoft's reference."""

TABLE = Path(__file__).resolve().parents[2] / "docs" / "cmdlets.md"


def test_the_powershell_has_known_cmdlets_and_parameters(run, world):
    site = SITES[0]
    shown = [line for step in run("demo", "--json", on_lab=False).json["results"] for line in step["powershell"]]
    world.lab.stop(site.secondary)
    shown += [action.powershell(world, site) for action in actions.ACTIONS]
    found = {}
    for line in shown:
        for command in re.split(r"[;{}()]", line):
            if name := re.match(r" *([A-Z][a-z]+-\w+)", command):
                found.setdefault(name[1], set()).update(re.findall(r" -([A-Z]\w+)", command))
    assert found.keys() == PARAMETERS.keys()
    assert all(used <= PARAMETERS[name] for name, used in found.items())
    if TABLE.exists():
        table = TABLE.read_text("utf-8")
        assert not [name for name in found if "-Dhcp" in name and name not in table]


def test_partner_down_is_refused_while_the_partner_serves(world):
    view = View(60)
    press(world, view, "p")
    assert "Refused: " in view.message
    press(world, view, "s")
    press(world, view, "s")
    assert "stopped already" in view.message
    press(world, view, "p")
    assert "hq-dhcp1 serves all addresses alone" in view.message
    assert len(view.done) == 4


def test_what_was_done_is_a_program_that_ends_alike(world, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    view = View(60, acted=world.lab.now)
    for key in "pcsphm":
        world.lab.advance(timedelta(minutes=7))
        press(world, view, key)
    assert run("lab", "init", "my.lab", on_lab=False).code == 0
    (tmp_path / "keys.py").write_text("\n".join([*BEGIN, *view.done, "lab.close()"]), "utf-8")
    exec(compile((tmp_path / "keys.py").read_text("utf-8"), "keys.py", "exec"), {})
    with Lab.open("my.lab") as lab:
        assert (lab.now, states(lab)) == (world.lab.now, states(world.lab))
    assert "lab.advance(timedelta(seconds=420))" in view.done
    assert [line.startswith("# refused: pair = ") for line in view.done if "declare" in line] == [True, False]


def test_the_secondary_survives_if_the_primary_is_down(world):
    world.lab.stop("hq-dhcp1")
    view = View(60)
    press(world, view, "p")
    assert 'survivor="hq-dhcp2"' in view.python
    assert "hq-dhcp2 serves all addresses alone" in view.message


def test_keys_select_a_pair(world):
    view = View(60)
    for key, selected in [
        ("down", 1),
        ("down", 2),
        ("down", 0),
        ("up", 2),
        ("1", 0),
        ("3", 2),
        ("9", 2),
        ("x", 2),
        (None, 2),
    ]:
        press(world, view, key)
        assert view.selected == selected


def test_the_view_fits_any_terminal(world):
    world.lab.stop("plant-dhcp1")
    world.lab.power_off("plant-dhcp2")
    view = View(60, now=world.lab.now, seen=[look(world, site) for site in SITES])
    for width, height in itertools.product([24, 40, 60, 72, 80, 104, 120, 200], [8, 24]):
        console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
        console.print(render(view, width, height))
        shown = console.file.getvalue()
        assert max(map(len, shown.splitlines())) <= width
        assert "no answer" in shown
        assert all(site.relationship in shown for site in SITES), width
        assert ("Python" in shown) == (height >= 20)
        assert ("hot standby" in shown) == (width >= 104)


def test_ages_are_short():
    assert [age(timedelta(seconds=seconds)) for seconds in (-1, 59, 60, 7200, 200000)] == [
        "0s",
        "59s",
        "1m",
        "2h",
        "2d",
    ]


def test_what_a_terminal_sends_becomes_keys():
    assert split("C\x1b[A\x1bOBx\x1b[Z\x7f\t") == ["c", "up", "down", "x", "down"]
    assert split("\x1b") == ["q"]
    assert split("\x04") == ["q"]
