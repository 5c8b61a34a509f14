"""The page in a real browser without a window."""

import json
import threading
from datetime import timedelta

import pytest
from chromium import ENTER, TAB, Browser, find_browser
from served import SERVERS, add_pairs

from dhcpfo.serve import serve
from dhcpfo.simulator import Lab

PROGRAM = find_browser()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
EVIL_SERVER = "<svg onload=alert(3)>\"'"
VIEWS = {
    "": ".card .chip.ok",
    "pair/3/copies": ".beside",
    "pair/3/scope/10.8.0.0": ".split",
    "pair/3/timeline": ".segment",
    "pair/3/audit": ".list, [role=status] .chip",
    "pair/3/wanted": ".wanted td",
    "plan": ".wanted .total",
    "pair/3/plan": "#plan-percentage",
    "pair/3/lab": ".action",
}


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        add_pairs(lab)
        lab.add_pair(EVIL, primary=EVIL_SERVER, secondary="b", scopes=["10.8.0.0/24"])
        lab.connect(EVIL_SERVER).set_scope("10.8.0.0", name=EVIL, comment=EVIL)
        lab.reserve("10.8.0.0", "10.8.0.9", "00-15-5d-00-00-01", name=EVIL, description=EVIL, servers=[EVIL_SERVER])
        yield lab


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("wanted") / "fleet.yaml"
    write(path, 70)
    return path


def write(path, percent, key="percent"):
    """Write a file that wants another percentage, and an option with markup for an evil name."""
    evil = {"servers": [EVIL_SERVER, "b"], "relationships": {EVIL: {"mode": "hot-standby", "scopes": ["10.8.0.0"]}}}
    hq = {"servers": ["dhcp1", "dhcp2"], "relationships": {"hq-branch": {key: percent, "scopes": ["10.0.0.0"]}}}
    half = path.with_suffix(".half")  # the page may read a file while it is being written
    half.write_text(json.dumps({"version": 1, "pairs": {"hq": hq, EVIL: evil}}, indent=1), "utf-8")
    half.replace(path)


@pytest.fixture(scope="module")
def url(lab, file):
    pairs = {name: lab.connect_pair(*servers) for name, servers in SERVERS.items()}
    pairs[EVIL] = lab.connect_pair(EVIL_SERVER, "b")
    ready, found = threading.Event(), []

    def note(listening):
        found.append(listening)
        ready.set()

    options = {"lab": lab, "file": file, "port": 0, "interval": timedelta(milliseconds=200), "ready": note}
    thread = threading.Thread(target=serve, args=(pairs,), kwargs=options)
    thread.start()
    assert ready.wait(30)
    yield found[0].url
    found[0].stop()
    thread.join(30)


@pytest.fixture(scope="module")
def running():
    browser = Browser(PROGRAM)
    yield browser
    browser.close()


@pytest.fixture
def browser(running, url):
    """The browser with the overview; at the end nothing was complained about or asked of other hosts."""
    running.console.clear()
    running.requests.clear()
    running.size(1200, 900)
    running.open(f"{url}#/")
    running.open(url)
    running.wait("document.querySelectorAll('.card .chip.ok').length")
    yield running
    assert running.console == []
    assert all(each.startswith((url, "about:")) for each in running.requests)


def go(browser, place):
    browser.run(f"location.hash = '#/{place}'")
    browser.wait(f"document.querySelector({VIEWS[place]!r})")


def test_states_change_while_somebody_looks(browser, lab):
    chip = "document.querySelector('#pair-1').closest('article').innerText"
    browser.wait(f"{chip}.includes('communication interrupted')")
    lab.mend("dhcp3", "dhcp4")
    lab.advance(timedelta(minutes=2))
    soon(browser, f"!{chip}.includes('communication interrupted')")


def test_the_keyboard_is_enough(browser):
    browser.key("/")
    assert browser.run("document.activeElement.id") == "filter"
    for letter in "hq":
        browser.key(letter)
    browser.wait("document.querySelectorAll('.card:not([hidden])').length === 1")
    for _ in range(3):
        browser.key(TAB)
    assert browser.run("document.activeElement.id") == "pair-0"
    browser.key(ENTER)
    browser.wait("document.querySelector('.beside tr.differs')")
    assert browser.run("document.activeElement.id") == "content"
    browser.key(TAB)
    assert browser.run("document.activeElement.innerText") == "← All pairs"


def test_a_button_of_the_lab(browser, lab):
    go(browser, "pair/3/lab")
    before = lab.now
    browser.run("[...document.querySelectorAll('button')].find((b) => b.textContent === 'Advance 1 minute').click()")
    browser.wait("document.querySelector('.said').innerText.includes('Start-Sleep -Seconds 60')")
    assert lab.now == before + timedelta(minutes=1)


