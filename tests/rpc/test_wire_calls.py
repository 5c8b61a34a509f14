"""Every call of the API goes over the wire and back unharmed."""

import dataclasses

import pytest

from dhcpfo._wire import decode_request, decode_response, encode_failure, encode_request, encode_response
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError
from dhcpfo.models import OptionDefinition, OptionValue
from examples import EXAMPLES

pytestmark = pytest.mark.abi

UNSENT = {"get_system_time": {"max_allowed_difference": None}}
"""What an answer loses on the wire."""

BESIDE = dict.fromkeys(("vendor_class", "user_class", "policy"))
"""What a definition or a value of an option does not take with it: the call has it in other arguments."""

each_method = pytest.mark.parametrize("method", EXAMPLES)
each_width = pytest.mark.parametrize("ndr64", [False, True], ids=["NDR20", "NDR64"])


def test_every_function_has_an_example():
    assert EXAMPLES.keys() == FUNCTIONS.keys()


def without_beside(argument):
    if isinstance(argument, tuple):
        return tuple(map(without_beside, argument))
    if isinstance(argument, OptionDefinition):
        return argument.replace(vendor_class=None, user_class=None)
    return argument.replace(**BESIDE) if isinstance(argument, OptionValue) else argument


@each_width
@each_method
def test_requests(method, ndr64):
    arguments = EXAMPLES[method].arguments
    stub = encode_request(method, arguments, ndr64=ndr64)
    assert stub[:4] == bytes(4)  # no name of a server
    assert decode_request(method, stub, ndr64=ndr64) == tuple(map(without_beside, arguments))


@each_width
@each_method
def test_responses(method, ndr64):
    example = EXAMPLES[method]
    stub = encode_response(method, example.answer, example.arguments, ndr64=ndr64)
    answer = decode_response(method, stub, example.arguments, "dhcp1", ndr64=ndr64)
    expected = example.answer
    if method in UNSENT:
        expected = dataclasses.replace(expected, **UNSENT[method])
    assert answer == expected


@each_width
@each_method
def test_failures(method, ndr64):
    arguments = EXAMPLES[method].arguments
    stub = encode_failure(method, 20005, ndr64=ndr64)
    with pytest.raises(DhcpError) as caught:
        decode_response(method, stub, arguments, "dhcp1", ndr64=ndr64)
    assert (caught.value.winerror, caught.value.server) == (20005, "dhcp1")
    assert caught.value.function == FUNCTIONS[method].name
