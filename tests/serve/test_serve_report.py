"""The HTML page of ``dhcpfo report`` in a real browser: it asks nobody for anything, and any text in it stays text."""

import dataclasses
import enum
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from chromium import Browser, find_browser
from served import SERVERS, add_pairs

from dhcpfo.fleet.monitor.report import report
from dhcpfo.fleet.reading import read_pairs
from dhcpfo.pair import Findings
from dhcpfo.simulator import Lab

PROGRAM = find_browser()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

EVIL = (
    "<img src=http://192.0.2.9/ onerror=alert(1)><script>alert(2)</script><style>*{}</style>\"'`\n\u202e\ud800{{7*7}}"
    "</td></table><svg onload=alert(3)> javascript:alert(4) url(http://192.0.2.9/x) "
)
LONG = (EVIL * 100)[:10_000]


def wreck(value):
    """Put the worst text in the place of each text."""
    if isinstance(value, enum.Enum):
        return value
    if isinstance(value, str):
        return LONG
    if isinstance(value, Findings):
        return Findings(map(wreck, list(value)[:3]), value.pair)
    if dataclasses.is_dataclass(value):
        fields = [one for one in dataclasses.fields(value) if one.init and one.name != "severity"]
        return dataclasses.replace(value, **{one.name: wreck(getattr(value, one.name)) for one in fields})
    if isinstance(value, Mapping):
        return {key: wreck(one) for key, one in value.items()}
    return tuple(map(wreck, value)) if isinstance(value, tuple) else value


@pytest.mark.parametrize("texts", ["as they are", "the worst"])
def test_the_page_in_a_browser(tmp_path, texts):
    with Lab() as lab:
        add_pairs(lab)
        pairs = {name: lab.connect_pair(*servers) for name, servers in SERVERS.items()}
        looks = read_pairs(pairs, statistics=True, rights=True, findings=True)
        lines = {(look.name, one.name): lab.timeline(one.name) for look in looks for one in look.relationships}
    evil = texts == "the worst"
    title = LONG if evil else "Fleet"
    if evil:
        looks = [wreck(looks[0])]
        lines = {(LONG, LONG): next(iter(lines.values()))}
    text = report(looks, time=datetime.now(UTC), reader=title, title=title, timelines=lines, version=title)
    file = tmp_path / "page.html"
    file.write_text(text, "utf-8")
    browser = Browser(PROGRAM)
    try:
        browser.open(file.as_uri())
        browser.wait("document.readyState === 'complete' && document.querySelector('footer')")
        for width, height, phone in ((1200, 900, False), (390, 844, True)):
            browser.size(width, height, phone=phone)
            for scheme in ("dark", "light"):
                browser.scheme(scheme)
                assert browser.faint() == []
            assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.nameless() == []
        assert (
            browser.run("document.querySelectorAll('script, img, link, a, iframe, form, [onload], [onerror]').length")
            == 0
        )
        assert browser.run("document.querySelectorAll('style').length") == 1
        assert browser.run("/[\u202a-\u202e]/.test(document.body.innerText)") is False
        assert evil == ("alert(4)" in browser.text())
        assert browser.console == []
        assert set(browser.requests) <= {file.as_uri(), "about:blank"}
    finally:
        browser.close()
