"""The log: one DEBUG record for each call, one INFO record for each change, never a secret."""

import functools
import logging
import subprocess
import sys
from dataclasses import replace

import pytest

from dhcpfo import FailoverState, Server
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.errors import from_code
from dhcpfo.models import Page
from dhcpfo.trace import Logged
from examples import ENUMERATIONS, EXAMPLES
from recording import RELATIONSHIP, RecordingApi

KEYS = {
    "failover": "relationship",
    "scopes": "scope",
    "elements": "scope",
    "clients": "client",
    "options": "option",
    "classes": "class",
    "policies": "policy",
    "filters": "filter",
}
ACTS = {method: EXAMPLES[method].ask for method in FUNCTIONS}


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG, "dhcpfo")
    return caplog


@pytest.mark.parametrize("method", ACTS)
def test_a_call_that_succeeds(method, log):
    ACTS[method](Server(RecordingApi()))
    calls = [record for record in log.records if record.levelname == "DEBUG"]
    changes = [record for record in log.records if record.levelname != "DEBUG"]
    *before, debug = calls
    assert [record.function for record in before] == [FUNCTIONS[name].name for name, _ in EXAMPLES[method].before]
    assert (debug.name, debug.levelname) == ("dhcpfo", "DEBUG")
    assert (debug.function, debug.server, debug.code) == (
        FUNCTIONS[method].name,
        "dhcp1",
        EXAMPLES[method].answer.status if method in ENUMERATIONS else 0,
    )
    assert 0 <= debug.duration < 60
    assert debug.getMessage().startswith(f"{FUNCTIONS[method].name} on dhcp1: code {debug.code} in ")
    shown = [(record.levelname, record.getMessage()) for record in changes]
    subject = EXAMPLES[method].arguments[0] if EXAMPLES[method].arguments else None
    subject = getattr(subject, "_subject", getattr(subject, "name", subject))
    key = KEYS.get(FUNCTIONS[method].family, FUNCTIONS[method].family)
    thing = repr(subject) if isinstance(subject, str) else str(subject)
    message = f"{FUNCTIONS[method].name} on dhcp1: {key} {thing} changed"
    assert shown == ([("INFO", message)] if method in CHANGES else [])


@pytest.mark.parametrize("method", ACTS)
def test_a_call_that_fails(method, log):
    with pytest.raises(PermissionError):
        ACTS[method](Server(RecordingApi(None, **{method: from_code(5, "f", None)})))
    *_, record = log.records
    assert (record.levelname, record.function, record.server, record.code) == (
        "DEBUG",
        FUNCTIONS[method].name,
        "this machine",
        5,
    )


def test_an_exception_that_is_no_answer_is_logged_and_passed_on(log):
    with pytest.raises(KeyboardInterrupt):
        Server(RecordingApi(get_system_time=KeyboardInterrupt())).get_system_time()
    assert [record.code for record in log.records] == [-1]


def test_each_page_is_a_call(log):
    class Pages(RecordingApi):
        def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
            return Page((RELATIONSHIP,), resume + 1, 2 - resume, 234 if resume < 2 else 259)

    assert len(Server(Pages()).relationships()) == 3
    assert [record.code for record in log.records] == [234, 234, 259]


def test_a_backend_that_wraps_another_is_logged_too(log):
    class Counting:
        """Counts the calls of any backend, as a user's own proxy would."""

        def __init__(self, api):
            self._api, self.count = api, 0

        def __getattr__(self, name):
            member = getattr(self._api, name)
            if not callable(member):
                return member

            @functools.wraps(member)
            def counted(*arguments):
                self.count += 1
                return member(*arguments)

            return counted

    api = Counting(RecordingApi())
    assert Server(api).get_relationship("hq-branch") == RELATIONSHIP
    assert api.count == 1
    assert [(record.function, record.server) for record in log.records] == [
        (FUNCTIONS["get_relationship"].name, "dhcp1")
    ]


def test_a_method_of_another_name_is_logged_as_what_it_was_called_as(log):
    class Silent(RecordingApi):
        """A backend with methods that have no name, like those of a mock."""

        def __getattribute__(self, name):
            member = super().__getattribute__(name)
            return functools.partial(member) if name in FUNCTIONS else member

    Server(Silent()).delete_relationship("hq-branch")
    assert [(record.levelname, record.function) for record in log.records] == [
        ("DEBUG", FUNCTIONS["delete_relationship"].name),
        ("INFO", FUNCTIONS["delete_relationship"].name),
    ]


def test_at_info_only_changes_show(caplog):
    caplog.set_level(logging.INFO, "dhcpfo")
    server = Server(RecordingApi())
    server.get_relationship("hq-branch")
    server.delete_relationship("hq-branch")
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_nothing_shows_unless_asked(caplog):
    caplog.set_level(logging.WARNING, "dhcpfo")
    Server(RecordingApi()).delete_relationship("hq-branch")
    assert caplog.records == []


def test_a_refused_argument_is_no_call(log):
    with pytest.raises(ValueError, match="empty"):
        Server(RecordingApi()).get_relationship("")
    assert log.records == []


@pytest.mark.parametrize("method", ACTS)
def test_no_secret_in_any_record(method, log):
    ACTS[method](Server(RecordingApi()))
    Server(RecordingApi()).create_relationship(replace(RELATIONSHIP, state=FailoverState.NORMAL))
    formatter = logging.Formatter("%(message)s %(args)s")
    assert log.records
    for record in log.records:
        assert "correct horse" not in formatter.format(record)
        assert "correct horse" not in repr(vars(record))
        assert "correct horse" not in "".join(str(value) for value in vars(record).values())


def test_the_carrier_offers_the_whole_api():
    api = RecordingApi("dhcp1")
    logged = Logged(api)
    assert logged.server == "dhcp1"
    for method in FUNCTIONS:
        assert getattr(logged, method)(*EXAMPLES[method].arguments) == EXAMPLES[method].answer
        assert getattr(Logged, method).__name__ == method
    assert [method for method, _ in api.calls] == list(FUNCTIONS)
    logged.close()
    assert api.closed == 1


def test_the_library_configures_no_logging():
    logger = logging.getLogger("dhcpfo")
    assert logger.handlers == []
    assert logger.propagate


LATE = """
import sys
from dhcpfo import Server, ServerVersion

class Api:
    server = "dhcp1"

    def get_version(self):
        return ServerVersion(10, 0)

server = Server(Api())
server.get_version()
assert "logging" not in sys.modules, "importing it takes longer than some commands"
import logging
server.get_version()
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(message)s")
server.get_version()
"""


def test_a_program_that_begins_to_log_later_gets_the_records():
    done = subprocess.run([sys.executable, "-c", LATE], check=True, capture_output=True, text=True)
    (line,) = done.stdout.splitlines()
    assert line.startswith("DhcpGetVersion on dhcp1: code 0 in ")
