"""The demonstration that ``python -m dhcpfo.simulator`` runs."""

import subprocess
import sys

import pytest


@pytest.mark.abi
def test_it_shows_the_relationship_from_both_sides() -> None:
    command = [sys.executable, "-W", "error", "-m", "dhcpfo.simulator"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    rows = {
        line.split()[0]: line.split()[1:] for line in run.stdout.splitlines() if line.startswith("  ") and line.split()
    }
    assert rows["State"] == ["Normal", "Normal"]
    assert rows["PartnerServer"] == ["dhcp2", "dhcp1"]
    assert rows["LoadBalancePercent"] == ["60", "40"]
    assert rows["EnableAuth"] == ["True", "True"]
    assert "AddressesFreeOnThisServer" in rows
    assert run.stdout.index("created on dhcp2, the secondary") < run.stdout.index("created on dhcp1, the primary")
    assert "RECOVER_DONE  NORMAL" in run.stdout
    assert "correct horse" not in run.stdout


def run_with(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-m", "dhcpfo.simulator", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_explains_and_does_nothing_else() -> None:
    run = run_with("--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("usage: python -m dhcpfo.simulator")
    assert "Two simulated servers" not in run.stdout


def test_an_unknown_argument_is_refused() -> None:
    run = run_with("--fast")
    assert (run.returncode, run.stdout) == (2, "")
    assert "--fast" in run.stderr
