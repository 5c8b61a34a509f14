"""Version and attributes of a server, through `Server` over a scripted and a simulated one."""

import pytest

from dhcpfo import Server
from dhcpfo.enums import AttributeId
from dhcpfo.errors import NotSupportedError
from dhcpfo.models import ServerAttribute, ServerVersion
from dhcpfo.simulator import Lab, Rights
from recording import RecordingApi

UNKNOWN = AttributeId(77)


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        yield lab


@pytest.fixture(params=["direct", pytest.param("abi", marks=pytest.mark.abi)])
def connect(lab, request):
    return lambda rights: lab.connect("dhcp1", rights=rights, direct=request.param == "direct")


def test_without_ids_all_are_asked_for():
    api = RecordingApi()
    Server(api).get_attributes()
    assert api.calls == [("query_attributes", (tuple(AttributeId),))]


def test_attributes_that_the_server_does_not_know_are_left_out():
    """It returns code 50 together with those it knows, which is not an error."""
    api = RecordingApi(query_attributes=(ServerAttribute(AttributeId.IS_ROGUE, False),))
    attributes = Server(api).get_attributes(AttributeId.IS_ROGUE, UNKNOWN)
    assert attributes == {AttributeId.IS_ROGUE: False}
    assert attributes.get(UNKNOWN) is None


@pytest.mark.parametrize("wrong", [5, "IS_ADMINISTRATOR", None, True])
def test_an_id_is_a_member_of_the_enumeration(wrong):
    api = RecordingApi()
    with pytest.raises(TypeError, match=r"^ids must be AttributeId, not \w+$"):
        Server(api).get_attributes(AttributeId.IS_ROGUE, wrong)
    assert api.calls == []


class TestSimulatedServer:
    def test_it_tells_an_administrator_from_a_user(self, connect):
        for rights, administrator in ((Rights.ADMINISTRATOR, True), (Rights.USER, False)):
            answer = connect(rights).get_attributes(AttributeId.IS_ADMINISTRATOR)
            assert answer == {AttributeId.IS_ADMINISTRATOR: administrator}
            assert type(answer[AttributeId.IS_ADMINISTRATOR]) is bool

    def test_all_attributes(self, connect):
        answer = connect(Rights.USER).get_attributes()
        assert set(answer) == set(AttributeId)
        assert type(answer[AttributeId.RESTORE_STATUS]) is int

    def test_some_are_unknown(self, connect):
        answer = connect(Rights.USER).get_attributes(UNKNOWN, AttributeId.IS_BINDING_AWARE)
        assert answer == {AttributeId.IS_BINDING_AWARE: True}

    def test_all_are_unknown(self, connect):
        with pytest.raises(NotSupportedError):
            connect(Rights.USER).get_attributes(UNKNOWN)

    def test_the_version_needs_no_rights(self, connect):
        version = connect(Rights.NONE).get_version()
        assert version >= ServerVersion(6, 2)
        with pytest.raises(PermissionError):
            connect(Rights.NONE).get_attributes()
