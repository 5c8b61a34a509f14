"""What every model has from its base: checks before anything is set, pickles by name, copies, plain values."""

import copy
import dataclasses
import inspect
import pickle
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from types import MappingProxyType

import pytest

import dhcpfo
from dhcpfo import (
    Addresses,
    AttributeId,
    FailoverMode,
    FailoverState,
    ScopeStatistics,
    ServerAttribute,
    ServerVersion,
)
from dhcpfo.models import ClientSearch, Page
from dhcpfo.models.base import Model, model
from examples import CLIENT, RELATIONSHIP, STATISTICS, SYSTEM_TIME
from others import Index

MODELS = [RELATIONSHIP, CLIENT, CLIENT.owner, STATISTICS, SYSTEM_TIME, ServerVersion(6, 3), Page((1,), 0, 0, 0)]
each_model = pytest.mark.parametrize("value", MODELS, ids=lambda value: type(value).__name__)


class Timedelta(timedelta):
    """As in pandas: a timedelta that can be finer."""

    nanoseconds = 0


class Frame(dict):
    """As in pandas: iterates over the names of its columns."""

    columns = ("scope",)


# Types: (field, wrong value, error, text).
WRONG = [
    ("name", 7, TypeError, "name must be str, not int"),
    ("primary_server_name", b"dhcp1", TypeError, "primary_server_name must be str, not bytes"),
    ("mclt", 3600, TypeError, "mclt must be timedelta, not int"),
    ("mclt", None, TypeError, "mclt must be timedelta, not None"),
    ("state_switch_interval", "1h", TypeError, "state_switch_interval must be timedelta, not str"),
    ("mode", "HotStandby", TypeError, "mode must be FailoverMode, not str"),
    ("mode", 0, TypeError, "mode must be FailoverMode, not int"),
    ("mode", FailoverState.INIT, TypeError, "mode must be FailoverMode, not FailoverState"),
    ("state", None, TypeError, "state must be FailoverState, not None"),
    ("percentage", 1.5, TypeError, "percentage must be int, not float"),
    ("percentage", True, TypeError, "percentage must be int, not bool"),
    ("percentage", "50", TypeError, "percentage must be int, not str"),
    ("primary_server", 3221225985, TypeError, "primary_server must be IPv4Address or str, not int"),
    ("primary_server", "dhcp1", ValueError, "primary_server must be a valid IPv4 address, got 'dhcp1'"),
    ("scopes", None, TypeError, "scopes must be a list of IPv4 addresses, not None"),
    ("scopes", Frame(scope=1), TypeError, "scopes must be a list of IPv4 addresses, not Frame"),
    ("scopes", {"10.0.1.0": "hq"}, TypeError, "scopes must be a list of IPv4 addresses, not dict"),
    (
        "scopes",
        ["10.0.1.0/24"],
        ValueError,
        "scopes must be a valid IPv4 address, got '10.0.1.0/24'; give the network address 10.0.1.0",
    ),
    (
        "scopes",
        [IPv4Network("10.0.1.0/24")],
        TypeError,
        "scopes must be IPv4Address or str, not IPv4Network; give the network address 10.0.1.0",
    ),
    (
        "scopes",
        [IPv4Interface("10.0.1.77/24")],
        TypeError,
        "scopes must be IPv4Address or str, not IPv4Interface; give the network address 10.0.1.0",
    ),
    (
        "primary_server",
        "192.0.2.9/24",
        ValueError,
        "primary_server must be a valid IPv4 address, got '192.0.2.9/24'; give the address alone: 192.0.2.9",
    ),
    (
        "secondary_server",
        IPv4Interface("192.0.2.9/24"),
        TypeError,
        "secondary_server must be IPv4Address or str, not IPv4Interface; give the address alone: 192.0.2.9",
    ),
]


@pytest.mark.parametrize(("field", "wrong", "error", "text"), WRONG)
def test_every_field_is_checked_when_the_model_is_made(field, wrong, error, text):
    with pytest.raises(error) as caught:
        RELATIONSHIP.replace(**{field: wrong})
    assert str(caught.value) == text


@pytest.mark.parametrize(("field", "wrong", "error", "text"), WRONG)
def test_an_error_of_a_constructor_can_be_shown_with_all_variables(field, wrong, error, text):
    """The object in the frame is not half made: its repr works."""
    with pytest.raises(error) as caught:
        RELATIONSHIP.replace(**{field: wrong})
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert text in "".join(shown.format())
    assert "<Relationship, not initialized>" in "".join(shown.format())


def test_numbers_of_other_libraries_are_numbers():
    made = RELATIONSHIP.replace(percentage=Index(30))
    assert (made.percentage, type(made.percentage)) == (30, int)
    assert FailoverState(Index(3)) is FailoverState.NORMAL
    assert FailoverState(Index(77)).name == "UNKNOWN_77"
    assert ServerVersion(Index(10), 0) == ServerVersion(10, 0)
    assert ServerAttribute(AttributeId.RESTORE_STATUS, Index(5)).value == 5
    assert ServerAttribute(AttributeId.IS_ROGUE, True).value is True


def test_intervals_of_other_libraries():
    made = RELATIONSHIP.replace(mclt=Timedelta(hours=2))
    assert (made.mclt, type(made.mclt)) == (timedelta(hours=2), timedelta)
    fine = Timedelta(hours=2)
    fine.nanoseconds = 5
    with pytest.raises(ValueError, match=r"^mclt must not have nanoseconds, got "):
        RELATIONSHIP.replace(mclt=fine)


