"""Server over a recording api: each method makes its one call, keywords become flags, pages are followed to the end."""

import copy
import pickle
from datetime import timedelta
from ipaddress import IPv4Address
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo import FailoverMode, FailoverState, RelationshipFlags, Server
from dhcpfo.api import FUNCTIONS
from dhcpfo.enums import SearchType
from dhcpfo.errors import DhcpError, InvalidAnswerError, from_code
from dhcpfo.models import ClientSearch, Page, RelationshipValues
from examples import CLIENT, EXAMPLES, RELATIONSHIP, VARIANTS
from recording import RecordingApi

SCOPE = IPv4Address("10.0.1.0")


CALLS = [(method, EXAMPLES[method]) for method in FUNCTIONS] + list(VARIANTS.values())


@pytest.mark.parametrize(("method", "example"), CALLS, ids=lambda value: getattr(value, "method", ""))
class TestEachMethod:
    def test_it_makes_its_call_and_returns_its_answer(self, method, example):
        """One call, but for methods that must read before they write."""
        api = RecordingApi(**{method: example.answer})
        assert example.ask(Server(api)) == example.result
        assert api.calls == [*example.before, (method, example.arguments)]

    def test_errors_pass_unchanged(self, method, example):
        error = from_code(5, "f", "dhcp1")
        with pytest.raises(PermissionError) as caught:
            example.ask(Server(RecordingApi(**{method: error})))
        assert caught.value is error


GIVEN = {
    "mclt": (timedelta(hours=2), RelationshipFlags.MCLT),
    "state_switch_interval": (timedelta(minutes=10), RelationshipFlags.STATE_SWITCH_INTERVAL),
    "state": (FailoverState.PARTNER_DOWN, RelationshipFlags.STATE),
    "previous_state": (FailoverState.NORMAL, RelationshipFlags.PREVIOUS_STATE),
    "mode": (FailoverMode.HOT_STANDBY, RelationshipFlags.MODE),
    "percentage": (0, RelationshipFlags.PERCENTAGE),
    "shared_secret": ("correct horse", RelationshipFlags.SHARED_SECRET),
}


KEYS = [
    keys for size in range(1, 8) for keys in combinations(GIVEN, size) if "percentage" in keys or "mode" not in keys
]


class TestSetRelationship:
    @pytest.mark.parametrize("keys", KEYS)
    def test_the_flags_are_what_is_given(self, keys):
        api = RecordingApi()
        values = {key: GIVEN[key][0] for key in keys}
        Server(api).set_relationship("r", **values)
        ((method, (name, flags, sent)),) = api.calls
        assert (method, name) == ("set_relationship", "r")
        assert flags == RelationshipFlags(sum(GIVEN[key][1] for key in keys))
        assert isinstance(flags, RelationshipFlags)
        assert sent == RelationshipValues(**values)

    @pytest.mark.parametrize(("key", "flag"), [("state_switch_interval", 0x02), ("shared_secret", 0x40)])
    def test_none_is_a_value(self, key, flag):
        api = RecordingApi()
        Server(api).set_relationship("r", **{key: None})
        assert api.calls == [("set_relationship", ("r", RelationshipFlags(flag), RelationshipValues()))]

    def test_nothing_given_is_an_error(self):
        api = RecordingApi()
        with pytest.raises(
            ValueError, match=r"^nothing to change: pass at least one of mclt, state_switch_interval, state, prev"
        ):
            Server(api).set_relationship("r")
        assert api.calls == []


class TestGetClient:
    @pytest.mark.parametrize(
        ("keys", "search"),
        [
            ({"address": "10.0.1.0"}, (SearchType.ADDRESS, SCOPE)),
            ({"name": "printer"}, (SearchType.NAME, "printer")),
            (
                {"client_id": bytes.fromhex("0a1b2c3d4e5f"), "scope": "10.0.1.0"},
                (SearchType.CLIENT_ID, bytes.fromhex("0001000a01") + bytes.fromhex("0a1b2c3d4e5f")),
            ),
            ({"client_id": CLIENT.client_id}, (SearchType.CLIENT_ID, CLIENT.client_id)),
            (
                {"client_id": CLIENT.hardware_address, "scope": CLIENT.scope},
                (SearchType.CLIENT_ID, CLIENT.client_id),
            ),
        ],
    )
    def test_ways(self, keys, search):
        api = RecordingApi()
        Server(api).get_failover_client(**keys)
        kind, value = search
        assert api.calls == [("get_failover_client", (ClientSearch(type=kind, value=value),))]


class Pages(RecordingApi):
    """Answers one page after the other, the last one for ever."""

    def __init__(self, *pages):
        super().__init__()
        self.pages = list(pages)

    def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
        super().enum_relationships(resume, preferred_maximum)
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


