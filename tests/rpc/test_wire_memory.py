"""Calls over the wire leave nothing alive and no secret in released memory, and survive every failed allocation."""

import ctypes
import sys
import threading

import pytest

from allocator import WatchedAllocator
from dhcpfo._wire import decode_request, decode_response, encode_failure, encode_request, encode_response
from dhcpfo.errors import DhcpError
from examples import EXAMPLES, RELATIONSHIP

pytestmark = pytest.mark.abi

TIMES = 400
FEW = TIMES // 4
"""Fewer objects than one for each call."""

NEEDLE = "a secret that is looked for"


def steps(method):
    """The four functions of a call, each with its arguments, and a failure."""
    example = EXAMPLES[method]
    request = bytes(encode_request(method, example.arguments))
    response = bytes(encode_response(method, example.answer, example.arguments))
    failure = bytes(encode_failure(method, 5))
    return {
        "encode_request": (encode_request, method, example.arguments),
        "decode_request": (decode_request, method, request),
        "encode_response": (encode_response, method, example.answer, example.arguments),
        "decode_response": (decode_response, method, response, example.arguments, "dhcp1"),
        "decode_failure": (decode_response, method, failure, example.arguments, "dhcp1"),
        "refused": (decode_response, method, response[:-1], example.arguments, "dhcp1"),
    }


STEPS = ("encode_request", "decode_request", "encode_response", "decode_response", "decode_failure", "refused")


def repeat(call, *arguments):
    for _ in range(TIMES):
        try:
            call(*arguments)
        except DhcpError as error:
            error.__traceback__ = None


@pytest.mark.parametrize("method", EXAMPLES)
def test_nothing_is_left_on_the_wire(method):
    for call, *arguments in steps(method).values():
        repeat(call, *arguments)  # fills caches
        before = sys.getallocatedblocks()
        repeat(call, *arguments)
        assert sys.getallocatedblocks() - before < FEW


@pytest.mark.parametrize("method", EXAMPLES)
def test_each_allocation_may_fail(monkeypatch, method):
    monkeypatch.setattr(sys, "unraisablehook", lambda it: None)  # the interpreter complains, too
    outcomes = set()
    for call, *arguments in steps(method).values():
        failed = True
        with WatchedAllocator() as allocator:
            fail, count, number = allocator.library.fail, allocator.library.failed_count, ctypes.c_long(0)
            while failed:
                number.value += 1
                try:
                    fail(number)
                    call(*arguments)
                except MemoryError:
                    outcomes.add("out of memory")
                except DhcpError:
                    outcomes.add("an error")
                finally:
                    allocator.calm()
                    failed = bool(count())
    assert "out of memory" in outcomes


@pytest.mark.parametrize("length", [len(NEEDLE), 1500], ids=["short", "long"])
def test_no_secret_stays_in_released_memory(length):
    """But for what is returned, and the text of the models."""
    secret = NEEDLE.ljust(length, "x")
    one = RELATIONSHIP.replace(shared_secret=secret)
    needle = NEEDLE.encode("utf-16-le")
    stub = encode_request("create_relationship", (one,))
    answer = encode_response("get_relationship", one)
    longer = answer + b"\0"
    with WatchedAllocator() as allocator:
        allocator.library.look_for(needle, len(needle))
        kept = [encode_request("create_relationship", (one,)), encode_response("get_relationship", one)]
        kept += [decode_request("create_relationship", stub), decode_response("get_relationship", answer)]
        with pytest.raises(DhcpError):
            decode_response("get_relationship", longer)
        found, seen = allocator.library.found_count(), allocator.library.seen_count()
        allocator.library.look_for(None, 0)
    assert seen > 0
    assert found == 0
    assert needle in kept[0]
    assert needle in kept[1]


def test_threads_do_not_disturb_each_other():
    """The two ends treat fractions of a second differently, and threads may be at different ends."""
    wrong = []

    def work(method):
        example = EXAMPLES[method]
        for _ in range(50):
            request = encode_request(method, example.arguments)
            response = encode_response(method, example.answer, example.arguments)
            if decode_request(method, request) != decode_request(method, bytes(request)):
                wrong.append(method)
            if response != encode_response(method, decode_response(method, response, example.arguments)):
                wrong.append(method)

    methods = [method for method in EXAMPLES if method not in ("query_attributes", "get_free_addresses")]
    threads = [threading.Thread(target=work, args=(method,)) for method in methods[:24]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
