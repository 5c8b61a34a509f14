"""Metrics for Prometheus, read back with its own parser; with promtool where it is installed."""

import shutil
import subprocess
import threading
import urllib.request
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dhcpfo import FailoverState, Server
from dhcpfo.fleet.look import Servers
from dhcpfo.fleet.monitor.metrics import GAUGES, Exporter
from dhcpfo.simulator import Lab
from routes import UNDER_WINE

SECRET = "marker-of-the-secret"
ODD = "<script>\"\\ \n|'=;{}"


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_pair(
            "hq", scopes=["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"], percentage=60, shared_secret=SECRET, direct=True
        )
        yield lab


def exporter(lab, **options):
    return Exporter({"head office": lab.connect_pair("dhcp1", "dhcp2", direct=True)}, **options)


def read(text):
    """The samples of a text as {(name, labels): value}; each only once."""
    samples = [
        (sample.name, frozenset(sample.labels.items()), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    found = {(name, labels): value for name, labels, value in samples}
    assert len(found) == len(samples)
    return found


def values(text, name, **labels):
    """The values of a metric by the labels that are not given."""
    return {
        tuple(value for key, value in sorted(of) if key not in labels): value
        for (metric, of), value in read(text).items()
        if metric == name and labels.items() <= dict(of).items()
    }


def test_every_metric_of_the_table(lab):
    text = exporter(lab, scopes=10).text()
    found = {name for name, _ in read(text)}
    assert found == set(GAUGES) - {"dhcpfo_relationship_switch_interval_seconds"}  # it never switches by itself
    assert "dhcpfo_scrape_errors_total" in text
    assert values(text, "dhcpfo_up") == {("dhcp1",): 1, ("dhcp2",): 1}
    one = {"server": "dhcp1", "relationship": "hq"}
    assert values(text, "dhcpfo_relationship_percentage_ratio", **one) == {(): 0.6}
    assert values(text, "dhcpfo_relationship_mclt_seconds", **one) == {(): 3600}
    assert values(text, "dhcpfo_relationship_scopes", **one) == {(): 3}
    assert values(text, "dhcpfo_scope_addresses", server="dhcp1", scope="10.0.1.0") == {
        ("free",): 254,
        ("used",): 0,
        ("pending",): 0,
    }
    info = {**one, "partner": "dhcp2", "role": "primary", "mode": "load_balance", "authenticated": "true"}
    assert values(text, "dhcpfo_relationship_info", **info) == {(): 1}
    differs = values(text, "dhcpfo_relationship_differs", pair="head office", relationship="hq")
    assert set(differs.values()) == {0}
    assert ("percentage",) in differs
    assert values(text, "dhcpfo_clock_offset_max_seconds", server="dhcp2") == {(): 60}
    assert SECRET not in text


def test_all_fourteen_states_are_always_there(lab):
    for _ in range(2):
        states = values(exporter(lab).text(), "dhcpfo_relationship_state", server="dhcp1")
        assert {state for _, state in states} == {state.name.lower() for state in FailoverState}
        assert sum(states.values()) == 1
        lab.cut("dhcp1", "dhcp2")
        lab.advance(timedelta(minutes=5))
    assert states["hq", "communication_interrupted"] == 1


def test_an_unknown_state_has_its_number():
    from dhcpfo.fleet.monitor.metrics import families

    with Lab() as lab:
        lab.add_pair("hq", direct=True)
        api = lab.connect("dhcp1", direct=True).api

        class Newer:
            server = "dhcp1"

            def __getattr__(self, name):
                return getattr(api, name)

            def enum_relationships(self, *arguments):
                page = api.enum_relationships(*arguments)
                items = tuple(one.replace(state=FailoverState(77)) for one in page.items)
                return type(page)(items=items, **{n: getattr(page, n) for n in page.__slots__ if n != "items"})

        from dhcpfo.fleet.look import read_pair

        look = read_pair(Servers(Server(Newer()), lab.connect("dhcp2", direct=True)))
        samples = {
            sample.labels["state"]: sample.value
            for family in families([look])
            for sample in family.samples
            if family.name == "dhcpfo_relationship_state" and sample.labels["server"] == "dhcp1"
        }
    assert samples["UNKNOWN_77"] == 1
    assert len(samples) == 15


def test_a_server_that_does_not_answer_has_up_0_and_nothing_else(lab):
    export = exporter(lab, scopes=10)
    export.text()
    lab.power_off("dhcp2")
    text = export.text()
    assert values(text, "dhcpfo_up") == {("dhcp1",): 1, ("dhcp2",): 0}
    assert {name for name, labels in read(text) if ("server", "dhcp2") in labels} == {"dhcpfo_up"}
    assert values(text, "dhcpfo_relationship_differs") == {}
    assert values(text, "dhcpfo_relationship_state", server="dhcp1", state="normal")
    assert values(text, "dhcpfo_scrape_errors_total", code="1722")[()] >= 3
    lab.start("dhcp2")
    lab.settle()
    again = values(export.text(), "dhcpfo_failover_scope_addresses", server="dhcp2", owner="this", status="free")
    assert len(again) == 3


def test_a_difference_of_the_copies(lab):
    lab.connect("dhcp2", direct=True).set_relationship("hq", mclt=timedelta(minutes=30))
    differs = values(exporter(lab).text(), "dhcpfo_relationship_differs")
    assert {key for key, value in differs.items() if value} == {("head office", "hq", "mclt")}


def test_scopes_take_turns(lab):
    export = exporter(lab, scopes=2)
    first = values(export.text(), "dhcpfo_failover_scope_read_timestamp_seconds", server="dhcp1")
    assert set(first) == {("10.0.1.0",), ("10.0.2.0",)}
    lab.advance(timedelta(minutes=1))
    second = values(export.text(), "dhcpfo_failover_scope_read_timestamp_seconds", server="dhcp1")
    assert set(second) == {("10.0.1.0",), ("10.0.2.0",), ("10.0.3.0",)}
    assert {scope for (scope,) in second if second[scope,] != first.get((scope,))} == {"10.0.1.0", "10.0.3.0"}
    lab.connect("dhcp1", direct=True).remove_failover_scopes("hq", [IPv4Address("10.0.3.0")])
    lab.connect("dhcp2", direct=True).remove_failover_scopes("hq", [IPv4Address("10.0.3.0")])
    assert ("10.0.3.0",) not in values(export.text(), "dhcpfo_failover_scope_read_timestamp_seconds", server="dhcp1")


def test_a_server_in_two_pairs_has_its_series_once(lab):
    lab.add_pair("branch", primary="dhcp1", secondary="dhcp3", scopes=["10.9.0.0/24"], direct=True)
    pairs = {name: lab.connect_pair("dhcp1", name, direct=True) for name in ("dhcp2", "dhcp3")}
    text = Exporter(pairs, scopes=5).text()
    assert len(values(text, "dhcpfo_up")) == 3
    states = values(text, "dhcpfo_relationship_state", server="dhcp1", state="normal")
    assert states == {("hq",): 1, ("branch",): 1}


def odd_lab():
    lab = Lab()
    lab.add_pair(ODD, primary="dhcp1", secondary="dhcp2", direct=True)
    return lab


def test_names_with_any_character():
    with odd_lab() as lab:
        pair = lab.connect_pair("dhcp1", "dhcp2", direct=True)
        text = Exporter({ODD: pair, "half \ud800": pair}).text()
    assert set(values(text, "dhcpfo_relationship_scopes", relationship=ODD)) == {("dhcp1",), ("dhcp2",)}
    pairs = {dict(of)["pair"] for name, of in read(text) if name == "dhcpfo_relationship_differs"}
    assert pairs == {ODD, "half \\ud800"}


def test_the_file_is_written_beside_and_renamed(lab, tmp_path):
    path = tmp_path / "dhcpfo.prom"
    export = exporter(lab)
    export.write(path)
    before = path.stat().st_ino
    assert values(path.read_text("utf-8"), "dhcpfo_up") == {("dhcp1",): 1, ("dhcp2",): 1}
    export.write(path)
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match=r"must end in \.prom"):
        export.write(tmp_path / "metrics.txt")


@pytest.mark.skipif(UNDER_WINE, reason="no network connections under Wine")
def test_over_http_on_loopback(lab):
    server = exporter(lab).listen(port=0)
    try:
        assert server.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        assert values(text, "dhcpfo_up") == {("dhcp1",): 1, ("dhcp2",): 1}
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_that_hangs_is_down(lab):
    hang, calls = threading.Event(), []

    class Hanging:
        server = "dhcp2"

        def __getattr__(self, name):
            def call(*arguments):
                calls.append(name)
                hang.wait()

            return call

    lab.add_pair("other", primary="dhcp3", secondary="dhcp4", scopes=["10.9.0.0/24"], direct=True)
    pairs = {
        "pair": Servers(lab.connect("dhcp1", direct=True), Server(Hanging())),
        "other": lab.connect_pair("dhcp3", "dhcp4", direct=True),
    }
    try:
        metrics = Exporter(pairs, time_limit=timedelta(seconds=0.3), scopes=1)
        metrics.text()
        made = len(calls)
        text = metrics.text()
    finally:
        hang.set()
    assert values(text, "dhcpfo_up") == {("dhcp1",): 1, ("dhcp2",): 0, ("dhcp3",): 1, ("dhcp4",): 1}
    assert values(text, "dhcpfo_scrape_errors_total", code="TIME_LIMIT")
    assert metrics.down == ("dhcp2",)
    assert len(calls) == made  # it has not returned: it is not called again


RULES = Path(__file__).parents[2] / "docs" / "monitoring" / "dhcpfo.rules.yml"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_likes_metrics_and_rules(lab):
    with odd_lab() as other:
        pairs = {"hq": lab.connect_pair("dhcp1", "dhcp2", direct=True)}
        text = Exporter({**pairs, ODD: other.connect_pair("dhcp1", "dhcp2", direct=True)}, scopes=5).text()
    metrics = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False)
    assert metrics.returncode == 0, metrics.stderr.decode()
    rules = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, check=False)
    assert rules.returncode == 0, rules.stderr.decode()
    tests = RULES.with_name("dhcpfo.rules.test.yml")
    tested = subprocess.run(["promtool", "test", "rules", str(tests)], capture_output=True, check=False)
    assert tested.returncode == 0, tested.stdout.decode() + tested.stderr.decode()
