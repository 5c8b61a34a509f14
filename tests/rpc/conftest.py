"""What the tests that use the loopback share."""

import importlib.util
import sys
from collections.abc import Iterator

import pytest
import rpc_realm
from rpc_network import Network

from routes import UNDER_WINE

NO_NAMES = """
[libdefaults]
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
"""


LINUX = [
    "test_rpc_carried.py",
    "test_rpc_domain.py",
    "test_rpc_foreign.py",
    "test_rpc_interrupts.py",
    "test_rpc_kerberos.py",
    "test_rpc_tshark.py",
]
CONNECTING = [
    f"test_rpc_{name}.py"
    for name in ("calls", "command_line", "cuts", "kills", "limits", "logons", "odd_peers", "pairs", "status")
]
collect_ignore = LINUX if sys.platform == "win32" else []  # they use what only Linux has
if importlib.util.find_spec("typer") is None:  # the command line's own packages are optional
    collect_ignore.append("test_rpc_command_line.py")
if UNDER_WINE:
    collect_ignore += CONNECTING


@pytest.fixture
def network() -> Iterator[Network]:
    """Makes servers and clients that end with the test."""
    network = Network()
    yield network
    network.close()


@pytest.fixture(autouse=True, scope="session")
def no_names_are_looked_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep Kerberos from asking the network for realms that tests make up."""
    with pytest.MonkeyPatch.context() as patch:
        configuration = tmp_path_factory.mktemp("kerberos") / "krb5.conf"
        configuration.write_text(NO_NAMES, "utf-8")
        patch.setenv("KRB5_CONFIG", str(configuration))
        yield


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rpc_realm.Realm]:
    """A Kerberos realm, in which this process is."""
    with pytest.MonkeyPatch.context() as patch:
        realm = rpc_realm.Realm(tmp_path_factory.mktemp("realm"))
        for name, value in realm.environment.items():
            patch.setenv(name, value)
        yield realm
        realm.close()
