"""Every wrong argument is refused before any call, by an error that names it; every right one goes through."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dhcpfo
from dhcpfo import Addresses, FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.enums import RelationshipFlags
from dhcpfo.models import RelationshipValues
from examples import RELATIONSHIP
from others import Index
from recording import RecordingApi, refused

MAX_DWORD = 0xFFFFFFFF

# Right values, as wide as they go.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=()), min_size=1, max_size=40)
names = texts.filter(lambda text: len(text.encode("utf-16-le", "surrogatepass")) <= 2 * 126)
addresses = st.ip_addresses(v=4)
percentages = st.integers(0, 100)
times = st.integers(0, MAX_DWORD).map(lambda seconds: timedelta(seconds=seconds))
intervals = st.none() | st.integers(0, MAX_DWORD - 1).map(lambda seconds: timedelta(seconds=seconds))
states = st.sampled_from(FailoverState) | st.integers(14, MAX_DWORD).map(FailoverState)
modes = st.sampled_from(FailoverMode) | st.integers(2, MAX_DWORD).map(FailoverMode)

# Wrong ones.
no_text = st.none() | st.integers() | st.binary() | st.floats() | st.lists(st.text())
unfit_text = st.just("") | st.tuples(st.text(), st.text()).map("\0".join)
long_names = st.integers(127, 400).map(lambda length: "n" * length) | st.integers(64, 100).map(
    lambda n: "\U0001f600" * n
)
no_address = (
    st.integers() | st.binary(min_size=4, max_size=4) | st.just(IPv4Network("10.0.0.0/24")) | st.just(["10.0.0.0"])
)
unfit_address = st.text().filter(lambda text: not is_address(text)) | st.sampled_from(
    ["", "10.0.0", "10.0.0.256", "10.0.0.0/24", "::1", "dhcp1", " 10.0.0.1", "10.0.0.01"]
)
no_whole_number = st.none() | st.text() | st.floats() | st.booleans()
unfit_percentage = st.integers(max_value=-1) | st.integers(min_value=101)
no_time = st.integers() | st.floats() | st.text()
unfit_time = (
    st.timedeltas(max_value=timedelta(microseconds=-1))
    | st.timedeltas(min_value=timedelta(seconds=MAX_DWORD + 1))
    | st.timedeltas(timedelta(0), timedelta(days=9)).filter(lambda time: time.microseconds)
)
no_member = st.integers(0, 13) | st.text() | st.none()
unfit_state = st.integers(max_value=-1).map(FailoverState) | st.integers(min_value=MAX_DWORD + 1).map(FailoverState)


def is_address(text):
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


NAMED = {
    "set_relationship": lambda server, name: server.set_relationship(name, percentage=50),
    "delete_relationship": lambda server, name: server.delete_relationship(name),
    "get_relationship": lambda server, name: server.get_relationship(name),
    "add_failover_scopes": lambda server, name: server.add_failover_scopes(name, ["10.0.0.0"]),
    "remove_failover_scopes": lambda server, name: server.remove_failover_scopes(name, ["10.0.0.0"]),
    "trigger_address_allocation": lambda server, name: server.trigger_address_allocation(name),
    "create_relationship": lambda server, name: server.create_relationship(replace(RELATIONSHIP, name=name)),
}


@pytest.mark.parametrize("act", NAMED.values(), ids=NAMED)
class TestRelationshipName:
    @given(name=names)
    def test_right(self, act, name):
        api = RecordingApi()
        act(Server(api), name)
        ((_, arguments),) = api.calls
        assert name in (arguments[0], getattr(arguments[0], "name", None))

    @given(name=no_text)
    def test_no_text(self, act, name):
        message = refused(TypeError, "name", lambda server: act(server, name))
        assert message == f"name must be str, not {'None' if name is None else type(name).__name__}"

    @given(name=unfit_text)
    def test_unfit(self, act, name):
        refused(ValueError, "name", lambda server: act(server, name))

    @given(name=long_names)
    def test_too_long(self, act, name):
        units = len(name.encode("utf-16-le")) // 2
        message = refused(ValueError, "name", lambda server: act(server, name))
        assert message == f"name must have at most 126 UTF-16 units, got {units}"


def test_the_limit_counts_utf16_units():
    api = RecordingApi()
    for name in ("n" * 126, "\U0001f600" * 63, "\ud800" * 126):
        Server(api).get_relationship(name)
    assert len(api.calls) == 3


ADDRESSED = {
    "get_scope_relationship": ("scope", lambda server, value: server.get_scope_relationship(value)),
    "get_scope_statistics": ("scope", lambda server, value: server.get_scope_statistics(value)),
    "get_address_status": ("address", lambda server, value: server.get_address_status(value)),
    "get_failover_client": ("address", lambda server, value: server.get_failover_client(address=value)),
    "get_failover_client in a scope": (
        "scope",
        lambda server, value: server.get_failover_client(client_id=b"\1", scope=value),
    ),
    "add_failover_scopes": ("scopes", lambda server, value: server.add_failover_scopes("r", ["10.0.0.0", value])),
    "remove_failover_scopes": ("scopes", lambda server, value: server.remove_failover_scopes("r", [value])),
}


@pytest.mark.parametrize(("argument", "act"), ADDRESSED.values(), ids=ADDRESSED)
class TestAddress:
    @given(address=addresses)
    def test_right(self, argument, act, address):
        api = RecordingApi()
        act(Server(api), address)
        act(Server(api), str(address))
        assert len(api.calls) == 2
        assert api.calls[0] == api.calls[1]

    @given(address=no_address)
    def test_no_address(self, argument, act, address):
        message = refused(TypeError, argument, lambda server: act(server, address))
        assert type(address).__name__ in message

    @given(address=unfit_address)
    def test_unfit(self, argument, act, address):
        message = refused(ValueError, argument, lambda server: act(server, address))
        assert repr(address) in message

    def test_an_interface_is_no_address(self, argument, act):
        """It is an IPv4Address to isinstance, but compares and prints as a network, too."""
        refused(TypeError, argument, lambda server: act(server, IPv4Interface("10.0.0.1/24")))

    def test_another_kind_of_address_becomes_a_plain_one(self, argument, act):
        class Named(IPv4Address):
            pass

        api = RecordingApi()
        act(Server(api), Named("10.0.0.1"))
        act(Server(api), IPv4Address("10.0.0.1"))
        assert repr(api.calls[0]) == repr(api.calls[1])


@pytest.mark.parametrize("method", ["add_failover_scopes", "remove_failover_scopes"])
class TestScopes:
    @given(scopes=st.lists(addresses, min_size=1, max_size=9))
    def test_right(self, method, scopes):
        api = RecordingApi()
        for given_as in (scopes, tuple(scopes), iter(scopes), Addresses(scopes), [str(scope) for scope in scopes]):
            getattr(Server(api), method)("r", given_as)
        for _, arguments in api.calls:
            assert arguments == ("r", tuple(scopes))
            assert type(arguments[1]) is Addresses
        assert len(api.calls) == 5

    @pytest.mark.parametrize("empty", [[], (), Addresses(), iter([])])
    def test_none(self, method, empty):
        message = refused(ValueError, "scopes", lambda server: getattr(server, method)("r", empty))
        assert message == "scopes must contain at least one scope"

    @pytest.mark.parametrize("wrong", ["10.0.0.0", IPv4Address("10.0.0.0"), IPv4Network("10.0.0.0/24"), None, 7])
    def test_no_list(self, method, wrong):
        message = refused(TypeError, "scopes", lambda server: getattr(server, method)("r", wrong))
        assert wrong is None or type(wrong).__name__ in message


VALUES = {
    "mclt": (times, no_time | st.none(), unfit_time),
    "state_switch_interval": (intervals, no_time, unfit_time | st.just(timedelta(seconds=MAX_DWORD))),
    "state": (states, no_member, unfit_state),
    "previous_state": (states, no_member, unfit_state),
    "mode": (modes, no_member, st.just(FailoverMode(-1))),
    "percentage": (percentages, no_whole_number, unfit_percentage),
    "shared_secret": (st.none() | texts, st.integers() | st.lists(st.text()), unfit_text),
}


@pytest.mark.parametrize("key", VALUES)
class TestSetRelationship:
    @given(data=st.data())
    def test_right(self, key, data):
        values = {key: data.draw(VALUES[key][0])}
        if key == "mode":
            values["percentage"] = data.draw(percentages)
        api = RecordingApi()
        Server(api).set_relationship("r", **values)
        flags = RelationshipFlags(sum(RelationshipFlags[key.upper()] for key in values))
        assert api.calls == [("set_relationship", ("r", flags, RelationshipValues(**values)))]

    @given(data=st.data())
    def test_wrong_type(self, key, data):
        value = data.draw(VALUES[key][1])
        message = refused(TypeError, key, lambda server: server.set_relationship("r", **{key: value}))
        assert ("None" if value is None else type(value).__name__) in message

    @given(data=st.data())
    def test_unfit(self, key, data):
        value = data.draw(VALUES[key][2])
        refused(ValueError, key, lambda server: server.set_relationship("r", **{key: value}))


CREATED = {
    **{key: VALUES[key] for key in ("mclt", "state_switch_interval", "state", "previous_state", "mode")},
    "server_type": (st.sampled_from(ServerType), no_member, st.just(ServerType(-1))),
    "percentage": (percentages, no_whole_number.filter(lambda value: value is not None), unfit_percentage),
    "primary_server_name": (st.none() | texts, st.integers() | st.binary(), unfit_text.filter(bool)),
    "secondary_server_name": (st.none() | texts, st.integers() | st.binary(), unfit_text.filter(bool)),
    "scopes": (st.lists(addresses, min_size=1, max_size=9).map(Addresses), st.nothing(), st.just(())),
    "shared_secret": (st.none() | texts, st.nothing(), unfit_text),
}


@pytest.mark.parametrize(
    ("mode", "meaning"),
    [
        (FailoverMode.HOT_STANDBY, "the share of the free addresses reserved for the standby server"),
        (FailoverMode.LOAD_BALANCE, "the primary server's share of the clients"),
        (FailoverMode(7), "something else"),
    ],
)
def test_a_new_mode_needs_a_percentage(mode, meaning):
    """The server would keep the number of the other mode: 50 % load balance becomes a reserve of 50 %."""
    message = refused(ValueError, "percentage", lambda server: server.set_relationship("r", mode=mode))
    assert message == (
        f"percentage must be passed together with mode: in {mode.name} the number that the relationship has now would "
        f"become {meaning}"
    )


class Nanoseconds(timedelta):
    """A timedelta as pandas' is."""

    nanoseconds = 1


