"""The objects that answers are made of: equal to those that Python makes, and none for the garbage collector."""

import calendar
import gc
import itertools
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dhcpfo import _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS
from dhcpfo.limits import FILETIME_EPOCH
from dhcpfo.models import Page
from dhcpfo.models.base import Model
from examples import ANSWERS, ARGUMENTS, values
from recording import RecordingApi

pytestmark = pytest.mark.abi

served_names = itertools.count()


def through_the_loopback(**answers):
    name = f"values {next(served_names)}"
    return NativeApi(name, _loopback.functions(), _loopback.serve(RecordingApi(**answers), name))


def answered(times):
    """The times as they arrive, in the fields of one answer."""
    sent = replace(ANSWERS["get_client"], lease_expires=times[0], probation_ends=times[1])
    found = through_the_loopback(get_client=sent).get_client(*ARGUMENTS["get_client"])
    return [found.lease_expires, found.probation_ends]


def test_the_first_and_last_day_of_each_month():
    """In leap years and others, those of the ends of centuries too."""
    days = [
        datetime(year, month, day, 23, 59, 59, 999999, tzinfo=UTC)
        for year in (1601, 1699, 1700, 1899, 1900, 1999, 2000, 2024, 2026, 2100, 9999)
        for month in range(1, 13)
        for day in (1, calendar.monthrange(year, month)[1])
    ]
    for times in zip(days[::2], days[1::2], strict=True):
        assert answered(times) == list(times)


@given(st.lists(st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31)), min_size=2, max_size=2))
@example([datetime(1601, 1, 1, 0, 0, 0, 1), datetime(9999, 12, 31)])
def test_times_are_those_that_python_makes(naive):
    times = [time.replace(tzinfo=UTC, fold=0) for time in naive]
    for time, found in zip(times, answered(times), strict=True):
        assert (type(found), found.tzinfo, found.fold) == (datetime, UTC, 0)
        assert (found, hash(found), repr(found)) == (time, hash(time), repr(time))
        assert found - FILETIME_EPOCH == time - FILETIME_EPOCH
        assert pickle.loads(pickle.dumps(found)) == time
        assert found + timedelta(0) == time


def parts(value):
    """The models in an answer, but for the one page."""
    if isinstance(value, Model):
        if not isinstance(value, Page):
            yield value
        for _, part in values(value):
            yield from parts(part)
    if isinstance(value, tuple):
        for item in value:
            yield from parts(item)


@pytest.mark.parametrize("method", FUNCTIONS)
def test_the_collector_does_not_walk_answers(method):
    """Lists of tens of thousands of objects would be walked again and again while they grow."""
    api = through_the_loopback(**ANSWERS)
    found = getattr(api, method)(*ARGUMENTS[method])
    assert [part for part in parts(found) if gc.is_tracked(part)] == []
