"""The methods of `Server` for clients and filters: arguments, and enumerations whose place gets lost."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo import Filter, FilterList, FilterPattern, HostInfo, LeaseState, Server
from dhcpfo.errors import DhcpError, ErrorCode, InvalidAnswerError, from_code
from dhcpfo.models import Client, ClientValues, Page, unique_client_id
from examples_base import MAC, SCOPE
from examples_clients import LEASE
from recording import RecordingApi

OWNER = HostInfo(address=IPv4Address("192.0.2.1"))


def client(last, **changes):
    values = {
        "address": SCOPE + last,
        "subnet_mask": IPv4Address("255.255.255.0"),
        "client_id": unique_client_id(SCOPE, b"id %d" % last),
        "owner": OWNER,
    }
    return Client(**values | changes)


def addresses(clients):
    return [int(client.address) - int(SCOPE) for client in clients]


class Leases(RecordingApi):
    """A server that answers pages of two clients, in the order given.

    Args:
        lasts: The last bytes of the addresses.
        before: Called with the number of each call and the set of clients, before it is answered.
    """

    def __init__(self, lasts, before=lambda call, lasts: None, size=2):
        super().__init__()
        self.lasts, self.before, self.size, self.count = list(lasts), before, size, 0

    def enum_clients(self, scope, resume=0, preferred_maximum=0xFFFFFFFF):
        self.count += 1
        self.before(self.count, self.lasts)
        last = resume - int(SCOPE)
        if resume and last not in self.lasts:
            raise from_code(ErrorCode.ERROR_DHCP_JET_ERROR, "DhcpV4EnumSubnetClients", self.server)
        start = self.lasts.index(last) + 1 if resume else 0
        page = [client(last) for last in self.lasts[start : start + self.size]]
        if start + self.size >= len(self.lasts):
            return Page(tuple(page), 0, len(page), 0 if page else 259)
        return Page(tuple(page), int(page[-1].address), 0x7FFFFFFF, 234)


class TestEnumeration:
    @pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
    def test_all_clients_come_in_pages(self, count):
        assert addresses(Server(Leases(range(1, count + 1))).clients(SCOPE)) == list(range(1, count + 1))

    def test_no_scope_is_all_scopes(self):
        api = RecordingApi()
        Server(api).clients()
        assert api.calls == [("enum_clients", (IPv4Address(0), 0, 0xFFFFFFFF))]

    def test_the_iterator_asks_for_a_page_when_it_needs_one(self):
        api = Leases(range(1, 8))
        clients = Server(api).iter_clients(SCOPE)
        assert api.count == 0
        assert [next(clients).address for _ in range(2)] == [SCOPE + 1, SCOPE + 2]
        assert api.count == 1
        assert addresses(clients) == [3, 4, 5, 6, 7]

    def test_a_state(self):
        records = tuple(client(number, address_state=0x30 | number % 4) for number in range(1, 9))
        server = Server(RecordingApi(enum_clients=Page(records, 0, 0, 0)))
        assert addresses(server.clients(SCOPE, state=LeaseState.DECLINED)) == [2, 6]
        assert addresses(server.iter_clients(SCOPE, state=LeaseState.OFFERED)) == [4, 8]

    @pytest.mark.parametrize("method", ["clients", "iter_clients"])
    def test_arguments_are_checked_at_once(self, method):
        with pytest.raises(ValueError, match="scope"):
            getattr(Server(RecordingApi()), method)("10.0.1")
        with pytest.raises(TypeError, match=r"^state must be LeaseState, not str$"):
            getattr(Server(RecordingApi()), method)(state="ACTIVE")

    def test_a_server_that_does_not_end(self):
        api = RecordingApi(enum_clients=Page((client(1),), 5, 0x7FFFFFFF, 234))
        with pytest.raises(InvalidAnswerError, match=r"does not end.*DhcpV4EnumSubnetClients"):
            Server(api).clients(SCOPE)


class TestLostPlace:
    """The client whose address is the handle is deleted between two calls."""

    def test_the_enumeration_goes_on_from_an_earlier_page(self):
        def delete(call, lasts):
            if call == 3:
                lasts.remove(4)

        api = Leases(range(1, 9), delete)
        assert addresses(Server(api).iter_clients(SCOPE)) == [1, 2, 3, 4, 5, 6, 7, 8]

    def test_it_goes_back_to_the_beginning_if_all_earlier_handles_have_gone(self):
        def delete(call, lasts):
            if call == 6:
                lasts[:] = [last for last in lasts if last % 2]

        api = Leases(range(1, 21), delete)
        assert addresses(Server(api).iter_clients(SCOPE)) == [*range(1, 11), *range(11, 21, 2)]
        assert api.count <= 6 + 3 + 10

    def test_new_clients_in_front_are_left_out_and_behind_are_not(self):
        def change(call, lasts):
            if call == 2:
                lasts[:] = [1, 2, 3, 5, 11, 25, 30]

        assert addresses(Server(Leases([10, 20, 30, 40], change)).clients(SCOPE)) == [10, 20, 25, 30]

    def test_a_failing_database_is_an_error(self):
        def fail(call, lasts):
            if call >= 3:
                raise from_code(ErrorCode.ERROR_DHCP_JET_ERROR, "DhcpV4EnumSubnetClients", "dhcp1")

        api = Leases(range(1, 200), fail)
        with pytest.raises(DhcpError, match="20013"):
            Server(api).clients(SCOPE)
        assert api.count < 10

    def test_a_failing_first_call_is_not_repeated(self):
        api = RecordingApi(enum_clients=from_code(ErrorCode.ERROR_DHCP_JET_ERROR, "f", "dhcp1"))
        with pytest.raises(DhcpError, match="20013"):
            Server(api).clients(SCOPE)
        assert len(api.calls) == 1

    def test_a_server_with_another_order_is_an_error(self):
        """Nobody could tell which clients were returned already."""

        def delete(call, lasts):
            if call == 3:
                lasts.remove(3)

        with pytest.raises(DhcpError, match="20013"):
            Server(Leases([5, 1, 7, 3, 9, 2], delete)).clients(SCOPE)
        assert addresses(Server(Leases([5, 1, 7, 3, 9, 2])).clients(SCOPE)) == [5, 1, 7, 3, 9, 2]

    def test_a_server_that_always_loses_the_place(self):
        def lose(call, lasts):
            lasts[0] += 1  # the handle of the call before has gone
            if call > 1:
                lasts[0] = 1 + call % 2

        api = Leases([1, 200], lose, size=1)
        with pytest.raises(DhcpError, match="20013"):
            Server(api).clients(SCOPE)
        assert api.count < 500

    @given(data=st.data())
    def test_whoever_stays_comes_once(self, data):
        """Clients come and go between all calls; the result is in order, without duplicates, and has all who stayed."""
        lasts = data.draw(st.lists(st.integers(1, 250), unique=True, max_size=30).map(sorted))
        stays = {last for last in lasts if data.draw(st.booleans())}

        def change(call, lasts):
            for last in [last for last in lasts if last not in stays]:
                if call < 40 and data.draw(st.booleans()):
                    lasts.remove(last)
            if call < 40:
                lasts[:] = sorted({*lasts, *data.draw(st.lists(st.integers(1, 250), max_size=2))})

        found = addresses(Server(Leases(lasts, change)).iter_clients(SCOPE))
        assert found == sorted(set(found))
        assert stays <= set(found)


class TestRecords:
    @pytest.mark.parametrize("given_id", [MAC, unique_client_id(SCOPE, MAC)], ids=["client identifier", "unique ID"])
    def test_the_client_identifier_alone_is_sent(self, given_id):
        api = RecordingApi()
        Server(api).create_client(LEASE.replace(client_id=given_id))
        Server(api).set_client(LEASE.replace(client_id=given_id))
        ((_, (created,)), (_, (values,))) = api.calls
        assert created.client_id == values.client_id == MAC
        assert isinstance(values, ClientValues)

    def test_the_prefix_of_another_scope_is_part_of_the_identifier(self):
        api = RecordingApi()
        foreign = unique_client_id(IPv4Address("10.9.9.0"), MAC)
        Server(api).create_client(LEASE.replace(client_id=foreign))
        assert api.calls[0][1][0].client_id == foreign

    @pytest.mark.parametrize("method", ["create_client", "set_client"])
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"client_id": b""}, r"^client_id must have 1 to 250 bytes, got 0$"),
            ({"client_id": bytes(251)}, r"^client_id must have 1 to 250 bytes, got 251$"),
            ({"name": "a\0b"}, r"^name must not contain NUL"),
            ({"comment": "\0"}, r"^comment must not contain NUL"),
        ],
    )
    def test_values_that_cannot_be_sent(self, method, changes, message):
        api = RecordingApi()
        with pytest.raises(ValueError, match=message):
            getattr(Server(api), method)(LEASE.replace(**changes))
        assert api.calls == []

    @pytest.mark.parametrize("method", ["create_client", "set_client"])
    def test_something_else(self, method):
        with pytest.raises(TypeError, match=r"^client must be Client, not str$"):
            getattr(Server(RecordingApi()), method)("10.0.1.50")

    def test_an_empty_text_is_a_value(self):
        api = RecordingApi()
        Server(api).set_client(LEASE.replace(name="", comment=None))
        ((_, (values,)),) = api.calls
        assert (values.name, values.comment) == ("", None)

    def test_a_client_needs_one_key(self):
        for keys in ({}, {"address": "10.0.1.5", "name": "x"}, {"scope": "10.0.1.0", "name": "x"}):
            with pytest.raises(ValueError, match=r"^(pass exactly one|scope is only valid)"):
                Server(RecordingApi()).get_client(**keys)


class TestFilters:
    def test_both_lists_are_read_one_after_the_other(self):
        api = RecordingApi()
        Server(api).filters()
        assert [arguments[0] for _, arguments in api.calls] == [FilterList.DENY, FilterList.ALLOW]

    def test_pages_are_followed_by_their_last_pattern(self):
        patterns = [FilterPattern(octets=bytes([number]), wildcard=True) for number in range(5)]
        entries = [Filter(pattern=pattern, filter_list=FilterList.ALLOW) for pattern in patterns]

        class Pages(RecordingApi):
            def enum_filters(self, filter_list, resume=None, preferred_maximum=0xFFFFFFFF):
                start = 0 if resume is None else patterns.index(resume) + 1
                page = tuple(entries[start : start + 2])
                return Page(page, page[-1].pattern, 5 - start - len(page), 259 if start == 4 else 234)

        assert Server(Pages()).filters(filter_list=FilterList.ALLOW) == entries

    @pytest.mark.parametrize(
        ("pattern", "message"),
        [
            (FilterPattern(octets=MAC, match_hardware_type=False), "match_hardware_type must be True"),
            (FilterPattern(octets=MAC[:5]), r"octets must have 6 bytes, got 5; or set wildcard=True"),
            (FilterPattern(octets=MAC, wildcard=True), "octets must have 1 to 5 bytes in a wildcard, got 6"),
            (FilterPattern(wildcard=True), "octets must have 1 to 5 bytes in a wildcard, got 0"),
            (FilterPattern(octets=MAC, hardware_type=6), "pattern must be a wildcard without octets"),
            (FilterPattern(wildcard=True, hardware_type=300), "hardware_type must be between 0 and 255, got 300"),
        ],
        ids=str,
    )
    def test_a_pattern_that_servers_refuse(self, pattern, message):
        api = RecordingApi()
        for call in (
            lambda: Server(api).create_filter(Filter(pattern=pattern, filter_list=FilterList.ALLOW)),
            lambda: Server(api).delete_filter(pattern),
        ):
            with pytest.raises(ValueError, match=f"^{message}"):
                call()
        assert api.calls == []

    def test_an_exemption_is_in_the_allow_list(self):
        exempt = FilterPattern(wildcard=True, hardware_type=6)
        with pytest.raises(ValueError, match=r"^filter_list must be ALLOW for a hardware type other than 1, got DENY$"):
            Server(RecordingApi()).create_filter(Filter(pattern=exempt, filter_list=FilterList.DENY))

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda server: server.create_filter("00-15-5d-01-02-03"), "entry must be Filter, not str"),
            (lambda server: server.delete_filter(b"123456"), "pattern must be FilterPattern or str, not bytes"),
            (lambda server: server.set_filter_lists(allow=1, deny=False), "allow must be bool, not int"),
            (lambda server: server.filters(filter_list=1), "filter_list must be FilterList, not int"),
        ],
    )
    def test_wrong_types(self, call, message):
        with pytest.raises(TypeError, match=f"^{message}$"):
            call(Server(RecordingApi()))


class TestPatternText:
    @pytest.mark.parametrize("text", ["00-1C-25-80-A0-43", "00:1c:25:80:a0:43", "001c.2580.a043", "001c2580a043"])
    def test_an_address(self, text):
        pattern = FilterPattern.parse(text)
        assert pattern == FilterPattern(octets=bytes.fromhex("001c2580a043"))
        assert str(pattern) == "00-1C-25-80-A0-43"

    @pytest.mark.parametrize("text", ["00-1C-25-*", "00-1C-25-*-*-*", "001C25*", "00:1c:25:*:*:*"])
    def test_a_wildcard(self, text):
        pattern = FilterPattern.parse(text)
        assert pattern == FilterPattern(octets=bytes.fromhex("001c25"), wildcard=True)
        assert str(pattern) == "00-1C-25-*"

    @pytest.mark.parametrize("text", ["", "-", "0", "00-1", "0g-00", "*-00", "00-*-00", "00-1C-25-8*"])
    def test_neither(self, text):
        with pytest.raises(ValueError, match=r"^pattern must be hexadecimal bytes, with \* at the end of a wildcard"):
            FilterPattern.parse(text)

    def test_something_else(self):
        with pytest.raises(TypeError, match=r"^pattern must be str, not bytes$"):
            FilterPattern.parse(b"001c25")