class TestNumbersOfOtherPackages:
    def test_an_exact_number_is_an_int(self):
        api = RecordingApi()
        Server(api).set_relationship("r", percentage=Index(60))
        (_, (_, _, values)) = api.calls[0]
        assert values.percentage == 60
        assert type(values.percentage) is int

    @pytest.mark.parametrize("wrong", [60.0, "60", True, None])
    def test_others_are_refused(self, wrong):
        message = refused(TypeError, "percentage", lambda server: server.set_relationship("r", percentage=wrong))
        assert message == f"percentage must be int, not {'None' if wrong is None else type(wrong).__name__}"

    def test_a_time_with_nanoseconds_is_refused(self):
        time = Nanoseconds(seconds=60)
        refused(ValueError, "mclt", lambda server: server.set_relationship("r", mclt=time))

    def test_a_time_of_a_subclass_becomes_a_plain_one(self):
        class Time(timedelta):
            pass

        api = RecordingApi()
        Server(api).set_relationship("r", mclt=Time(seconds=60), state_switch_interval=Time(seconds=90))
        (_, (_, _, values)) = api.calls[0]
        assert (values.mclt, values.state_switch_interval) == (timedelta(seconds=60), timedelta(seconds=90))
        assert type(values.mclt) is type(values.state_switch_interval) is timedelta

    def test_those_of_numpy_and_pandas(self):
        numpy = pytest.importorskip("numpy", reason="numpy is not installed")
        api = RecordingApi()
        Server(api).set_relationship("r", percentage=numpy.int64(60))
        assert type(api.calls[0][1][2].percentage) is int
        refused(TypeError, "percentage", lambda s: s.set_relationship("r", percentage=numpy.float64(60)))
        refused(TypeError, "percentage", lambda s: s.set_relationship("r", percentage=numpy.bool_(True)))
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        Server(api).set_relationship("r", mclt=pandas.Timedelta("1h"))
        assert type(api.calls[1][1][2].mclt) is timedelta
        refused(ValueError, "mclt", lambda s: s.set_relationship("r", mclt=pandas.Timedelta(60_000_000_001, "ns")))


