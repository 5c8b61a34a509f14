"""Copies of servers: what is read from the copy is what is read from the original."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from dhcpfo import FailoverState, Server
from dhcpfo.errors import AccessDeniedError, ServerUnavailableError
from dhcpfo.models import Secret
from dhcpfo.rehearsal import copy_servers
from dhcpfo.rpc import RpcApi
from dhcpfo.scope import read_scopes, read_server
from dhcpfo.simulator import Lab, Rights
from routes import UNDER_WINE
from server_configurations import Configuration, configurations, read, write

SEARCH = int(os.environ.get("DHCPFO_SEARCH", "0"))
MARKER = "marker-secret-5f2a"


def everything(server: Server, *, lease_times: bool = True) -> dict[str, object]:
    """All that calls show of a server, but for secrets and what counts events."""
    overview = read_server(server)
    assert not overview.unread
    found = read(server) | {
        "relationships": [one.replace(shared_secret=None) for one in overview.relationships],
        "scopes": read_scopes(server, overview.scopes, overview),
        "attributes": overview.attributes,
        "clock": overview.clock.time,
        "clients": server.clients(),
        "config": server.get_config().replace(nap_enabled=False, nap_unreachable_action=0),
        "audit log": server.get_audit_log(),
        "version": server.get_version(),
    }
    members = [scope for one in overview.relationships for scope in one.scopes]
    if lease_times:
        found["times"] = [
            server.get_failover_client(address=client.address) for scope in members for client in server.clients(scope)
        ]
    return found


@settings(
    max_examples=SEARCH or 12,
    derandomize=not SEARCH,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(configurations())
def test_any_configuration_is_copied(configuration: Configuration) -> None:
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        server = lab.connect("dhcp1", direct=True)
        write(server, configuration)
        copy = copy_servers([server], calls_at_once=1)
        assert (copy.left_out, copy.unread) == ((), ())
        assert everything(copy.lab.connect("dhcp1", direct=True)) == everything(server)


def busy_pair(lab: Lab) -> tuple[Server, Server]:
    dhcp1, dhcp2 = lab.add_pair(
        "hq-branch", scopes=["10.0.1.0/24", "10.0.2.0/24"], percentage=60, shared_secret=MARKER, direct=True
    )
    lab.add_scope("10.9.0.0/24", servers=["dhcp2"])
    lab.reserve("10.0.1.0", "10.0.1.50", "00-15-5d-01-02-03", name="printer")
    for number in range(30):
        lab.lease("10.0.1.0", bytes([0, 21, 93, 0, 0, number]), name=f"pc{number}")
    lab.lease("10.9.0.0", "00-15-5d-09-09-09")
    lab.advance(timedelta(minutes=10))
    return dhcp1, dhcp2


def trouble(lab: Lab, kind: str) -> None:
    if kind != "none":
        lab.cut("dhcp1", "dhcp2")
        lab.advance(timedelta(minutes=5))
    if kind == "partner down":
        lab.connect("dhcp1", direct=True).set_relationship("hq-branch", state=FailoverState.PARTNER_DOWN)
        lab.advance(timedelta(hours=2))
        lab.lease("10.0.1.0", "00-15-5d-77-77-77")


@pytest.mark.parametrize("kind", ["none", "cut", "partner down"])
def test_a_pair_is_copied_with_its_states_and_leases(kind: str) -> None:
    with Lab() as lab:
        servers = busy_pair(lab)
        trouble(lab, kind)
        copy = copy_servers(servers)
        for server in servers:
            assert everything(copy.lab.connect(server.name, direct=True)) == everything(server)
        assert copy.cut == ((("dhcp1", "dhcp2"),) if kind != "none" else ())
        assert [omission.what for omission in copy.left_out] == ["the shared secret of hq-branch"] * 2
        assert copy.counts["dhcp1"] == {
            "relationships": 1,
            "scopes": 2,
            "reservations": 1,
            "leases": 30 + (kind == "partner down"),
        }
        assert copy.lab.to_dict(secrets=True) == copy.lab.to_dict()
        assert MARKER not in f"{copy}{copy.to_dict()}"
        original = [lab.connect(name, direct=True).get_relationship("hq-branch") for name in lab.servers]
        assert [one.shared_secret for one in original] == [Secret(MARKER)] * 2


def test_the_copy_goes_on_as_the_original_would() -> None:
    with Lab() as lab:
        servers = busy_pair(lab)
        trouble(lab, "cut")
        copy = copy_servers(servers, calls_at_once=1)
        assert "the link between" in copy.lab.explain("hq-branch")
        copy.lab.mend("dhcp1", "dhcp2")
        copy.lab.settle()
        pair = copy.lab.connect_pair("dhcp1", "dhcp2", direct=True)
        assert not pair.plan.replicate("primary", names=["hq-branch"]).steps
        assert (
            lab.connect("dhcp1", direct=True).get_relationship("hq-branch").state
            == FailoverState.COMMUNICATION_INTERRUPTED
        )


def test_leases_and_their_times_can_be_left_out() -> None:
    with Lab() as lab:
        servers = busy_pair(lab)
        bare = copy_servers(servers, leases=False)
        assert bare.counts["dhcp2"]["leases"] == 0
        assert "left out on dhcp1: leases: as asked" in str(bare)
        calls: list[tuple[str, str, int]] = []
        quick = copy_servers(servers, lease_times=False, progress=lambda *about: calls.append(about))
        assert ("dhcp1", "leases", 31) in calls
        copied = quick.lab.connect("dhcp1", direct=True)
        assert everything(copied, lease_times=False) == everything(servers[0], lease_times=False)
        assert copied.get_failover_client(address=copied.clients("10.0.1.0")[0].address).start_time is None


def test_a_server_that_cannot_be_read_is_an_error_and_a_part_is_a_note() -> None:
    with Lab() as lab:
        dhcp1, dhcp2 = busy_pair(lab)
        lab.fail("dhcp1", "get_policy_enforcement", 5)
        lab.fail("dhcp2", "enum_filters", 5)
        copy = copy_servers([dhcp1, dhcp2], calls_at_once=1)
        assert {(one.server, one.error.part) for one in copy.unread if one.error} == {
            ("dhcp1", "policies enforced"),
            ("dhcp2", "filters"),
        }
        assert "not read from dhcp2: filters: " in str(copy)
        with pytest.raises(AccessDeniedError):
            copy_servers([dhcp1, lab.connect("dhcp2", rights=Rights.NONE, direct=True)])
        lab.power_off("dhcp2")
        with pytest.raises(ServerUnavailableError):
            copy_servers([dhcp1, dhcp2])


def test_a_lone_half_names_the_partner_that_is_missing() -> None:
    with Lab() as lab:
        dhcp1, _ = busy_pair(lab)
        copy = copy_servers([dhcp1])
        assert "no server has the partner's address 192.0.2.2" in copy.lab.explain("hq-branch")
        assert any("partner dhcp2" in omission.what for omission in copy.left_out)


def test_arguments_are_checked() -> None:
    with Lab() as lab:
        dhcp1, _ = busy_pair(lab)
        for servers in ([], [dhcp1, dhcp1]):
            with pytest.raises(ValueError, match="servers must be"):
                copy_servers(servers)
        with pytest.raises(TypeError, match="servers must be Server"):
            copy_servers(["dhcp1"])  # type: ignore[list-item]


def test_a_copy_is_saved_into_a_new_file_only(tmp_path) -> None:
    path = tmp_path / "rehearsal.lab"
    with Lab() as lab:
        servers = busy_pair(lab)
        copy_servers(servers).lab.save(path)
        with Lab.open(path) as opened:
            assert everything(opened.connect("dhcp1", direct=True)) == everything(servers[0])
        with pytest.raises(FileExistsError):
            lab.save(path)
        with Lab.open(path) as opened:
            assert opened.servers == ("dhcp1", "dhcp2")


@pytest.mark.skipif(UNDER_WINE, reason="no network connections under Wine")
def test_a_pair_over_the_network_is_copied() -> None:
    with Lab() as lab:
        servers = busy_pair(lab)
        with lab.listen("dhcp1") as first, lab.listen("dhcp2") as second:
            ports = {"dhcp1": first.port, "dhcp2": second.port}
            apis = [RpcApi(name, address="127.0.0.1", port=port, insecure=True) for name, port in ports.items()]
            copy = copy_servers([Server(api) for api in apis])
            for api in apis:
                api.close()
        assert copy.unread == ()
        assert everything(copy.lab.connect("dhcp1", direct=True)) == everything(servers[0])
