"""Metrics, the report and the check with any text in every field that may hold one."""

import shutil
import subprocess

import pytest
from any_text import TEXTS, looks, with_text
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from test_check import parsed
from test_report import safe

from dhcpfo.fleet.monitor.check import check
from dhcpfo.fleet.monitor.metrics import families
from dhcpfo.fleet.monitor.report import report

EACH = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@pytest.fixture(scope="module")
def plain():
    return tuple(looks())


def exposed(found):
    class Once(Collector):
        def describe(self):
            return ()

        def collect(self):
            return families(found, errors={"5": 1})

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry).decode("utf-8")


def samples(text):
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


@EACH
def test_metrics(plain, text):
    """Nothing is lost, nothing is added, and the names come back as they were, as far as UTF-8 and a terminal can."""
    expected, found = samples(exposed(plain)), samples(exposed(with_text(plain, text)))
    assert [(one.name, one.value, [*one.labels]) for one in found] == [
        (one.name, one.value, [*one.labels]) for one in expected
    ]
    names = {value for one in found for key, value in one.labels.items() if key in ("server", "relationship", "pair")}
    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
    assert all(name.startswith(shown) for name in names)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_takes_them_all(plain):
    everything = [look for text in TEXTS.values() for look in with_text(plain, text)]
    given = exposed(everything).encode()
    done = subprocess.run(["promtool", "check", "metrics"], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@EACH
def test_the_report(plain, text):
    """The page has the same elements, none of which the texts have made."""

    def page(found, odd):
        return report(found, time=plain[0].time, reader="reader" + odd, title="title" + odd, timelines={}, version="1")

    expected, written = safe(page(plain, "")), page(with_text(plain, text), text)
    found = safe(written)
    assert sorted(found.tags) == sorted(expected.tags)
    assert not set(written) & {chr(code) for code in range(32) if chr(code) not in "\n"}
    assert "alert('x')" not in written
    written.encode("utf-8")


@EACH
def test_the_check(plain, text):
    odd = with_text(plain, text)
    for given, other in ((plain[:1], odd[:1]), (plain, odd)):
        expected, found = check(given), check(other)
        assert found.status == expected.status
        out = str(found)
        assert len(out.encode("utf-8")) <= 8192
        assert all(letter.isprintable() or letter == "\n" for letter in out)
        data = parsed(found.status, out)
        if len(text) < 100:
            assert len(data) == len(parsed(expected.status, str(expected)))
            assert len(out.splitlines()) == len(str(expected).splitlines())
