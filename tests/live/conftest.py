"""The service under test, and the table of what it did."""

from collections.abc import Callable, Iterator

import pytest
from service import LIVE, NAME, SCOPES, THIS_SERVER, Observation, observations

import dhcpfo
import routes
from dhcpfo.errors import DhcpError
from dhcpfo.simulator import Clock, Lab


@pytest.fixture(scope="session")
def note() -> Callable[[str, str, object], Observation]:
    """Put an observation into the table that ends the run."""

    def note(situation: str, expected: str, observed: object) -> Observation:
        observations.append(Observation(situation, expected, str(observed)))
        return observations[-1]

    return note


@pytest.fixture
def server() -> Iterator[dhcpfo.Server]:
    """The service of this machine, or a simulated one; without our relationship before and after."""
    with _simulated() if not LIVE else dhcpfo.connect() as connected:
        _delete(connected)
        yield connected
        _delete(connected)


def _simulated() -> dhcpfo.Server:
    lab = Lab(clock=Clock.real())
    lab.add_server("dhcp1", THIS_SERVER)
    for scope in SCOPES:
        lab.add_scope(f"{scope}/24")
    return lab.connect("dhcp1", direct=not routes.EXTENSION_BUILT)


def _delete(server: dhcpfo.Server) -> None:
    try:
        server.delete_relationship(NAME)
    except DhcpError as error:
        assert error.winerror == 20115, error  # noqa: PT017  # gone already is what is wanted


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
