"""Three readers of the same bytes agree: the compiled one, `dhcpfo.rpc.stub`, and one written by hand.

The one by hand is from the documentation's layouts, the others are from the generator's data.
"""

import random

import mutations
import pytest
from by_hand_calls import CALLS, canonical, read
from hypothesis import given, settings
from hypothesis import strategies as st
from literals import recorded
from wire_meaning import answer_of, arguments_of
from wire_values import parameters

from by_hand import WrongError
from dhcpfo._wire import decode_request, decode_response, encode_request, encode_response
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError
from dhcpfo.rpc import stub as shown
from dhcpfo.rpc.shapes import CALLS as SHAPES
from examples import EXAMPLES

pytestmark = pytest.mark.abi

METHODS = list(FUNCTIONS)
BY_IDL = {call.idl: method for method, call in SHAPES.items()}
each_method = pytest.mark.parametrize("method", METHODS)
widths = st.sampled_from([4, 4, 4, 8])
few = settings(max_examples=5)


def test_every_call_is_written_by_hand():
    assert CALLS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("entry", recorded(), ids=str)
def test_recorded_values(entry):
    assert read(BY_IDL[entry.method], entry.direction, entry.stub, 8 if entry.ndr64 else 4) == entry.value


@pytest.mark.parametrize("word", [4, 8], ids=["NDR20", "NDR64"])
@each_method
def test_examples(method, word):
    example, ndr64 = EXAMPLES[method], word == 8
    made = {
        "request": encode_request(method, example.arguments, ndr64=ndr64),
        "response": encode_response(method, example.answer, example.arguments, ndr64=ndr64),
    }
    for direction, stub in made.items():
        assert read(method, direction, bytes(stub), word) == shown.decode(method, direction, stub, ndr64=ndr64)
        assert canonical(method, direction, bytes(stub), word) == stub


def test_changed_stubs_are_taken_by_all_or_by_none():
    source, stubs, taken = random.Random(11), mutations.originals(), 0
    for number in range(4000):
        method, response, ndr64, stub = stubs[number % len(stubs)]
        made, direction = mutations.changed(source, stub), "response" if response else "request"
        found = mutations.decode(method, response, ndr64, made) != "refused"
        try:
            value = read(method, direction, made, 8 if ndr64 else 4)
        except WrongError:
            value = None
        try:
            known = shown.decode(method, direction, made, ndr64=ndr64)
        except shown.StubError:
            known = None
        assert (value is not None, known) == (found, value), (method, direction, ndr64, made.hex())
        taken += found
    assert 500 < taken < 2000


def outcome(call, *arguments, **keywords):
    """What a call returns, or the code of its error."""
    try:
        return call(*arguments, **keywords)
    except DhcpError as error:
        return error.winerror


@each_method
@few
@given(data=st.data())
def test_any_request(method, data):
    value, word = data.draw(parameters(method, "request")), data.draw(widths)
    stub = shown.encode(method, "request", value, ndr64=word == 8)
    assert read(method, "request", stub, word) == value
    expected = arguments_of(method, value)
    found = outcome(decode_request, method, stub, ndr64=word == 8)
    assert found == (87 if expected is None else expected)
    if expected is not None:
        again = encode_request(method, found, ndr64=word == 8)
        assert arguments_of(method, read(method, "request", bytes(again), word)) == expected


@each_method
@few
@given(data=st.data())
def test_any_response(method, data):
    value, word = data.draw(parameters(method, "response")), data.draw(widths)
    stub = shown.encode(method, "response", value, ndr64=word == 8)
    assert read(method, "response", stub, word) == value
    given_ = EXAMPLES[method].arguments
    found = outcome(decode_response, method, stub, given_, "dhcp1", ndr64=word == 8)
    expected = answer_of(method, value, given_)
    assert found == expected
    if type(expected) is not int:
        again = encode_response(method, found, given_, ndr64=word == 8)
        assert answer_of(method, read(method, "response", bytes(again), word), given_) == expected
