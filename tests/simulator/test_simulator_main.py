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
