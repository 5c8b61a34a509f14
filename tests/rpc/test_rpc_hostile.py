"""A peer whose messages are wrong in every way. ``python tests/rpc/rpc_hostile.py`` tries all of it.

Each call ends with an answer or an error of this package; no change is sent twice, and no connection is lost. A server
answers or refuses, and goes on.
"""

import pytest
from rpc_hostile import answer_of, change_pdus, change_request_pdus, change_requests, change_stubs, changed_numbers

from dhcpfo.api import FUNCTIONS
from examples import EXAMPLES


def test_every_call_takes_changed_numbers_counts_and_referents():
    seen = change_stubs(3000, seed=12)
    assert sum(seen.values()) >= 2000
    assert seen["InvalidAnswerError"] > 500


def test_every_call_has_an_example():
    assert FUNCTIONS.keys() <= EXAMPLES.keys()
    for method in FUNCTIONS:
        assert any(changed_numbers(answer_of(method)))


@pytest.mark.parametrize(
    ("method", "bind"), [("get_system_time", False), ("create_class", False), ("create_class", True)]
)
def test_every_byte_of_a_pdu_may_be_another_one(method, bind):
    seen = change_pdus([method], bind=bind, values=(0, 0xFF))
    assert seen.keys() <= {
        "taken", "DhcpError", "InvalidAnswerError", "NotSupportedError", "OutcomeUnknownError",
        "ServerUnavailableError", "AccessDeniedError", "InvalidParameterError",
    }  # fmt: skip
    assert seen["taken"] > 0


def test_a_server_takes_changed_numbers_counts_and_referents(caplog):
    seen = change_requests(2000, seed=13)
    assert seen.keys() == {"Answer", "Fault"}
    assert seen["Fault"] > 300
    assert caplog.text == ""


def test_every_byte_of_a_request_may_be_another_one(caplog):
    seen = change_request_pdus("delete_class", (0, 0xFF))
    assert seen.keys() <= {"Answer", "Fault", "closed", "Refused"}  # an answer to another number is refused
    assert "Traceback" not in caplog.text