def test_messages_are_worded_as_pythons_own():
    cases = [
        ({"percentage": 130}, "percentage must be between 0 and 100, got 130"),
        ({"mclt": timedelta(seconds=-1)}, f"mclt must be between 0 and {MAX_DWORD} seconds, got -1"),
        ({"mclt": timedelta(seconds=1.5)}, "mclt must be whole seconds, got 0:00:01.500000"),
        ({"mclt": 3600}, "mclt must be timedelta, not int"),
        ({"state": "PARTNER_DOWN"}, "state must be FailoverState, not str"),
        ({"shared_secret": ""}, "shared_secret must not be empty"),
    ]
    for values, message in cases:
        with pytest.raises((ValueError, TypeError)) as caught:
            Server(RecordingApi()).set_relationship("r", **values)
        assert str(caught.value) == message


class TestCreateRelationship:
    @pytest.mark.parametrize("name", ["primary_server_name", "secondary_server_name"])
    def test_an_empty_server_name_is_sent_as_none(self, name):
        """A server returns "" where there is none, and a relationship that was read can be sent to the partner."""
        api = RecordingApi()
        Server(api).create_relationship(replace(RELATIONSHIP, **{name: ""}))
        assert api.calls == [("create_relationship", (replace(RELATIONSHIP, **{name: None}),))]

    def test_a_server_cannot_be_its_own_partner(self):
        relationship = replace(RELATIONSHIP, secondary_server=RELATIONSHIP.primary_server)
        message = refused(ValueError, "secondary_server", lambda server: server.create_relationship(relationship))
        assert message == "secondary_server must not be the primary server, got 192.0.2.1 for both"

    @given(values=st.fixed_dictionaries({}, optional={key: right for key, (right, _, _) in CREATED.items()}))
    def test_right(self, values):
        api = RecordingApi()
        relationship = replace(RELATIONSHIP, **values)
        Server(api).create_relationship(relationship)
        assert api.calls == [("create_relationship", (relationship,))]

    @pytest.mark.parametrize("key", [key for key, (_, wrong, _) in CREATED.items() if not wrong.is_empty])
    @given(data=st.data())
    def test_wrong_type(self, key, data):
        value = data.draw(CREATED[key][1])
        refused(TypeError, key, lambda server: server.create_relationship(RELATIONSHIP.replace(**{key: value})))

    @pytest.mark.parametrize("key", CREATED)
    @given(data=st.data())
    def test_unfit(self, key, data):
        relationship = replace(RELATIONSHIP, **{key: data.draw(CREATED[key][2])})
        refused(ValueError, key, lambda server: server.create_relationship(relationship))

    @pytest.mark.parametrize("wrong", [None, "hq-branch", {"name": "hq-branch"}])
    def test_no_relationship(self, wrong):
        refused(TypeError, "relationship", lambda server: server.create_relationship(wrong))