class TestRelationships:
    @given(sizes=st.lists(st.integers(0, 4), max_size=6), end=st.sampled_from(["0", "259", "259 after the last"]))
    def test_pages_are_followed_to_the_end(self, sizes, end):
        total, pages, resume = sum(sizes), [], 0
        for number, size in enumerate(sizes, 1):
            total -= size
            last = number == len(sizes)
            status = {"0": 0, "259": 259}.get(end, 234) if last else 234
            resume += 10
            pages.append(Page((RELATIONSHIP,) * size, resume, total, status))
        if end == "259 after the last" or not sizes:
            pages.append(Page((), resume, 0, 259))
        api = Pages(*pages)
        assert Server(api).relationships() == [RELATIONSHIP] * sum(sizes)
        assert [arguments[0] for _, arguments in api.calls] == [0, *[page.resume for page in pages[:-1]]]

    def test_success_with_more_to_come_goes_on(self):
        api = Pages(Page((RELATIONSHIP,), 1, 1, 0), Page((RELATIONSHIP,), 2, 0, 0))
        assert len(Server(api).relationships()) == 2

    def test_none(self):
        found = Server(Pages(Page((), 0, 0, 259))).relationships()
        assert found == []

    def test_the_list_is_the_callers_own(self):
        server = Server(RecordingApi())
        server.relationships().clear()
        assert server.relationships() == [RELATIONSHIP]

    @pytest.mark.parametrize("status", [234, 0])
    def test_a_handle_that_stands_still(self, status):
        api = Pages(Page((RELATIONSHIP,), 7, 5, 234), Page((RELATIONSHIP,), 7, 5, status))
        with pytest.raises(InvalidAnswerError, match="does not end: 2 items read, 5 announced") as caught:
            Server(api).relationships()
        assert caught.value.function == "DhcpV4FailoverEnumRelationship"
        assert len(api.calls) == 2

    def test_a_server_that_counts_what_it_sent_as_remaining(self):
        api = Pages(Page((RELATIONSHIP,) * 3, 0, 3, 0))
        assert len(Server(api).relationships()) == 3
        assert len(api.calls) == 1

    def test_a_server_that_never_ends(self):
        class Endless(RecordingApi):
            def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
                super().enum_relationships(resume, preferred_maximum)
                return Page((RELATIONSHIP,), resume + 1, 1, 234)

        api = Endless()
        with pytest.raises(InvalidAnswerError, match="does not end"):
            Server(api).relationships()
        assert 31 < len(api.calls) <= 2000

    @pytest.mark.parametrize("code", [5, 1722, 2])
    def test_an_error_is_never_an_empty_list(self, code):
        with pytest.raises(DhcpError) as caught:
            Server(RecordingApi(enum_relationships=from_code(code, "f", None))).relationships()
        assert caught.value.winerror == code

    def test_an_error_half_way_gives_no_half_list(self):
        class Breaks(Pages):
            def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
                if resume:
                    raise from_code(1726, "f", "dhcp1")
                return super().enum_relationships(resume, preferred_maximum)

        with pytest.raises(ConnectionError):
            Server(Breaks(Page((RELATIONSHIP,), 1, 1, 234))).relationships()


class TestServer:
    def test_it_names_its_server_and_shows_its_api(self):
        api = RecordingApi("dhcp1.example.com")
        server = Server(api)
        assert (server.name, server.api) == ("dhcp1.example.com", api)
        assert repr(server) == "<Server dhcp1.example.com>"
        assert repr(Server(RecordingApi(None))) == "<Server this machine>"

    def test_it_closes_its_api(self):
        api = RecordingApi()
        with Server(api) as server:
            assert isinstance(server, Server)
            assert api.closed == 0
        assert api.closed == 1

    def test_closing_does_not_swallow_an_error(self):
        with pytest.raises(RuntimeError), Server(RecordingApi()):
            raise RuntimeError

    def test_it_has_no_room_for_state(self):
        with pytest.raises(AttributeError):
            Server(RecordingApi()).anything = 1

    def test_it_pickles_where_its_api_can_be_opened_anew(self):
        again = pickle.loads(pickle.dumps(Server(ReopeningApi())))
        assert isinstance(again, Server)
        assert type(again.api) is ReopeningApi

    def test_it_says_why_it_cannot_be_pickled(self):
        with pytest.raises(TypeError, match="cannot pickle <Server dhcp1>: RecordingApi cannot be opened again"):
            pickle.dumps(Server(RecordingApi()))

    @pytest.mark.parametrize("act", [copy.copy, copy.deepcopy])
    def test_a_copy_is_the_same_connection(self, act):
        server = Server(RecordingApi())
        assert act(server) is server


class ReopeningApi(RecordingApi):
    """An api that another process can open for itself."""

    def reopen(self):
        return _open, ()


def _open():
    return Server(ReopeningApi())
