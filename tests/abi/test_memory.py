"""Many calls of each function leave nothing alive, through every backend that crosses the C ABI.

Neither blocks of the C ABI nor objects of Python. That no failed allocation leaves a block is in test_hostile.py.
"""

import sys
from collections.abc import Iterator

import pytest

import linked
from dhcpfo import _dhcpsapi, _loopback
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, ErrorCode, from_code
from examples import ANSWERS, ARGUMENTS

pytestmark = pytest.mark.abi

TIMES = 1000
FEW = TIMES // 4
"""Fewer objects than one for each call."""


class Canned:
    """A `ManagementApi` that always answers the examples, or always fails."""

    server = "canned"

    def __init__(self, failing):
        self._failing = failing

    def __getattr__(self, method):
        if method not in ANSWERS:
            raise AttributeError(method)

        def call(*arguments):
            if self._failing:
                raise from_code(ErrorCode.ERROR_ACCESS_DENIED, "", self.server)
            return ANSWERS[method]

        return call


@pytest.fixture(params=["abi", "linked"] if linked.AVAILABLE else ["abi"])
def connect(request):
    def connect(canned):
        if request.param == "linked":
            return linked.connect(canned, "canned")
        name = "canned.invalid"
        return _dhcpsapi.NativeApi(name, functions=_loopback.functions(), provider=_loopback.serve(canned, name))

    return connect


@pytest.fixture(autouse=True)
def no_block() -> Iterator[None]:
    before = _loopback.live_blocks(), _loopback.bad_frees()
    yield
    assert (_loopback.live_blocks(), _loopback.bad_frees()) == before


def repeat(call, arguments, times):
    failed = 0
    for _ in range(times):
        try:
            call(*arguments)
        except DhcpError:
            failed += 1
    return failed


@pytest.mark.parametrize("failing", [False, True], ids=["answers", "errors"])
@pytest.mark.parametrize("method", FUNCTIONS)
def test_nothing_is_left(connect, method, failing):
    call, arguments = getattr(connect(Canned(failing)), method), ARGUMENTS[method]
    if not failing:
        assert call(*arguments) == ANSWERS[method]
    repeat(call, arguments, FEW)  # fills caches
    before = sys.getallocatedblocks()
    assert repeat(call, arguments, TIMES) == (TIMES if failing else 0)
    assert sys.getallocatedblocks() - before < FEW