@pytest.mark.parametrize(
    "act",
    [
        lambda server: server.set_relationship("r", mclt_seconds=3600),
        lambda server: server.set_relationship("r", name="new"),
        lambda server: server.get_failover_client(mac="0a1b2c3d4e5f"),
        lambda server: Relationship(name="r", primary="192.0.2.1", secondary="192.0.2.2"),
    ],
)
def test_unknown_keywords(act):
    api = RecordingApi()
    with pytest.raises(TypeError, match="argument"):
        act(Server(api))
    assert api.calls == []


class TestConnect:
    @given(wrong=st.integers() | st.binary() | st.floats())
    def test_server_of_a_wrong_type(self, wrong):
        with pytest.raises(TypeError, match=rf"^server must be str, not {type(wrong).__name__}$"):
            dhcpfo.connect(wrong)

    @given(wrong=unfit_text)
    def test_unfit_server(self, wrong):
        with pytest.raises(ValueError, match=r"^server must not "):
            dhcpfo.connect(wrong)


SECRET = "correct horse"


@pytest.mark.parametrize("wrong", [SECRET + "\0", "\0" + SECRET, SECRET.encode() + b"\xff", [SECRET], {SECRET: 1}])
def test_a_refused_secret_is_not_shown(wrong):
    def create(server):
        server.create_relationship(replace(RELATIONSHIP, shared_secret=wrong))

    for act in (create, lambda server: server.set_relationship("r", shared_secret=wrong)):
        api = RecordingApi()
        with pytest.raises((ValueError, TypeError)) as caught:
            act(Server(api))
        assert SECRET not in str(caught.value)
        assert api.calls == []


def test_a_wrong_value_beside_a_secret_does_not_show_it():
    message = refused(ValueError, "percentage", lambda s: s.set_relationship("r", shared_secret=SECRET, percentage=101))
    assert message == "percentage must be between 0 and 100, got 101"
