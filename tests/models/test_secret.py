"""The shared secret: wiped from the buffers that carry it, and shown by nothing."""

import copy
import ctypes
import json
import logging
import os
import pickle
import pprint
import string
import traceback
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocator import WatchedAllocator
from dhcpfo import Relationship, RelationshipFlags, Secret, Server, _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.errors import DhcpError, from_code
from dhcpfo.models import RelationshipValues
from foreign import library, native_api
from recording import RecordingApi

pytestmark = pytest.mark.abi

# With an end that no other text has, or a secret such as "Relationship" would be seen everywhere; with letters of every
# width that a str is kept in.
letters = string.ascii_letters + string.digits + "é€\U0001f600"
secrets = st.text(letters, min_size=9, max_size=200).map(lambda text: f"{text}#%~")
each_secret = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def relationship(secret, **changes):
    values = {"name": "a-b", "primary_server": "192.0.2.1", "secondary_server": "192.0.2.2", "scopes": ["10.0.0.0"]}
    return Relationship(**values | changes, shared_secret=secret)


def spellings(secret):
    """How a secret would look where it is shown: as it is, escaped, in JSON."""
    return {secret, repr(secret)[1:-1], ascii(secret)[1:-1], json.dumps(secret)[1:-1], secret.encode().hex()}


def assert_hidden(secret, *texts):
    for text in texts:
        assert not [spelling for spelling in spellings(secret) if spelling in text]


# Buffers


class Released:
    """Calls with a secret, and whether any block that Python released since then held it in an encoding of C."""

    def __init__(self, secret, encoding):
        self.needle = secret.encode(encoding)

    def times(self, call, *arguments):
        with WatchedAllocator() as allocator:
            allocator.library.look_for(self.needle, len(self.needle))
            call(*arguments)
            found, seen = allocator.library.found_count(), allocator.library.seen_count()
        assert seen > 0
        return found


# Kept inside the argument's object, and in a block of its own; only ASCII, so that no str looks like the needle.
LENGTHS = [8, 126, 127, 128, 300]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-le"], ids=["as it is passed", "as it is folded"])
@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_passed_is_wiped_before_release(length, encoding):
    # The middle of the secret: the beginning of what is folded is overwritten by what is passed.
    secret = (string.ascii_letters * 6)[:length]
    released = Released(secret[-8:], encoding)
    api = native_api(library("puppet"))
    assert released.times(api.create_relationship, relationship(secret)) == 0
    values = RelationshipValues(shared_secret=secret)
    assert released.times(api.set_relationship, "a", RelationshipFlags.SHARED_SECRET, values) == 0


def test_what_was_passed_is_wiped_when_the_call_is_not_made():
    secret = string.ascii_letters
    released, api = Released(secret, "utf-16-le"), native_api(library("puppet"))

    def refused():
        with pytest.raises(ValueError, match="mclt"):
            api.create_relationship(relationship(secret, mclt=timedelta(milliseconds=1500)))

    assert released.times(refused) == 0


def test_the_test_sees_what_is_not_wiped():
    """A released bytearray that held the secret is found, or all of the above would prove nothing."""
    secret = string.ascii_letters

    def careless():
        bytearray(secret.encode("utf-16-le")).clear()

    assert Released(secret, "utf-16-le").times(careless) >= 1


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_answered_is_wiped_before_it_is_freed(length):
    """The provider looks at each block that held a secret at the moment when it is given back."""
    puppet = library("puppet")
    puppet.start_over()
    secret = (string.ascii_letters * 6)[:length]
    answered = native_api(puppet).get_relationship(secret)  # the puppet's secret is the name asked for
    assert answered.shared_secret == secret
    assert (puppet.unwiped_secrets(), puppet.live_blocks()) == (0, 0)


