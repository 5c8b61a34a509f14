"""How `Server.get_failover_client` reads its keys: client identifiers, unique IDs, names and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo import Server
from dhcpfo.enums import SearchType
from dhcpfo.models import ClientSearch, unique_client_id
from recording import RecordingApi, refused

addresses = st.ip_addresses(v=4)
unfit_text = st.just("") | st.tuples(st.text(), st.text()).map("\0".join)


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