def test_the_plan_of_a_file_follows_the_file(browser, lab, file):
    before = lab.connect("dhcp1").get_relationship("hq-branch")
    browser.run("document.querySelector('#to-plan').click()")
    soon(browser, "document.querySelector('.wanted .total')?.innerText.startsWith('Plan: ')")
    assert "percentage 60 → 70" in browser.text()
    write(file, 70, key="percnt")
    place = f"{file}:11:6: pairs.hq.relationships.hq-branch.percnt: unknown; did you mean percent?"
    soon(browser, f"document.querySelector('[role=alert].mistakes')?.innerText.includes({json.dumps(place)})")
    write(file, 65)
    soon(browser, "document.querySelector('.wanted .total')")
    soon(browser, "document.querySelector('#wanted-0')?.closest('article').innerText.includes('60 → 65')")
    browser.run("document.querySelector('#wanted-0').click()")
    browser.wait("document.querySelector('.wanted .digest')")
    assert "percentage 60 → 65" in browser.text()
    assert not browser.run("[...document.querySelectorAll('button')].some((b) => /apply/i.test(b.innerText))")
    assert lab.connect("dhcp1").get_relationship("hq-branch") == before


def soon(browser, script):
    """Wait as `Browser.wait` does, but let the page ask at once, as when it comes to the front."""
    browser.wait(f"(document.dispatchEvent(new Event('visibilitychange')), {script})")


@pytest.mark.parametrize("place", VIEWS)
def test_each_page_can_be_read(browser, place):
    """Names stay text, colours stand out in the light and in the dark, everything has a name, and a phone is enough."""
    go(browser, place)
    browser.wait("document.querySelector('main').innerText.includes('onerror=alert(2)')")
    assert browser.run("document.querySelectorAll('main script, main img, main svg[onload]').length") == 0
    colours = set()
    for scheme in ("dark", "light"):
        browser.scheme(scheme)
        colours.add(browser.run("getComputedStyle(document.body).backgroundColor"))
        assert browser.faint() == []
    assert len(colours) == 2
    assert browser.nameless() == []
    assert browser.run("document.querySelectorAll('h1').length") == 1
    browser.size(390, 844, phone=True)
    assert browser.run("document.documentElement.scrollWidth") <= 390


WRECK = """
const evil = ("<img src=x onerror=alert(1)><script>alert(2)</script>\\"'`\\n\\u202e\\u2066\\ud800 javascript:alert(3) ")
  .repeat(200).slice(0, 10000);
const ours = new Set(["kind", "severity", "outcome", "time", "now", "version", "key", "source", "end", "action"]);
const wreck = (value, name) => {
  if (typeof value === "string") return ours.has(name) ? value : evil;
  if (Array.isArray(value))  // two of many are enough
    return (typeof value[0] === "object" ? value.slice(0, 2) : value).map((one) => wreck(one, name));
  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, wreck(one, key)])) : value;
};
const real = window.fetch;
window.fetch = async (...given) => {
  const answer = await real(...given);
  return new Response(JSON.stringify(wreck(await answer.json())), { status: answer.status });
};
"""
"""Puts the worst text, 10,000 letters of it, in the place of each text of each answer."""


def test_any_text_in_any_field_stays_text(browser):
    script = browser.call("Page.addScriptToEvaluateOnNewDocument", source=WRECK)["identifier"]
    try:
        browser.size(390, 844, phone=True)
        browser.call("Page.reload")
        browser.wait("document.querySelector('.card')?.innerText.includes('alert(3)')")
        for place, there in VIEWS.items():
            browser.run(f"location.hash = '#/{place}'")
            browser.wait(f"document.querySelector({there!r})")
            browser.wait("document.querySelector('main').innerText.includes('alert(3)')")
            assert browser.run("document.querySelectorAll('main script, main img').length") == 0
            assert browser.run("[...document.links].every((link) => link.protocol === 'http:')")
            assert browser.run("/[\\u202e\\u2066]/.test(document.body.innerText + document.title)") is False
            assert browser.run("document.documentElement.scrollWidth") <= 390
    finally:
        browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def test_a_token_is_asked_for_or_a_code_that_works_once(running, lab):
    ready, found = threading.Event(), []

    def note(listening):
        found.append(listening)
        ready.set()

    options = {"port": 0, "token": "a token of some length", "ready": note}
    thread = threading.Thread(target=serve, args=({"hq": lab.connect_pair("dhcp1", "dhcp2")},), kwargs=options)
    thread.start()
    assert ready.wait(30)
    url, _, code = found[0].url.partition("#code=")
    try:
        running.open(found[0].url)
        running.wait("document.querySelector('#pair-0')")
        assert running.run("location.hash") == "#/"
        history = running.call("Page.getNavigationHistory")["entries"]
        assert url + "#/" in [entry["url"] for entry in history]
        running.call("Network.clearBrowserCookies")
        running.open("about:blank")
        running.open(f"{url}#code={code}")  # as somebody who found it in the browser's history
        running.wait("document.activeElement.id === 'token'")
        for letter in "a token of some length":
            running.call("Input.insertText", text=letter)
        running.key(ENTER)
        running.wait("document.querySelector('#pair-0')")
        assert "token" not in running.run("location.href + JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert running.run("document.cookie") == ""
    finally:
        found[0].stop()
        thread.join(30)
