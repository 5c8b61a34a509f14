"""Errors of a lab show none of the shared secrets that it was given or keeps."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from dhcpfo import Secret
from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import sql
from leftovers import shown

MARKER = "m4rk3r-of-a-lab"
SECRETS = {
    "text": MARKER,
    "bytes": MARKER.encode(),
    "Secret": Secret(MARKER),
    "list": [MARKER],
    "UTF-16": b"\xff\xfe" + MARKER.encode(),
}
WRONG = [
    {"name": 7},
    {"name": "n" * 127},
    {"primary": 7},
    {"secondary": ""},
    {"primary": "dhcp2"},
    {"scopes": "10.0.0.0/24"},
    {"scopes": ["10.0.0.1/24"]},
    {"scopes": []},
    {"mode": 1},
    {"percentage": 101},
    {"mclt": 3600},
    {"mclt": timedelta(seconds=1.5)},
    {"state_switch_interval": 1},
]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_argument_of_add_pair(wrong, secret):
    """It shows no secret, and the lab stays as it was."""
    lab = Lab()
    before = lab.to_dict()
    with pytest.raises((TypeError, ValueError)) as caught:
        lab.add_pair(**{"shared_secret": secret} | wrong)
    assert shown(MARKER, caught.value) == []
    assert lab.to_dict() == before


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_add_pair_takes_what_a_relationship_takes(secret):
    lab = Lab()
    if isinstance(secret, list) or b"\xff" in (secret if isinstance(secret, bytes) else b""):
        with pytest.raises((TypeError, ValueError), match=r"^shared_secret must be ") as caught:
            lab.add_pair(shared_secret=secret)
        assert shown(MARKER, caught.value) == []
    else:
        for server in lab.add_pair(shared_secret=secret):
            assert server.get_relationship("dhcp1-dhcp2").shared_secret == MARKER


def test_a_server_that_refuses_a_pair():
    lab = Lab()
    lab.add_pair(shared_secret=MARKER)
    with pytest.raises(OSError, match="already") as caught:
        lab.add_pair(shared_secret=MARKER)
    assert shown(MARKER, caught.value) == []


@pytest.mark.parametrize("spoil", [{"format": 99}, {"hosts": {"dhcp1": 7}}, {"no such thing": 1}], ids=str)
def test_data_that_is_no_lab(spoil):
    lab = Lab()
    lab.add_pair(shared_secret=MARKER)
    data = lab.to_dict(secrets=True)
    assert MARKER in json.dumps(data)
    with pytest.raises(ValueError, match="holds no lab") as caught:
        Lab.from_dict(data | spoil)
    assert shown(MARKER, caught.value) == []


def test_a_file_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(sql, "BUSY_SECONDS", 0.05)
    path = tmp_path / "lab.sqlite"
    lab = Lab.open(path)
    lab.add_pair(shared_secret=MARKER)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked") as caught:
            lab.advance(timedelta(hours=1))
        assert shown(MARKER, caught.value) == []
    lab.advance(timedelta(hours=1))
    assert Lab.open(path).to_dict(secrets=True) == lab.to_dict(secrets=True)


def test_a_full_disk(tmp_path):
    path = tmp_path / "lab.sqlite"
    lab = Lab.open(path)
    lab.add_pair(shared_secret=MARKER)
    lab._transactions.store._file.connection.execute("PRAGMA max_page_count = 1")  # SQLite takes what it has by now
    caught = None
    for number in range(1000):
        try:
            before = lab.to_dict(secrets=True)
            lab.add_scope(f"10.{number + 1}.0.0/16")
        except OSError as error:
            caught = error
            break
    assert "full" in str(caught)
    assert shown(MARKER, caught) == []
    assert lab.to_dict(secrets=True) == Lab.open(path).to_dict(secrets=True) == before
    lab.add_scope("172.16.0.0/24")
    assert Lab.open(path).to_dict(secrets=True) == lab.to_dict(secrets=True)
