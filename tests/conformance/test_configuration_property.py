"""Any configuration that can be written reads back equal, whichever way it is written and read.

The suite tries the same few configurations each time. For a long search with others, set their number:
``DHCPFO_SEARCH=2000 python -m pytest tests/conformance/test_configuration_property.py``.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings

import routes
from dhcpfo import Server
from dhcpfo.simulator import Lab
from server_configurations import Configuration, configurations, expected, read, write

SEARCH = int(os.environ.get("DHCPFO_SEARCH", "0"))
NAMES = [route if isinstance(route, str) else str(route.values[0]) for route in routes.ROUTES]


@pytest.mark.parametrize("route", routes.ROUTES)
@settings(
    max_examples=SEARCH or 30,
    derandomize=not SEARCH,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(configurations())
def test_what_is_written_reads_back(route: str, configuration: Configuration) -> None:
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        server = Server(routes.connect(route, lab, "dhcp1"))
        wanted = expected(read(server), configuration)
        write(server, configuration)
        for other in NAMES if routes.EXTENSION_BUILT else ["direct"]:
            assert read(Server(routes.connect(other, lab, "dhcp1"))) == wanted
        saved = json.loads(json.dumps(lab.to_dict()))
    restored = Lab.from_dict(saved)
    assert read(restored.connect("dhcp1", direct=True)) == wanted
