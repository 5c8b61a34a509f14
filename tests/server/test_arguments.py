"""Every wrong argument is refused before any call, by an error that names it; every right one goes through."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dhcpfo
from dhcpfo import Addresses, FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.enums import RelationshipFlags, SearchType
from dhcpfo.models import ClientSearch, RelationshipValues, unique_client_id
from recording import RELATIONSHIP, RecordingApi

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


def refused(kind, argument, act):
    """Assert that ``act`` raises ``kind`` naming the argument, before any call; return what the error says."""
    api = RecordingApi()
    with pytest.raises(kind) as caught:
        act(Server(api))
    assert api.calls == []
    message = str(caught.value)
    assert message.startswith(f"{argument} "), message
    return message


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


class Index:
    """A number as NumPy's are: not an `int`, but exact."""

    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


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


class TestGetClient:
    @given(key=st.binary(min_size=1, max_size=250).filter(lambda key: not key.startswith(b"\0\1\0\n\1")))
    def test_right_client_id(self, key):
        api = RecordingApi()
        for written in (key, bytearray(key), key.hex(), key.hex("-"), key.hex(":").upper()):
            Server(api).get_failover_client(client_id=written, scope="10.0.1.0")
        search = ClientSearch(type=SearchType.CLIENT_ID, value=b"\0\1\0\n\1" + key)
        assert api.calls == [("get_failover_client", (search,))] * 5

    @given(scope=addresses, key=st.binary(min_size=2, max_size=250))
    def test_right_unique_id(self, scope, key):
        """With or without its scope, so that what a server returned can be looked up."""
        unique = unique_client_id(scope, key)
        api = RecordingApi()
        for written in (unique, unique.hex(), unique.hex("-"), unique.hex(":").upper()):
            Server(api).get_failover_client(client_id=written)
        Server(api).get_failover_client(client_id=unique, scope=scope)
        search = ClientSearch(type=SearchType.CLIENT_ID, value=unique)
        assert api.calls == [("get_failover_client", (search,))] * 5

    @pytest.mark.parametrize(
        ("written", "key"),
        [
            ("0015.5d01.0203", "00155d010203"),
            ("0015.5D01.0203", "00155d010203"),
            ("0100.155d.0102.03", "0100155d010203"),
        ],
    )
    def test_a_client_id_as_switches_print_it(self, written, key):
        api = RecordingApi()
        Server(api).get_failover_client(client_id=written, scope="10.0.1.0")
        assert api.calls[0][1][0].value.hex() == "0001000a01" + key

    @pytest.mark.parametrize("key", ["00-15-5d-01-02-03", "00-15-5d-01-01-03", b"printer", bytes(255)])
    def test_without_a_scope_it_must_be_a_unique_id(self, key):
        message = refused(ValueError, "client_id", lambda server: server.get_failover_client(client_id=key))
        assert "must be a unique ID" in message
        assert "pass scope=" in message

    def test_a_client_id_leaves_room_for_its_scope(self):
        api = RecordingApi()
        Server(api).get_failover_client(client_id=b"x" * 250, scope="10.0.0.0")
        assert len(api.calls[0][1][0].value) == 255
        message = refused(
            ValueError, "client_id", lambda server: server.get_failover_client(client_id=b"x" * 251, scope="10.0.0.0")
        )
        assert message == "client_id must have 1 to 250 bytes, got 251"

    @given(wrong=st.integers() | st.floats() | st.lists(st.integers()))
    def test_client_id_of_a_wrong_type(self, wrong):
        refused(TypeError, "client_id", lambda server: server.get_failover_client(client_id=wrong))

    @pytest.mark.parametrize("scope", [None, "10.0.1.0"])
    @pytest.mark.parametrize("wrong", [b"", b"x" * 256, "", "0", "printer", "0a:1b:2g", "10.0.1.77", "0015.5d01.020"])
    def test_unfit_client_id(self, wrong, scope):
        refused(ValueError, "client_id", lambda server: server.get_failover_client(client_id=wrong, scope=scope))

    @given(wrong=st.integers() | st.binary())
    def test_name_of_a_wrong_type(self, wrong):
        refused(TypeError, "name", lambda server: server.get_failover_client(name=wrong))

    @given(wrong=unfit_text)
    def test_unfit_name(self, wrong):
        refused(ValueError, "name", lambda server: server.get_failover_client(name=wrong))

    @pytest.mark.parametrize(
        "keys",
        [
            {},
            {"address": "10.0.0.1", "name": "a"},
            {"client_id": b"1", "name": "a"},
            {"address": "10.0.0.1", "client_id": b"1"},
        ],
    )
    def test_exactly_one_key(self, keys):
        api = RecordingApi()
        with pytest.raises(ValueError, match=r"^pass exactly one of address, client_id and name$"):
            Server(api).get_failover_client(**keys)
        assert api.calls == []

    @pytest.mark.parametrize("keys", [{"address": "10.0.0.1"}, {"name": "a"}])
    def test_a_scope_needs_a_client_id(self, keys):
        refused(ValueError, "scope", lambda server: server.get_failover_client(scope="10.0.0.0", **keys))


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
