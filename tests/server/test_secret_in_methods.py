"""A secret is in nothing that a failing method of `Server` leaves behind: tracebacks with variables, logs, pickles."""

import logging
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

import routes
from dhcpfo import FailoverMode, FailoverState, Server, ServerType
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import from_code
from dhcpfo.simulator import Lab
from examples import EXAMPLES, RELATIONSHIP, VALUES
from leftovers import PACKAGE, shown
from recording import RecordingApi

MARKER = "m4rk3r-of-a-secret"

BAD_SECRETS = {
    "bytes": lambda: MARKER.encode() + b"\xff",
    "NUL": lambda: MARKER + "\0",
    "list": lambda: [MARKER],
    "dict": lambda: {"secret": MARKER},
    "object": lambda: SimpleNamespace(secret=MARKER),
}

BAD_VALUES = {
    "mclt": [3600, timedelta(seconds=1.5), timedelta(days=-1), None],
    "state_switch_interval": [3600, timedelta(days=100_000)],
    "state": ["PARTNER_DOWN", FailoverState(-1)],
    "previous_state": ["NORMAL", FailoverState(2**32)],
    "mode": ["HOT_STANDBY", FailoverMode(-1)],
    "percentage": [130, -1, "50", 50.0, True, None],
}

BAD_FIELDS = {
    "name": ["", "n" * 127, "a\0b"],
    "primary_server": [RELATIONSHIP.secondary_server],
    "primary_server_name": ["a\0b"],
    "secondary_server_name": ["a\0b"],
    "server_type": [ServerType(-1)],
    "mclt": [timedelta(seconds=1.5), timedelta(days=-1)],
    "state_switch_interval": [timedelta(days=100_000)],
    "mode": [FailoverMode(-1)],
    "state": [FailoverState(-1)],
    "previous_state": [FailoverState(2**32)],
    "percentage": [130, -1],
    "scopes": [[]],
    "shared_secret": [MARKER + "\0"],
}


def set_with(**wrong):
    return lambda server: server.set_relationship("r", **VALUES | {"shared_secret": MARKER} | wrong)


def create_with(**wrong):
    relationship = replace(RELATIONSHIP, **{"shared_secret": MARKER} | wrong)
    return lambda server: server.create_relationship(relationship)


def without_percentage(server):
    server.set_relationship("r", mode=FailoverMode.HOT_STANDBY, shared_secret=MARKER)


def with_name(name):
    return lambda server: server.set_relationship(name, shared_secret=MARKER)


REFUSED = {
    **{f"secret as {kind}": set_with(shared_secret=make()) for kind, make in BAD_SECRETS.items()},
    **{f"set {key}={bad!r}": set_with(**{key: bad}) for key, wrong in BAD_VALUES.items() for bad in wrong},
    **{f"set with the name {bad!r}": with_name(bad) for bad in (None, "", "a\0b", 7, "n" * 127)},
    "set mode without percentage": without_percentage,
    **{
        f"create {key}={str(bad)[:9]!r}": create_with(**{key: bad})
        for key, wrong in BAD_FIELDS.items()
        for bad in wrong
    },
    "create from a dict": lambda server: server.create_relationship({"name": "r", "shared_secret": MARKER}),
    "create from an object": lambda server: server.create_relationship(SimpleNamespace(shared_secret=MARKER)),
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED)
def test_a_refused_argument(act, caplog):
    caplog.set_level(logging.DEBUG, "dhcpfo")
    api = RecordingApi()
    with pytest.raises((ValueError, TypeError)) as caught:
        act(Server(api))
    assert api.calls == []
    assert shown(MARKER, caught.value, caplog.records) == []


ACTS = {"create_relationship": create_with(), "set_relationship": set_with()}


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING], ids=["logged", "unlogged"])
@pytest.mark.parametrize("code", [5, 1726, 20113, None])
@pytest.mark.parametrize("method", ACTS)
def test_an_error_of_the_backend(method, code, level, caplog):
    caplog.set_level(level, "dhcpfo")
    answer = from_code(code, "f", None) if code else RuntimeError()
    with pytest.raises(type(answer)) as caught:
        ACTS[method](Server(RecordingApi(**{method: answer})))
    assert shown(MARKER, caught.value, caplog.records) == []


@pytest.mark.parametrize("method", FUNCTIONS)
def test_an_error_after_an_answer_with_a_secret(method, caplog, route):
    """A server's answer holds the secret; an error of a later call does not show it."""
    caplog.set_level(logging.DEBUG, "dhcpfo")
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.2")
        for scope in RELATIONSHIP.scopes:
            lab.add_scope(f"{scope}/24")
        server = Server(routes.connect(route, lab, "dhcp1"))
        server.create_relationship(replace(RELATIONSHIP, shared_secret=MARKER))
        assert server.get_relationship(RELATIONSHIP.name).shared_secret == MARKER
        lab.fail("dhcp1", method, 5)
        with pytest.raises(PermissionError) as caught:
            EXAMPLES[method].ask(server)
        assert shown(MARKER, caught.value, caplog.records) == []


def test_the_measure_works():
    """What `shown` is to find, it finds."""
    assert shown(MARKER, ValueError(MARKER))
    error = from_code(5, "f", None)
    error.note = MARKER
    assert shown(MARKER, error)
    scope = {}
    exec(compile("def f(secret):\n    raise ValueError", f"{PACKAGE}/f.py", "exec"), scope)
    with pytest.raises(ValueError, match=r"^$") as caught:
        scope["f"](MARKER)
    assert shown(MARKER, caught.value)