def test_the_provider_sees_what_is_not_wiped():
    puppet = library("puppet")
    puppet.start_over()
    puppet.block.restype = ctypes.c_void_p
    block = ctypes.c_void_p(puppet.block(ctypes.c_size_t(8)))
    ctypes.memset(block, 1, 1)
    puppet.mark_secret(block)
    # DhcpRpcFreeMemory is the last entry of the table.
    size = ctypes.c_size_t.in_dll(puppet, "table").value
    table = (ctypes.c_void_p * (size // ctypes.sizeof(ctypes.c_void_p))).in_dll(puppet, "table")
    getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)(None, ctypes.c_void_p)(table[-1])(block)
    assert puppet.unwiped_secrets() == 1
    puppet.start_over()


# Texts


@each_secret
@given(secrets)
def test_no_text_of_a_model_shows_it(secret):
    shown = relationship(secret)
    values = RelationshipValues(shared_secret=secret)
    assert_hidden(
        secret,
        repr(shown),
        str(shown),
        f"{shown}",
        pprint.pformat(shown),
        json.dumps(shown.to_dict()),
        json.dumps(shown.to_dict(powershell=True)),
        repr(values),
        str(values),
        repr(shown.shared_secret),
        str(shown.shared_secret),
        f"{shown.shared_secret:>40}",
        f"{shown.shared_secret!a}",
        "%s %r" % (shown.shared_secret, shown.shared_secret),  # noqa: UP031
        pprint.pformat([shown.shared_secret]),
    )


def test_it_cannot_be_changed():
    secret = Secret("correct horse")
    with pytest.raises(AttributeError, match="cannot be changed"):
        secret._text = "battery"
    with pytest.raises(AttributeError, match="cannot be changed"):
        del secret._text


@each_secret
@given(secrets)
def test_it_is_carried_whole(secret):
    shown = relationship(secret)
    assert shown.shared_secret == secret
    assert shown.shared_secret.reveal() == secret
    assert type(shown.shared_secret.reveal()) is str
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(shown, protocol))
        assert again == shown
        assert type(again.shared_secret) is Secret
        assert again.shared_secret.reveal() == secret
    assert copy.deepcopy(shown).shared_secret.reveal() == secret
    assert Secret(shown.shared_secret).reveal() == secret
    assert relationship(shown.shared_secret).shared_secret.reveal() == secret


def whole_text(error):
    """Everything that is said of an error, its traceback included."""
    return [repr(error), str(error), repr(vars(error)), "".join(traceback.format_exception(error))]


def variables(error):
    """What some print beside a traceback: the variables of each frame, here of those in the package."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in told.stack if f"{os.sep}dhcpfo{os.sep}" in frame.filename]
    assert frames
    return [text for frame in frames for text in (frame.locals or {}).values()]


@each_secret
@given(secrets)
def test_no_error_shows_it(secret):
    failing = RecordingApi(
        create_relationship=from_code(20114, "DhcpV4FailoverCreateRelationship", "dhcp1"),
        set_relationship=from_code(87, "DhcpV4FailoverSetRelationship", "dhcp1"),
    )
    with _loopback.serve(failing, "failing"):
        native = Server(NativeApi("failing", _loopback.functions()))
        for server in (Server(failing), native):
            for call in (
                lambda server=server: server.create_relationship(relationship(secret)),
                lambda server=server: server.set_relationship("a-b", shared_secret=secret),
                lambda server=server: server.create_relationship(relationship(secret, percentage=101)),
                lambda server=server: server.create_relationship(relationship(secret + "\0")),
                lambda server=server: server.set_relationship("a-b", shared_secret=secret + "\0"),
                lambda server=server: server.set_relationship("a-b", shared_secret=secret.encode()),
                lambda server=server: server.set_relationship("", shared_secret=secret),
            ):
                with pytest.raises((DhcpError, ValueError, TypeError)) as caught:
                    call()
                assert_hidden(secret, *whole_text(caught.value))


@each_secret
@given(secrets)
def test_no_variable_of_a_frame_shows_what_came_as_a_secret(secret):
    refusing = RecordingApi(create_relationship=from_code(87, "", None), set_relationship=from_code(87, "", None))
    server, shown = Server(refusing), relationship(secret)
    for call in (
        lambda: server.create_relationship(shown),
        lambda: server.set_relationship("a-b", shared_secret=shown.shared_secret),
        lambda: server.set_relationship("a-b", shared_secret=secret),
        lambda: server.set_relationship("", shared_secret=secret),
        lambda: server.set_relationship("a-b", shared_secret=secret + "\0"),
        lambda: server.create_relationship(relationship(secret + "\0")),
    ):
        with pytest.raises((DhcpError, ValueError)) as caught:
            call()
        assert_hidden(secret, *variables(caught.value))


@each_secret
@given(secrets)
def test_no_record_of_the_log_shows_it(caplog, secret):
    caplog.clear()
    caplog.set_level(logging.DEBUG, "dhcpfo")
    api = RecordingApi(get_relationship=relationship(secret))
    server = Server(api)
    server.create_relationship(relationship(secret))
    server.set_relationship("a-b", shared_secret=secret)
    server.get_relationship("a-b")
    assert len(caplog.records) == 5  # a call each, and two changes
    assert_hidden(secret, caplog.text, *(repr(vars(record)) for record in caplog.records), repr(server))


@each_secret
@given(secrets)
def test_a_secret_that_c_cannot_hold_is_not_shown_either(secret):
    api = native_api(library("puppet"))
    for call in (
        lambda: api.create_relationship(relationship(secret + "\0")),
        lambda: api.set_relationship("a", RelationshipFlags(0x40), RelationshipValues(shared_secret=secret + "\0")),
    ):
        with pytest.raises(ValueError, match=r"shared_secret .* NUL") as caught:
            call()
        assert_hidden(secret, *whole_text(caught.value))
