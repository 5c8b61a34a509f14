"""Malformed answers cause neither crashes nor leaks, and the models made from them can be read.

For a long search, set the number of answers: ``DHCPFO_SEARCH=2000 python -m pytest tests/abi/test_hostile.py``.
"""

import contextlib
import ctypes
import itertools
import json
import os
import pickle
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocator import WatchedAllocator
from answers import abi, hand_out, trees
from dhcpfo import AddressStatus, Server, _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS
from dhcpfo.enums import ClientType, ElementType
from dhcpfo.errors import DhcpError, InvalidAnswerError, ServerUnavailableError
from dhcpfo.models import Page, ScopeElement
from dhcpfo.models.base import Model
from examples import (
    ANSWERS,
    ARGUMENTS,
    CLIENT,
    ENUMERATIONS,
    RELATIONSHIP,
    STATISTICS,
    SYSTEM_TIME,
)
from examples_scopes import EXCLUSION, RESERVED, SCOPE_INFO
from foreign import library, native_api
from forged import forged
from recording import RecordingApi

pytestmark = pytest.mark.abi

SEARCH = int(os.environ.get("DHCPFO_SEARCH", "0"))
"""How many answers of each function; a long search sets it."""

METHODS = list(FUNCTIONS)
OF_THE_PUPPET = ARGUMENTS | {"get_relationship": (None,)}  # without a name, the provider invents no answer
PLACES = {function.name: place for place, function in enumerate(abi.FUNCTIONS)}
ALSO = {function.method: function.answer.also for function in abi.FUNCTIONS if function.answer}
"""The methods that answer through a pointer, each with the code that does not exclude an answer."""

EMPTY = {function.method for function in abi.FUNCTIONS if function.answer and function.answer.empty}
"""The methods to which NULL is an answer without elements."""

codes = (
    st.just(0)
    | st.sampled_from([5, 50, 87, 234, 259, 1722, 20013, 20115, 20126, 20133, 0xFFFFFFFF])
    | st.integers(0, 2**32 - 1)
)
numbers = st.sampled_from([0, 1, 2, 3, 0xFFFFFFFF]) | st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def puppet():
    it = library("puppet")
    it.block.restype, it.block.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    it.prepare.argtypes = [ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p] + [ctypes.c_uint32] * 3
    it.start_over()
    return it


def look_at(value):
    """Do with a result what people do with results."""
    assert (type(repr(value)), type(str(value)), type(hash(value))) == (str, str, int)
    copy = pickle.loads(pickle.dumps(value))
    assert copy == value
    assert hash(copy) == hash(value)
    if hasattr(value, "to_dict"):
        assert json.loads(json.dumps(value.to_dict()))
        assert json.dumps(value.to_dict(powershell=True))
    if is_dataclass(value):
        for entry in fields(value):
            look_at(getattr(value, entry.name))
        if value != replace(value):
            raise AssertionError(f"{value!r} differs from its own copy")
    if isinstance(value, tuple):
        for item in value:
            look_at(item)


def look_at_error(error):
    assert repr(error)
    assert str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def outcome(call, *arguments):
    try:
        return call(*arguments)
    except DhcpError as error:
        return error


def expected_code(method, code, answered, read, length):
    """The code of the error that the answer asks for; None where it is an answer."""
    if method in ENUMERATIONS:
        if code not in (0, 234, 259):
            return code
        return 13 if read > length else None
    if code and not (answered and code == ALSO.get(method)):
        return code
    return 13 if method in ALSO and not answered and method not in EMPTY else None


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=SEARCH or 50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_answer(puppet, method, data):
    function = abi.FUNCTIONS[PLACES[FUNCTIONS[method].name]]
    tree, code = data.draw(trees(function)), data.draw(codes)
    rest = [data.draw(numbers) for _ in range(3)]
    puppet.prepare(PLACES[function.name], code, hand_out(puppet, tree), *rest)
    result = outcome(getattr(native_api(puppet), method), *OF_THE_PUPPET[method])
    assert (puppet.live_blocks(), puppet.bad_frees(), puppet.unwiped_secrets()) == (0, 0, 0)
    length = len(result.items) if isinstance(result, Page) else 0
    if isinstance(result, DhcpError):
        look_at_error(result)
        if method not in ENUMERATIONS:
            assert result.winerror == expected_code(method, code, tree is not None, 0, 0)
        else:
            assert result.winerror == code or isinstance(result, InvalidAnswerError)
    else:
        look_at(result)
        assert expected_code(method, code, tree is not None, rest[1], length) is None