def test_moments_have_a_time_zone():
    class Timestamp(datetime):
        """As in pandas."""

        nanosecond = 0

    moment = datetime(2026, 5, 4, tzinfo=UTC)
    made = SYSTEM_TIME.replace(time=Timestamp(2026, 5, 4, tzinfo=UTC))
    assert (made.time, type(made.time)) == (moment, datetime)
    with pytest.raises(ValueError, match=r"^time must be a datetime with a time zone, got datetime\.datetime\(2026"):
        SYSTEM_TIME.replace(time=datetime(2026, 5, 4))
    with pytest.raises(TypeError, match=r"^time must be datetime, not str$"):
        SYSTEM_TIME.replace(time="2026-05-04")


def test_sequences_become_tuples_and_nested_models_are_checked():
    assert Page([1, 2], 0, 0, 0).items == (1, 2)
    with pytest.raises(TypeError, match=r"^items must be a sequence, not str$"):
        Page("ab", 0, 0, 0)
    with pytest.raises(TypeError, match=r"^owner must be HostInfo, not str$"):
        CLIENT.replace(owner="dhcp1")
    with pytest.raises(TypeError, match=r"^value must be IPv4Address, bytes or str, not int$"):
        ClientSearch(type=dhcpfo.enums.SearchType.NAME, value=7)


@each_model
def test_pickles_hold_names(value):
    function, (cls, values) = value.__reduce__()
    assert (cls, list(values)) == (type(value), [entry.name for entry in dataclasses.fields(value)])
    assert function(cls, dict(reversed(values.items()))) == value


@each_model
def test_a_pickle_with_an_unknown_field_is_refused(value):
    function, (cls, values) = value.__reduce__()
    with pytest.raises(TypeError, match=rf"^{cls.__name__} has no field later; pickled by another version\?$"):
        function(cls, values | {"later": 1})


def test_a_pickle_of_an_older_version_is_matched_by_name(monkeypatch):
    """cases/03: a later version has one more field, in the middle."""
    old = pickle.dumps(STATISTICS)
    names = [entry.name for entry in dataclasses.fields(STATISTICS)]
    names.insert(1, "addresses_reserved")
    body = {"__annotations__": dict.fromkeys(names, int), "__module__": ScopeStatistics.__module__}
    monkeypatch.setattr("dhcpfo.models.failover.ScopeStatistics", model(type("ScopeStatistics", (Model,), body)))
    with pytest.raises(TypeError, match=r"missing 1 required keyword-only argument: 'addresses_reserved'"):
        pickle.loads(old)
    body |= {"addresses_reserved": 0}
    monkeypatch.setattr("dhcpfo.models.failover.ScopeStatistics", model(type("ScopeStatistics", (Model,), body)))
    again = pickle.loads(old)
    assert (again.addresses_reserved, again.to_dict() | STATISTICS.to_dict()) == (0, again.to_dict())


@each_model
def test_copies_with_changes(value):
    assert value.replace() == value
    assert dataclasses.replace(value) == value
    assert value.__replace__() == value
    if hasattr(copy, "replace"):  # Python 3.13
        assert copy.replace(value) == value
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        value.replace(colour="red")


def test_a_copy_converts_as_the_constructor_does():
    made = RELATIONSHIP.replace(scopes=["10.9.9.0"], primary_server="192.0.2.9", shared_secret=b"sesame")
    assert (made.scopes, made.primary_server) == (Addresses(["10.9.9.0"]), IPv4Address("192.0.2.9"))
    assert made.shared_secret == "sesame"


@each_model
def test_a_constructor_has_a_signature(value):
    parameters = inspect.signature(type(value)).parameters
    assert set(parameters) == {entry.name for entry in dataclasses.fields(value)}
    assert all(parameter.annotation is not parameter.empty for parameter in parameters.values())


def test_versions_are_ordered():
    assert ServerVersion(6, 2) < ServerVersion(6, 3) < ServerVersion(10, 0) >= ServerVersion(10, 0)
    assert str(ServerVersion(10, 0)) == "10.0"
    with pytest.raises(TypeError):
        assert ServerVersion(6, 2) < (6, 3)


def test_the_service_models_as_plain_values():
    assert ServerVersion(6, 3).to_dict() == {"major": 6, "minor": 3}
    assert ServerVersion(6, 3).to_dict(powershell=True) == {"MajorVersion": 6, "MinorVersion": 3}
    attribute = ServerAttribute(AttributeId.IS_ADMINISTRATOR, True)
    assert attribute.to_dict() == attribute.to_dict(powershell=True) == {"id": "IS_ADMINISTRATOR", "value": True}


def test_a_model_is_a_short_class():
    @model
    class Thing(Model):
        """A thing."""

        address: IPv4Address
        mode: FailoverMode = FailoverMode.HOT_STANDBY
        times: tuple[timedelta, ...] = ()
        _powershell = MappingProxyType({"Address": "address", "Mode": "mode", "Times": "times"})

    thing = Thing(address="10.0.0.1", times=[timedelta(hours=1), timedelta(seconds=0.5)])
    assert thing.to_dict() == {"address": "10.0.0.1", "mode": "HOT_STANDBY", "times": [3600, 0.5]}
    assert thing.to_dict(powershell=True)["Mode"] == "HotStandby"
    assert Thing.__slots__ == ("address", "mode", "times")
    assert not hasattr(thing, "__dict__")
