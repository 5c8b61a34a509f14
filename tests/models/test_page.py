"""One loop follows all enumerations: each rule that ends one, over a scripted server, and servers that never end."""

from ipaddress import IPv4Address
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo.models import Page
from dhcpfo.models.page import (
    NO_MORE_WITH_LAST_PAGE,
    SUCCESS_AFTER_COUNT,
    SUCCESS_WITH_EVERY_PAGE,
    SUCCESS_WITH_LAST_PAGE,
    EndlessError,
    follow,
)

RULES = {
    "relationships": SUCCESS_AFTER_COUNT,
    "scopes": SUCCESS_WITH_EVERY_PAGE,
    "elements": SUCCESS_WITH_LAST_PAGE,
    "option values": NO_MORE_WITH_LAST_PAGE,
}


class Script:
    """Returns one page after the other and keeps the handles that it was asked with."""

    def __init__(self, *pages):
        self.pages = iter(pages)
        self.handles = []

    def __call__(self, handle):
        self.handles.append(handle)
        return next(self.pages)


def enumeration(sizes, rule):
    """The pages that a server sends that keeps to a rule."""
    left, number = sum(sizes), 0
    for index, size in enumerate(sizes):
        left -= size
        status = rule.last if index == len(sizes) - 1 else rule.more
        yield Page(tuple(range(number, number + size)), index + 1, left, status)
        number += size


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
class TestEachRule:
    @given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=9))
    def test_all_pages_are_read_and_no_call_too_many_is_made(self, rule, sizes):
        script = Script(*enumeration(sizes, rule))
        assert list(follow(script, rule)) == list(range(sum(sizes)))
        assert script.handles == list(range(len(sizes)))

    def test_no_more_items_ends_it_at_once(self, rule):
        assert list(follow(Script(Page((), 0, 0, 259)), rule)) == []

    def test_an_empty_success_ends_it(self, rule):
        assert list(follow(Script(Page((), 0, 0, 0)), rule)) == []

    def test_no_more_items_may_come_with_items_or_after_them(self, rule):
        with_items = Script(Page((1,), 1, 1, 234), Page((2,), 2, 0, 259))
        after_them = Script(Page((1,), 1, 1, 234), Page((2,), 2, 0, 234), Page((), 2, 0, 259))
        assert list(follow(with_items, rule)) == list(follow(after_them, rule)) == [1, 2]

    def test_a_server_that_counts_the_items_it_sends_as_remaining(self, rule):
        assert list(follow(Script(Page((1, 2, 3), 0, 3, 0)), rule)) == [1, 2, 3]

    def test_an_error_ends_it(self, rule):
        def broken(handle):
            if handle:
                raise ConnectionError
            return Page((1,), 1, 1, rule.more)

        items = follow(broken, rule)
        assert next(items) == 1
        with pytest.raises(ConnectionError):
            next(items)

    @pytest.mark.parametrize(
        "handles",
        [[0], [1, 1], [1, 2, 1], [1, 2, 3, 4, 5, 3], [*range(1, 500), 7], [1, 0]],
        ids=["first", "second", "pair", "later", "late", "back to the start"],
    )
    def test_a_handle_that_repeats(self, rule, handles):
        def loop(handle):
            sent.append(handle)
            return Page(("x",), after(handle), 10, 234)

        def after(handle):
            if len(sent) <= len(handles):
                return handles[len(sent) - 1]
            return handles[handles.index(handle) + 1] if handle in handles[:-1] else handles[0]

        sent = []
        with pytest.raises(EndlessError, match=r"10 announced, but the handle \d+ repeats"):
            list(follow(loop, rule))
        assert len(sent) <= 4 * len(handles) + 4

    def test_empty_pages_for_ever(self, rule):
        with pytest.raises(EndlessError, match="then 101 empty pages"):
            list(follow(lambda handle: Page((), handle + 1, 1, 234), rule))

    def test_a_few_empty_pages_are_no_end(self, rule):
        script = Script(*(Page((), number, 1, 234) for number in range(1, 51)), Page((1,), 51, 0, 259))
        assert list(follow(script, rule)) == [1]

    def test_pages_for_ever(self, rule):
        with pytest.raises(EndlessError, match="50 items read in 50 pages"):
            list(follow(lambda handle: Page((handle,), handle + 1, 1, 234), rule, most_pages=50))

    def test_items_come_one_page_at_a_time(self, rule):
        script = Script(*enumeration([2, 2, 2], rule))
        items = follow(script, rule)
        assert script.handles == []
        assert list(islice(items, 2)) == [0, 1]
        assert script.handles == [0]

    def test_sixty_thousand_items(self, rule):
        script = Script(*enumeration([20] * 3000, rule))
        assert sum(1 for _ in follow(script, rule)) == 60_000

    def test_a_handle_may_be_anything(self, rule):
        last = IPv4Address("10.0.0.7")
        script = Script(Page(("a",), last, 0x7FFFFFFF, 234), Page(("b",), last + 1, 0, 259))
        assert list(follow(script, rule, IPv4Address(0))) == ["a", "b"]
        assert script.handles == [IPv4Address(0), last]


def test_success_with_every_page_goes_on_until_nothing_remains():
    for rule in (SUCCESS_WITH_EVERY_PAGE, SUCCESS_AFTER_COUNT):
        script = Script(Page((1,), 1, 2, 0), Page((2,), 2, 1, 0), Page((3,), 3, 0, 0))
        assert list(follow(script, rule)) == [1, 2, 3]


def test_success_with_the_last_page_ends_it_whatever_the_count_says():
    """The clients of a scope: their number is only an estimate, and the last handle is 0."""
    script = Script(Page((1,), 77, 0x7FFFFFFF, 234), Page((2,), 0, 2, 0))
    assert list(follow(script, SUCCESS_WITH_LAST_PAGE)) == [1, 2]