@settings(max_examples=SEARCH or 50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_server_over_any_enumeration(puppet, data):
    place = PLACES["DhcpV4FailoverEnumRelationship"]
    tree = data.draw(trees(abi.FUNCTIONS[place]))
    rest = [data.draw(numbers) for _ in range(3)]
    puppet.prepare(place, data.draw(codes), hand_out(puppet, tree), *rest)
    result = outcome(Server(native_api(puppet)).relationships)
    assert (puppet.live_blocks(), puppet.bad_frees(), puppet.unwiped_secrets()) == (0, 0, 0)
    if isinstance(result, DhcpError):
        look_at_error(result)
    else:
        look_at(tuple(result))


@pytest.mark.parametrize("step", [0, 1, 0x80000000], ids=["stands still", "moves on", "goes in circles"])
@pytest.mark.parametrize("announced", [0, 7])
def test_an_enumeration_that_never_ends(puppet, step, announced):
    puppet.never_end(announced, step)
    try:
        with pytest.raises(InvalidAnswerError, match=r"does not end.* announced.*DhcpV4FailoverEnumRelationship"):
            Server(native_api(puppet)).relationships()
    finally:
        puppet.start_over()


# The opposite direction: a `ManagementApi` with answers that C cannot hold.


served_names = itertools.count()


def through_the_loopback(api):
    name = f"hostile {next(served_names)}"
    return NativeApi(name, _loopback.functions(), _loopback.serve(api, name))


ELEMENT = ScopeElement(type=ElementType.EXCLUSIONS, value=EXCLUSION)
FAR = datetime(3000, 1, 1, tzinfo=UTC)
UNHOLDABLE = [
    ("get_relationship", replace(RELATIONSHIP, name="a\0b")),
    ("get_relationship", forged(RELATIONSHIP, name=7)),
    ("get_relationship", replace(RELATIONSHIP, percentage=256)),
    ("get_relationship", replace(RELATIONSHIP, mclt=timedelta(-1))),
    ("get_relationship", replace(RELATIONSHIP, mclt=timedelta(days=99999))),
    ("get_relationship", replace(RELATIONSHIP, shared_secret="a\0b")),
    ("get_relationship", None),
    ("get_scope_relationship", object()),
    ("enum_relationships", Page((RELATIONSHIP, replace(RELATIONSHIP, percentage=-1)), 0, 0, 0)),
    ("enum_relationships", Page((RELATIONSHIP,), -1, 0, 0)),
    ("enum_relationships", None),
    ("get_scope_statistics", replace(STATISTICS, addresses_free=2**32)),
    ("get_failover_client", replace(CLIENT, policy_name="a\0b")),
    ("get_failover_client", forged(CLIENT, client_id=None)),
    ("get_failover_client", replace(CLIENT, start_time=FAR)),
    ("get_system_time", replace(SYSTEM_TIME, time=FAR)),
    ("get_address_status", AddressStatus(-1)),
    ("get_scope", replace(SCOPE_INFO, name="a\0b")),
    ("get_scope", replace(SCOPE_INFO, quarantine=2**32)),
    ("get_scope_delay", timedelta(seconds=66)),
    ("get_scope_delay", timedelta(-1)),
    ("get_superscope_table", None),
    ("enum_elements", Page((replace(ELEMENT, type=ElementType(9)),), 0, 0, 0)),
    ("enum_elements", Page((forged(ELEMENT, value=7),), 0, 0, 0)),
    ("enum_reservations", Page((replace(RESERVED, name="a\0b"),), 0, 0, 0)),
    ("enum_reservations", Page((replace(RESERVED, type=ClientType(256)),), 0, 0, 0)),
    ("get_free_addresses", (7,)),
    ("get_address_status", "primary"),
]


@pytest.mark.parametrize(("method", "answer"), UNHOLDABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_what_c_cannot_hold(unraisable, method, answer):
    with pytest.raises(ServerUnavailableError) as caught:
        getattr(through_the_loopback(RecordingApi(**{method: answer})), method)(*ARGUMENTS[method])
    assert caught.value.winerror == 1726
    assert [isinstance(error, Exception) for error in unraisable] == [True]


class FalseBytes(bytes):
    """Bytes that claim to be more than they are."""

    def __len__(self):
        return 1 << 40


class FalseText(str):
    """The same for text."""

    __slots__ = ()

    def __len__(self):
        return 1 << 40


def disguised(value):
    """A copy of ``value`` with all its bytes and texts of those types."""
    if type(value) in (bytes, str):
        return (FalseBytes if type(value) is bytes else FalseText)(value)
    if type(value) is tuple:
        return tuple(map(disguised, value))
    if isinstance(value, Model):
        return forged(value, **{name: disguised(getattr(value, name)) for name in value._names})
    return value


@pytest.mark.parametrize("method", METHODS)
def test_no_more_is_read_than_there_is(method):
    """A subclass may answer any length; what is copied is what it holds, in both directions."""
    plain, false = RecordingApi(), RecordingApi(**{method: disguised(ANSWERS[method])})
    wanted = getattr(through_the_loopback(plain), method)(*ARGUMENTS[method])
    assert getattr(through_the_loopback(false), method)(*map(disguised, ARGUMENTS[method])) == wanted
    assert false.calls == plain.calls


class Growing(list):
    """A list that gives more items than it has said."""

    def __iter__(self):
        yield from [item for item in list.__iter__(self) for _ in range(4)]


def growing(value):
    """A copy of ``value`` with all its tuples of that type."""
    if isinstance(value, tuple):
        return Growing(map(growing, value))
    if isinstance(value, Model):
        return forged(value, **{name: growing(getattr(value, name)) for name in value._names})
    return value


@pytest.mark.parametrize("method", METHODS)
def test_a_list_that_grows_while_it_is_written(unraisable, method):
    """The room for an array is sized by what is written into it, in both directions (faults C4)."""
    before = _loopback.live_blocks(), _loopback.bad_frees()
    for answer, arguments in (
        (growing(ANSWERS[method]), ARGUMENTS[method]),
        (ANSWERS[method], growing(ARGUMENTS[method])),
    ):
        with contextlib.suppress(DhcpError, TypeError):
            getattr(through_the_loopback(RecordingApi(**{method: answer})), method)(*arguments)
        assert (_loopback.live_blocks(), _loopback.bad_frees()) == before


def copies(value, change):
    """Copies of ``value``, each with one of the models in it changed."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from ((*value[:index], copy, *value[index + 1 :]) for copy in copies(item, change))
    elif isinstance(value, Model):
        yield from change(value)
        for name in value._names:
            yield from (forged(value, **{name: copy}) for copy in copies(getattr(value, name), change))


def without_one_slot(model):
    """Copies of a model, each with a slot that was never set."""
    for name in model._names:
        copy = forged(model)
        object.__delattr__(copy, name)
        yield copy


@pytest.mark.parametrize("method", METHODS)
def test_a_model_with_an_empty_slot(method):
    """Slots are read without the interpreter; one that is empty has no value to read."""
    api = through_the_loopback(RecordingApi())
    before = _loopback.live_blocks(), _loopback.bad_frees()
    for arguments in copies(ARGUMENTS[method], without_one_slot):
        with contextlib.suppress(AttributeError, DhcpError):
            getattr(api, method)(*arguments)
        assert (_loopback.live_blocks(), _loopback.bad_frees()) == before


def of_a_subclass(model):
    """An equal copy of a model, of a class that has its own place for each value."""
    kind = type(model)
    places = {name: property(lambda self, name=name: self._held[name]) for name in model._names}
    copy = object.__new__(type(kind.__name__, (kind,), places | {"__slots__": ("_held",)}))
    object.__setattr__(copy, "_held", {name: getattr(model, name) for name in model._names})
    yield copy


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_a_subclass(method):
    """Its attributes count, not the slots of the class that it inherits from."""
    plain = RecordingApi()
    getattr(through_the_loopback(plain), method)(*ARGUMENTS[method])
    for arguments in copies(ARGUMENTS[method], of_a_subclass):
        api = RecordingApi()
        getattr(through_the_loopback(api), method)(*arguments)
        assert api.calls == plain.calls


# Memory that runs out at any moment.


@pytest.mark.parametrize("method", METHODS)
def test_memory_that_runs_out_anywhere(monkeypatch, method):
    """Each allocation of a call fails once; what was handed out until then is freed."""
    monkeypatch.setattr(sys, "unraisablehook", lambda it: None)
    api = through_the_loopback(RecordingApi(**ANSWERS))
    call, arguments, live = getattr(api, method), ARGUMENTS[method], _loopback.live_blocks
    before, failed, outcomes = live(), True, set()
    with WatchedAllocator() as allocator:
        fail, count, number = allocator.library.fail, allocator.library.failed_count, ctypes.c_long(0)
        while failed:
            number.value += 1
            try:
                fail(number)
                call(*arguments)
            except MemoryError:
                outcomes.add("out of memory")
            except ServerUnavailableError:
                outcomes.add("call failed")
            finally:
                allocator.calm()
                failed = bool(count())
            assert live() == before
    assert outcomes  # on which side of the border memory ran out depends on what this Python needs
