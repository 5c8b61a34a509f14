"""The rules about NULL, which only a C caller can break: every one, against the simulator, in the order of the checks.

Each case names the rule of [MS-DHCPM] as the simulator numbers it. Callers without rights tell which of two checks
comes first: 5 where rights are checked before, 87 where they are not.
"""

import struct

import pytest

from dhcpfo import _loopback
from dhcpfo.simulator import Lab, Rights
from witness import (
    ADD,
    CLIENT,
    CREATE,
    DELETE,
    ENUM,
    GET,
    GET_SCOPE,
    NULL,
    REMOVE,
    SET,
    STATISTICS,
    STATUS,
    TIME,
    TRIGGER,
    WORD,
    Client,
    Number,
    Relation,
    memory,
    pointer_at,
    searched,
)

pytestmark = pytest.mark.abi

DENIED, INVALID = 5, 87

GOOD = bytes.fromhex("010200c0 020200c0 00000000 00000000 00000000 00000000 100e0000 00000000")


class Caller(Client):
    """Passes a relationship with one fault, which a test chooses."""

    def given(self, *, numbers=GOOD, name="a-b", array=True, count=1, elements=True, percentage=50):
        scopes = struct.pack("P", count)[:WORD] + struct.pack("P", self.keep(b"\0\0\0\x0a") if elements else 0)
        return self.relationship(
            numbers, self.text(name) if name else 0, 0, 0, self.keep(scopes) if array else 0, percentage, 0
        )


@pytest.fixture(params=[Rights.ADMINISTRATOR, Rights.NONE], ids=["administrator", "nobody"])
def rights(request):
    return request.param


@pytest.fixture
def caller(rights):
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        lab.add_server("dhcp2", "192.0.2.2")
        lab.add_scope("10.0.0.0/24")
        api = lab.connect("dhcp1", rights=rights, direct=True).api
        with _loopback.serve(api, "null rules"):
            yield Caller("null rules")


def with_number(offset, value):
    numbers = bytearray(GOOD)
    struct.pack_into("I", numbers, offset, value)
    return bytes(numbers)


REFUSED_BY_CREATE = {
    "no relationship": None,
    "no name": {"name": None},
    "no primary": {"numbers": with_number(0, 0)},
    "no secondary": {"numbers": with_number(4, 0)},
    "no array": {"array": False},
    "no count": {"count": 0},
    "no elements": {"elements": False},
    "percentage": {"percentage": 101},
    "mode": {"numbers": with_number(8, 2)},
    "server type": {"numbers": with_number(12, 2)},
}


@pytest.mark.parametrize("wrong", REFUSED_BY_CREATE.values(), ids=REFUSED_BY_CREATE)
def test_create_checks_rights_first(caller, rights, wrong):
    code = caller.call(CREATE, wrong and caller.given(**wrong))
    assert code == (DENIED if rights is Rights.NONE else INVALID)  # 1, 2


def test_what_was_right_but_for_one_thing_is_right(caller, rights):
    """Without this, everything above might be refused for another reason."""
    assert caller.call(CREATE, caller.given()) == (DENIED if rights is Rights.NONE else 0)


@pytest.mark.parametrize("wrong", [None, {"name": None}], ids=["no relationship", "no name"])
def test_set(caller, wrong):
    assert caller.call(SET, Number(1), wrong and caller.given(**wrong)) == INVALID  # 1


def test_delete(caller):
    assert caller.call(DELETE, None) == INVALID  # 1


def test_get(caller):
    assert caller.call(GET, None, caller.out()) == INVALID  # 1
    assert caller.call(GET, caller.text("a-b"), None) == INVALID  # 1


@pytest.mark.parametrize("missing", [2, 3, 4])
def test_enumerate(caller, missing):
    arguments = [caller.keep(bytes(4)), Number(0xFFFFFFFF), caller.out(), caller.out(), caller.out()]
    arguments[missing] = None
    assert caller.call(ENUM, *arguments) == INVALID  # 1


def test_enumerate_without_a_resume_handle_starts_at_the_first(caller, rights):
    outs = [caller.out(), caller.out(), caller.out()]
    code = caller.call(ENUM, None, Number(0xFFFFFFFF), *outs)
    assert code == (DENIED if rights is Rights.NONE else 259)  # 1: not listed


REFUSED_BY_SCOPES = {
    "no relationship": None,
    "no name": {"name": None},
    "no array": {"array": False},
    "no count": {"count": 0},
}


@pytest.mark.parametrize("function", [ADD, REMOVE], ids=["add", "remove"])
@pytest.mark.parametrize("wrong", REFUSED_BY_SCOPES.values(), ids=REFUSED_BY_SCOPES)
def test_scopes(caller, function, wrong):
    assert caller.call(function, wrong and caller.given(**wrong)) == INVALID  # 1


@pytest.mark.parametrize("function", [ADD, REMOVE], ids=["add", "remove"])
def test_scopes_that_are_counted_but_not_there(caller, function):
    """The specification does not list this check, but the array cannot be read."""
    assert caller.call(function, caller.given(elements=False)) == INVALID


def test_get_by_scope(caller):
    assert caller.call(GET_SCOPE, Number(0x0A000000), None) == INVALID  # 1
    assert caller.call(GET_SCOPE, Number(0), caller.out()) == INVALID  # 1


def test_statistics(caller):
    assert caller.call(STATISTICS, Number(0x0A000000), None) == INVALID  # 1
    assert caller.call(STATISTICS, Number(0), caller.out()) == INVALID  # 1


def test_client(caller, rights):
    assert caller.call(CLIENT, None, caller.out()) == INVALID  # 1
    assert caller.call(CLIENT, searched(caller, 0, b"\1\0\0\x0a"), None) == INVALID  # 1
    assert caller.call(CLIENT, searched(caller, 2, NULL), caller.out()) == INVALID  # 2
    assert caller.call(CLIENT, searched(caller, 3, NULL), caller.out()) == INVALID  # no member for this type
    nobody = searched(caller, 1, struct.pack("P", 5) + NULL)  # five bytes that are not there
    assert caller.call(CLIENT, nobody, caller.out()) == (DENIED if rights is Rights.NONE else 20013)  # 3, 4


def test_system_time(caller):
    time, delta = caller.out(), caller.out()
    assert caller.call(TIME, None, delta) == INVALID  # 1
    assert caller.call(TIME, time, None) == 0  # 2: no rights needed
    assert memory(time, 4) != b"\xaa" * 4


def test_address_status(caller):
    assert caller.call(STATUS, Number(0x0A000001), None) == INVALID


def test_trigger_checks_rights_first(caller, rights):
    assert caller.call(TRIGGER, None) == (DENIED if rights is Rights.NONE else INVALID)  # 1, 2


def test_a_refused_call_answers_nothing(caller):
    out = caller.keep(NULL)
    assert caller.call(GET_SCOPE, Number(0), out) == INVALID
    assert pointer_at(memory(out, WORD)) == 0


def test_sizes_are_those_of_the_witness():
    assert (80 if WORD == 8 else 56) == Relation.SIZE
