"""A lab of three pairs, the web application on it, and a client in this process."""

import importlib.util
import sys
import time
from contextlib import contextmanager

import pytest
from served import SERVERS, add_pairs

from dhcpfo.simulator import Lab
from routes import UNDER_WINE

NEEDED = ("starlette", "uvicorn", "httpx2")
LACKING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if UNDER_WINE or LACKING else []  # no network connections under Wine
collect_ignore = ["test_serve_browser.py", "test_serve_report.py"] if sys.platform == "win32" else []  # POSIX pipes


def pytest_report_header():
    if collect_ignore_glob:
        return f"tests/serve is left out: {', '.join(LACKING) or 'Wine'}"
    return None


@pytest.fixture
def lab():
    with Lab() as lab:
        add_pairs(lab)
        yield lab


@pytest.fixture
def pairs(lab):
    return {name: lab.connect_pair(*servers) for name, servers in SERVERS.items()}


class Page:
    """What a browser does: it fetches the key, sends it, and asks again while an answer is pending."""

    def __init__(self, client):
        self.client = client
        self.key = client.get("/api/session").json()["key"]
        self.answers = []

    def get(self, path, **parameters):
        """Return the answer; its status is that of the last try."""
        end = time.monotonic() + 30
        while True:
            answer = self.client.get(f"/api/{path}", params=parameters, headers={"x-dhcpfo-key": self.key})
            self.answers.append(answer.text)
            if answer.status_code != 202:
                return answer
            assert time.monotonic() < end

    def read(self, path, **parameters):
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fleet(self):
        """Return the overview as soon as all servers were read."""
        end = time.monotonic() + 30
        while True:
            found = self.read("fleet")
            if all(server["read"] for row in found["pairs"] for server in row["servers"]):
                return found
            assert time.monotonic() < end
            time.sleep(0.01)

    def act(self, number, action, **arguments):
        answer = self.client.post(
            f"/api/pairs/{number}/act", json={"action": action, **arguments}, headers={"x-dhcpfo-key": self.key}
        )
        self.answers.append(answer.text)
        return answer


@pytest.fixture
def browse():
    """Returns a `Page` for an application."""
    from starlette.testclient import TestClient

    from dhcpfo.serve import create_app

    @contextmanager
    def browse(pairs, *, base="http://127.0.0.1:8647", **options):
        client = TestClient(create_app(pairs, **options), base_url=base)
        yield Page(client)
        client.close()

    return browse


@pytest.fixture
def page(browse, pairs, lab):
    with browse(pairs, lab=lab) as page:
        yield page
