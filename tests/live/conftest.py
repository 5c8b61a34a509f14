"""The service under test, and the table of what it did."""

from collections.abc import Iterator

import pytest
import service
from service import LIVE, SCOPES, THIS_SERVER, Note, clean, observations

import dhcpfo
import routes
from dhcpfo.simulator import Clock, Lab


@pytest.fixture(scope="session")
def note() -> Note:
    """Put an observation into the table that ends the run."""
    return service.note


@pytest.fixture
def server(note: Note) -> Iterator[dhcpfo.Server]:
    """The service of this machine, or a simulated one; without our relationships before and after."""
    with _simulated() if not LIVE else dhcpfo.connect() as connected:
        clean(connected, note, "before")
        yield connected
        clean(connected, note, "after")


def _simulated() -> dhcpfo.Server:
    lab = Lab(clock=Clock.real())
    lab.add_server("dhcp1", THIS_SERVER)
    for scope in SCOPES:
        lab.add_scope(f"{scope}/24")
    return lab.connect("dhcp1", direct=not routes.EXTENSION_BUILT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the real service did, surprises marked."""
    if not LIVE:
        return
    terminalreporter.section("what the DHCP service of this machine did")
    for it in observations:
        mark = "!!" if it.surprising else "  "
        terminalreporter.line(
            f"{mark} {it.situation}: {it.observed}" + (f" (expected {it.expected})" if it.expected else "")
        )
    surprises = sum(it.surprising for it in observations)
    terminalreporter.line(f"{len(observations)} observations, {surprises} surprises")
