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
from dhcpfo.models import ClientSearch, RelationshipValues
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
    assert message.startswith(f"{argument}: "), message
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
        assert message == f"name: text expected, {type(name).__name__} given"

    @given(name=unfit_text)
    def test_unfit(self, act, name):
        refused(ValueError, "name", lambda server: act(server, name))

    @given(name=long_names)
    def test_too_long(self, act, name):
        units = len(name.encode("utf-16-le")) // 2
        message = refused(ValueError, "name", lambda server: act(server, name))
        assert message == f"name: {units} UTF-16 units given; at most 126 are allowed"


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
        assert message == f"{argument}: an IPv4Address or its text expected, {type(address).__name__} given"

    @given(address=unfit_address)
    def test_unfit(self, argument, act, address):
        message = refused(ValueError, argument, lambda server: act(server, address))
        assert message == f"{argument}: {address!r} is no IPv4 address"

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
        assert message == "scopes: an empty list given; at least one scope is needed"

    @pytest.mark.parametrize("wrong", ["10.0.0.0", IPv4Address("10.0.0.0"), IPv4Network("10.0.0.0/24"), None, 7])
    def test_no_list(self, method, wrong):
        message = refused(TypeError, "scopes", lambda server: getattr(server, method)("r", wrong))
        assert message == f"scopes: a list of IPv4 addresses expected, {type(wrong).__name__} given"


VALUES = {
    "mclt": (times, no_time | st.none(), unfit_time),
    "state_switch_interval": (intervals, no_time, unfit_time | st.just(timedelta(seconds=MAX_DWORD))),
    "state": (states, no_member, unfit_state),
    "previous_state": (states, no_member, unfit_state),
    "mode": (modes, no_member, st.just(FailoverMode(-1))),
    "percentage": (percentages, no_whole_number, unfit_percentage),
    "shared_secret": (st.none() | texts, st.integers() | st.binary(), unfit_text),
}


@pytest.mark.parametrize("key", VALUES)
class TestSetRelationship:
    @given(data=st.data())
    def test_right(self, key, data):
        value = data.draw(VALUES[key][0])
        api = RecordingApi()
        Server(api).set_relationship("r", **{key: value})
        flag = RelationshipFlags[key.upper()]
        assert api.calls == [("set_relationship", ("r", flag, RelationshipValues(**{key: value})))]

    @given(data=st.data())
    def test_wrong_type(self, key, data):
        value = data.draw(VALUES[key][1])
        message = refused(TypeError, key, lambda server: server.set_relationship("r", **{key: value}))
        assert message.endswith(f" expected, {type(value).__name__} given")

    @given(data=st.data())
    def test_unfit(self, key, data):
        value = data.draw(VALUES[key][2])
        refused(ValueError, key, lambda server: server.set_relationship("r", **{key: value}))


CREATED = {
    **{key: VALUES[key] for key in ("mclt", "state_switch_interval", "state", "previous_state", "mode")},
    "server_type": (st.sampled_from(ServerType), no_member, st.just(ServerType(-1))),
    "percentage": (percentages, no_whole_number.filter(lambda value: value is not None), unfit_percentage),
    "primary_server_name": (st.none() | texts, st.integers() | st.binary(), unfit_text),
    "secondary_server_name": (st.none() | texts, st.integers() | st.binary(), unfit_text),
    "scopes": (st.lists(addresses, min_size=1, max_size=9).map(Addresses), st.nothing(), st.just(())),
    "shared_secret": (st.none() | texts, st.nothing(), unfit_text),
}


class TestCreateRelationship:
    @given(values=st.fixed_dictionaries({}, optional={key: right for key, (right, _, _) in CREATED.items()}))
    def test_right(self, values):
        api = RecordingApi()
        relationship = replace(RELATIONSHIP, **values)
        Server(api).create_relationship(relationship)
        assert api.calls == [("create_relationship", (relationship,))]

    @pytest.mark.parametrize("key", [key for key, (_, wrong, _) in CREATED.items() if not wrong.is_empty])
    @given(data=st.data())
    def test_wrong_type(self, key, data):
        relationship = replace(RELATIONSHIP, **{key: data.draw(CREATED[key][1])})
        refused(TypeError, key, lambda server: server.create_relationship(relationship))

    @pytest.mark.parametrize("key", CREATED)
    @given(data=st.data())
    def test_unfit(self, key, data):
        relationship = replace(RELATIONSHIP, **{key: data.draw(CREATED[key][2])})
        refused(ValueError, key, lambda server: server.create_relationship(relationship))

    @pytest.mark.parametrize("wrong", [None, "hq-branch", {"name": "hq-branch"}])
    def test_no_relationship(self, wrong):
        refused(TypeError, "relationship", lambda server: server.create_relationship(wrong))


class TestGetClient:
    @given(key=st.binary(min_size=1, max_size=255))
    def test_right_client_id(self, key):
        api = RecordingApi()
        for given_as in (key, key.hex(), key.hex("-"), key.hex(":").upper()):
            Server(api).get_failover_client(client_id=given_as)
        assert api.calls == [("get_failover_client", (ClientSearch(type=SearchType.CLIENT_ID, value=key),))] * 4

    def test_a_client_id_leaves_room_for_its_scope(self):
        api = RecordingApi()
        Server(api).get_failover_client(client_id=b"x" * 250, scope="10.0.0.0")
        assert len(api.calls[0][1][0].value) == 255
        refused(
            ValueError, "client_id", lambda server: server.get_failover_client(client_id=b"x" * 251, scope="10.0.0.0")
        )

    @given(wrong=st.integers() | st.floats() | st.lists(st.integers()))
    def test_client_id_of_a_wrong_type(self, wrong):
        refused(TypeError, "client_id", lambda server: server.get_failover_client(client_id=wrong))

    @pytest.mark.parametrize("wrong", [b"", b"x" * 256, "", "0", "printer", "0a:1b:2g"])
    def test_unfit_client_id(self, wrong):
        refused(ValueError, "client_id", lambda server: server.get_failover_client(client_id=wrong))

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
        with pytest.raises(ValueError, match=r"^give exactly one of address, client_id and name$"):
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
        with pytest.raises(TypeError, match=rf"^server: text expected, {type(wrong).__name__} given"):
            dhcpfo.connect(wrong)

    @given(wrong=unfit_text)
    def test_unfit_server(self, wrong):
        with pytest.raises(ValueError, match=r"^server: "):
            dhcpfo.connect(wrong)


SECRET = "correct horse"


@pytest.mark.parametrize("wrong", [SECRET + "\0", "\0" + SECRET, SECRET.encode(), [SECRET], {SECRET: 1}])
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
    assert message == "percentage: 101 given; 0 to 100 are allowed"
