"""The servers that are authorized in the directory."""

import sys
from ipaddress import IPv4Address
from pathlib import Path

import pytest

import dhcpfo
from dhcpfo.errors import DhcpsapiMissingError
from dhcpfo.models import AuthorizedServer
from dhcpfo.simulator import Lab

BOTH = pytest.mark.parametrize("direct", [True, pytest.param(False, marks=pytest.mark.abi)])


@BOTH
def test_authorized_servers(lab: Lab, direct: bool) -> None:
    for number in (1, 2, 3):
        lab.add_server(f"dhcp{number}.example.com", f"192.0.2.{number}")
    assert lab.authorized_servers(direct=direct) == []
    lab.authorize("dhcp3.example.com")
    lab.authorize("192.0.2.1")
    lab.authorize("192.0.2.1")
    found = lab.authorized_servers(direct=direct)
    assert found == [
        AuthorizedServer(name=f"dhcp{number}.example.com", address=f"192.0.2.{number}") for number in (1, 3)
    ]
    lab.stop("192.0.2.1")  # the directory does not ask the servers
    lab.unauthorize("dhcp3.example.com")
    lab.rename_server("192.0.2.1", "new")
    lab.set_address("new", "192.0.2.9")
    assert [(one.name, one.address) for one in lab.authorized_servers(direct=direct)] == [
        ("new", IPv4Address("192.0.2.9"))
    ]


def test_it_is_kept_in_files(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "lab") as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        lab.authorize("dhcp1")
    assert [one.name for one in Lab.open(tmp_path / "lab").authorized_servers(direct=True)] == ["dhcp1"]


def test_as_the_cmdlet_shows_it() -> None:
    shown = AuthorizedServer(name="dhcp1", address="192.0.2.1").to_dict(powershell=True)
    assert shown == {"DnsName": "dhcp1", "IPAddress": "192.0.2.1"}


@pytest.mark.skipif(sys.platform == "win32", reason="tests/windows has this platform's cases")
def test_without_windows() -> None:
    with pytest.raises(DhcpsapiMissingError, match="Windows only"):
        dhcpfo.authorized_servers()
