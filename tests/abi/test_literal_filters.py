"""The structures for filters over literal bytes, typed by hand from the documented layouts."""

import pytest

from dhcpfo.enums import FilterList
from dhcpfo.models import Filter, FilterLists, FilterPattern, Page
from literal import GIVEN, NULL, PAD4, provided

pytestmark = pytest.mark.abi

MAC = bytes.fromhex("001c2580a043")
EXACT = FilterPattern(octets=MAC)
WILDCARD = FilterPattern(octets=b"\xf1\xf2\xf3", wildcard=True, hardware_type=6)
LONGEST = FilterPattern(octets=b"\xff" * 255, wildcard=True, hardware_type=255)

EXACT_BYTES = b"\x01\0\0\0\x01\0\0\0\0\0\0\0\x06" + MAC + bytes(249)
WILDCARD_BYTES = b"\x01\0\0\0\x06\0\0\0\x01\0\0\0\x03\xf1\xf2\xf3" + bytes(252)
COMMENT = "ké".encode("utf-16-le") + b"\0\0"


@pytest.fixture
def witness():
    yield from provided("literal_filters")


def test_a_page_of_filters(witness):
    page = witness.api.enum_filters(FilterList.ALLOW, None, 0x05060708)
    assert page == Page(
        (
            Filter(pattern=EXACT, filter_list=FilterList.ALLOW, comment="ké"),
            Filter(pattern=WILDCARD, filter_list=FilterList.ALLOW),
            Filter(pattern=LONGEST, filter_list=FilterList.ALLOW),
        ),
        WILDCARD,
        0x0A0B0C0D,
        234,
    )
    assert witness.seen == [bytes(268), bytes([8, 7, 6, 5]), b"\x01\0\0\0"]


@pytest.mark.parametrize(("handle", "sent"), [(EXACT, EXACT_BYTES), (WILDCARD, WILDCARD_BYTES)], ids=str)
def test_a_handle(witness, handle, sent):
    witness.api.enum_filters(FilterList.DENY, handle)
    assert witness.seen == [sent, b"\xff" * 4, bytes(4)]


@pytest.mark.parametrize(
    ("entry", "overwrite", "seen"),
    [
        (
            Filter(pattern=EXACT, filter_list=FilterList.ALLOW, comment="ké"),
            False,
            [EXACT_BYTES + PAD4 + GIVEN + b"\x01\0\0\0" + PAD4, COMMENT, bytes(4)],
        ),
        (
            Filter(pattern=WILDCARD, filter_list=FilterList(0x80000002)),
            True,
            [WILDCARD_BYTES + PAD4 + NULL + b"\x02\0\0\x80" + PAD4, b"", b"\x01\0\0\0"],
        ),
    ],
    ids=["exact", "wildcard"],
)
def test_a_filter_to_add(witness, entry, overwrite, seen):
    witness.api.create_filter(entry, overwrite)
    assert witness.seen == seen


def test_a_filter_to_delete(witness):
    witness.api.delete_filter(LONGEST.replace(match_hardware_type=False))
    assert witness.seen == [bytes(4) + b"\xff\0\0\0\x01\0\0\0\xff" + b"\xff" * 255]


def test_what_a_pattern_cannot_hold(witness):
    with pytest.raises(ValueError, match=r"^octets must have at most 255 bytes, got 256$"):
        witness.api.delete_filter(FilterPattern(octets=bytes(256)))
    with pytest.raises(ValueError, match=r"^hardware_type must be between 0 and 255, got 256$"):
        witness.api.delete_filter(FilterPattern(hardware_type=256))


@pytest.mark.parametrize(
    ("lists", "sent"), [((True, False), b"\x01\0\0\0\0\0\0\0"), ((False, True), b"\0\0\0\0\x01\0\0\0")]
)
def test_the_lists(witness, lists, sent):
    witness.api.set_filter_lists(FilterLists(allow=lists[0], deny=lists[1]))
    assert witness.seen == [sent]


def test_the_lists_of_a_server(witness):
    assert witness.api.get_filter_lists() == FilterLists(allow=False, deny=True)
    assert witness.seen == [bytes(8)]
