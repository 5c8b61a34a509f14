"""Who gets an answer, and what browsers are told about the page."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from dhcpfo.models import Secret
from dhcpfo.serve import create_app, serve

TOKEN = "a token of some length"


def status(page, path="/api/fleet", *, key=True, method="GET", **more):
    headers = more.pop("headers", {})
    if key:
        headers = {"x-dhcpfo-key": page.key} | headers
    return page.client.request(method, path, headers=headers, **more).status_code


HOSTS = {
    "127.0.0.1": 200,
    "127.0.0.1:8647": 200,
    "127.8.8.8": 200,
    "localhost": 200,
    "LocalHost.:99": 200,
    "[::1]:8647": 200,
    "[::1]": 200,
    "evil.example": 421,
    "evil.example:8647": 421,
    "localhost.evil.example": 421,
    "127.0.0.1.evil.example": 421,
    "127.0.0.1@evil.example": 421,
    "192.0.2.1": 421,
    "[2001:db8::1]": 421,
    "[::1": 421,
    "[localhost]": 421,
    "[::1]x": 421,
    "": 421,
    "\x00": 421,
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/api/fleet", "/"])
def test_only_names_of_this_machine_are_answered(page, host, path):
    """A page of somebody else whose name resolves to 127.0.0.1 gets nothing (DNS rebinding)."""
    assert status(page, path, headers={"host": host}) == HOSTS[host]


def test_a_request_has_one_host(page):
    hosts = [("host", "127.0.0.1"), ("host", "localhost"), ("x-dhcpfo-key", page.key)]
    assert page.client.get("/", headers=hosts).status_code == 421


@pytest.fixture
def remote(pairs):
    """An application that other machines reach."""
    from starlette.testclient import TestClient

    app = create_app(pairs, host="0.0.0.0", names=["Net.Example"], token=Secret(TOKEN))
    with TestClient(app, base_url="http://192.0.2.9:8647") as client:
        yield client


@pytest.mark.parametrize(
    ("host", "expected"),
    [("192.0.2.9", 401), ("net.example", 401), ("[2001:db8::1]:80", 401), ("localhost", 401), ("evil.example", 421)],
)
def test_for_other_machines_addresses_and_given_names_are_answered(remote, host, expected):
    assert remote.get("/api/session", headers={"host": host}).status_code == expected


def test_other_machines_need_a_token(remote):
    for path in ("session", "fleet", "pairs/0", "pairs/0/timelines", "pairs/0/audit", "pairs/0/plan"):
        assert remote.get(f"/api/{path}").status_code == 401
        assert remote.get(f"/api/{path}", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert remote.get(f"/api/{path}", headers={"authorization": f"Basic {TOKEN}"}).status_code == 401
        assert remote.get(f"/api/{path}", params={"token": TOKEN}).status_code == 401  # it would be in logs
        assert remote.get(f"/api/{path}", headers={"cookie": b"dhcpfo=a token; a=\x80; ;="}).status_code == 401
    assert remote.get("/").status_code == 200  # the page itself knows nothing


def test_a_token_in_a_header(remote):
    headers = {"authorization": f"Bearer {TOKEN}"}
    key = remote.get("/api/session", headers=headers).json()["key"]
    assert remote.get("/api/fleet", headers=headers).status_code == 403
    assert remote.get("/api/fleet", headers=headers | {"x-dhcpfo-key": key}).status_code == 200


def test_a_browser_logs_in_and_gets_a_cookie(remote, monkeypatch):
    monkeypatch.setattr("dhcpfo.serve.guard.WRONG_TOKEN", 0.0)
    for wrong in ("", "x", TOKEN[:-1], None, 3, ["\ud800"], "\ud800"):
        body, kind = json.dumps({"token": wrong}), {"content-type": "application/json"}
        assert remote.post("/api/login", content=body, headers=kind).status_code == 401
    assert remote.get("/api/session").status_code == 401
    assert remote.post("/api/login", json={"code": TOKEN}).status_code == 401
    answer = remote.post("/api/login", json={"token": TOKEN})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert remote.get("/api/session").status_code == 200


def test_a_code_works_once(pairs, monkeypatch):
    from starlette.testclient import TestClient

    monkeypatch.setattr("dhcpfo.serve.guard.WRONG_TOKEN", 0.0)
    app = create_app(pairs, host="0.0.0.0", token=Secret(TOKEN))
    code = app.code
    with TestClient(app, base_url="http://192.0.2.9") as client:
        for wrong in ("", code[:-1], None, 3, "\ud800"):
            body = json.dumps({"code": wrong})
            assert (
                client.post("/api/login", content=body, headers={"content-type": "application/json"}).status_code == 401
            )
        assert client.post("/api/login", json={"code": code}).status_code == 200
        assert client.get("/api/session").status_code == 200
        assert client.post("/api/login", json={"code": code}).status_code == 401
        assert app.code is None
    assert create_app(pairs).code is None


def test_a_token_is_made_for_other_machines_and_is_not_in_the_address(pairs, monkeypatch):
    monkeypatch.setattr("dhcpfo.serve.listen.is_loopback", lambda host: False)
    found = []

    def note(listening):
        found.append(listening)
        listening.stop()

    serve(pairs, port=0, ready=note)
    assert len(found[0].token) > 16
    assert found[0].token not in found[0].url
    assert found[0].token not in repr(found[0])
    assert "#code=" in found[0].url


def test_with_tls_the_cookie_is_for_tls_only(pairs):
    from starlette.testclient import TestClient

    app = create_app(pairs, host="0.0.0.0", token=Secret(TOKEN), secure=True)
    with TestClient(app, base_url="https://192.0.2.9") as client:
        headers = {"origin": "https://192.0.2.9"}
        assert "Secure" in client.post("/api/login", json={"token": TOKEN}, headers=headers).headers["set-cookie"]
        headers = {"origin": "http://192.0.2.9"}
        assert client.post("/api/login", json={"token": TOKEN}, headers=headers).status_code == 403


def test_without_a_token_only_this_machine_is_served(pairs):
    for host in ("0.0.0.0", "::", "192.0.2.1", "dhcp.example.com"):
        with pytest.raises(ValueError, match="a token is needed"):
            create_app(pairs, host=host)
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        create_app(pairs, host=host)


def test_a_short_token_is_refused(pairs):
    with pytest.raises(ValueError, match="at least 16 characters"):
        serve(pairs, token="short")


@pytest.mark.parametrize("path", ["/api/fleet", "/api/pairs/0", "/api/pairs/0/lab", "/api/pairs/0/audit"])
def test_data_needs_the_key_of_the_page(page, path):
    """Another site can make a browser send requests, but not with this header."""
    assert status(page, path, key=False) == 403
    assert status(page, path, headers={"x-dhcpfo-key": "x"}) == 403
    assert status(page, path, headers={"x-dhcpfo-key": b"\xff"}) == 403
    assert status(page, path) in (200, 202)


def test_requests_of_other_sites_are_refused(page, lab):
    before = lab.now
    body = {"method": "POST", "path": "/api/pairs/0/act", "json": {"action": "advance", "seconds": 60}}
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8647"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ):
        assert status(page, **body, headers=headers) == 403
        assert status(page, headers=headers) == 403
    assert status(page, **body, key=False) == 403
    assert lab.now == before
    assert status(page, **body, headers={"origin": "http://127.0.0.1:8647", "sec-fetch-site": "same-origin"}) == 200
    assert lab.now == before + timedelta(minutes=1)


def test_bodies_are_short_json_objects(page):
    path = "/api/pairs/0/act"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert status(page, path, method="POST", content="{}", headers={"content-type": kind}) == 415
    kind = {"content-type": "application/json; charset=utf-8"}
    assert status(page, path, method="POST", content="[" * 60_000, headers=kind) == 400
    assert status(page, path, method="POST", content='{"a":1' + " " * 70_000 + "}", headers=kind) == 413
    assert status(page, path, method="POST", content="{}", headers=kind | {"content-length": "9" * 30}) == 413
    assert status(page, path, method="POST", content=iter([b"{}"]), headers=kind) == 413  # without a length
    for content in ("", "[]", "1", "{", '"x"', "\xff".encode("latin-1")):
        assert status(page, path, method="POST", content=content, headers=kind) == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_other_methods_are_refused(page, method):
    for path in ("/", "/api/fleet", "/api/pairs/0/act"):
        assert status(page, path, method=method) == 405


def test_nothing_can_be_posted_where_only_reading_is_meant(page):
    for path in ("/", "/static/main.js", "/api/fleet", "/api/pairs/0/plan"):
        assert status(page, path, method="POST", json={}) == 405
    assert status(page, "/api/pairs/0/act") == 405


def test_without_a_lab_nothing_can_be_changed(browse, pairs, lab):
    with browse(pairs) as page:
        before = lab.to_dict(secrets=True)
        for action in ("advance", "cut", "stop", "partner_down"):
            assert page.act(0, action, server="dhcp1", seconds=60).status_code == 404
        assert status(page, "/api/pairs/0/lab") == 404
        assert lab.to_dict(secrets=True) == before
        assert page.fleet()["lab"] is None


EVERYWHERE = ["/", "/static/main.js", "/api/session", "/api/fleet", "/nothing", "/api/nothing"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_headers(page, path):
    answer = page.client.get(path, headers={"x-dhcpfo-key": page.key})
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


def test_a_refusal_has_the_headers_too(page):
    assert "content-security-policy" in page.client.get("/", headers={"host": "evil.example"}).headers


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere():
    parser = Elements()
    parser.feed((files("dhcpfo.serve") / "static" / "index.html").read_text("utf-8"))
    for tag, attributes in parser.found:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        assert tag != "style"
        if tag == "script":
            assert attributes["src"].startswith("/static/")
        for name in ("src", "href"):
            assert attributes.get(name, "/").startswith(("/", "#"))
            assert not attributes.get(name, "/").startswith("//")


def test_scripts_make_no_markup_of_text():
    for entry in (files("dhcpfo.serve") / "static").iterdir():
        text = entry.read_text("utf-8")
        without_space = text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", without_space), entry.name
        if entry.name.endswith(".js"):
            forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser"
            assert not re.search(forbidden, text), entry.name
        assert len(text.splitlines()) <= 450, entry.name
