"""Every rule of the service functions, and what they answer, on every backend; names as in test_failover_rules.py."""

import pytest
from worlds import Rights, World

from dhcpfo.enums import AttributeId
from dhcpfo.errors import DhcpError
from dhcpfo.models import ServerAttribute, ServerVersion

EVERY_ID = tuple(AttributeId)
UNKNOWN = (AttributeId(7), AttributeId(99))


REFUSALS: dict[str, tuple[Rights, tuple[AttributeId, ...], int]] = {
    "attributes-1": (Rights.NONE, EVERY_ID, 5),
    "attributes-1-before-2": (Rights.NONE, (), 5),
    "attributes-1-before-3": (Rights.NONE, UNKNOWN, 5),
    "attributes-2": (Rights.USER, (), 87),
    "attributes-3": (Rights.USER, UNKNOWN, 50),
}
"""The checks in their order: access, number of ids, known ids."""


@pytest.mark.parametrize(("rights", "ids", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_and_its_place(world: World, rights: Rights, ids: tuple[AttributeId, ...], code: int) -> None:
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1", rights).query_attributes(ids)
    assert (refused.value.winerror, refused.value.function) == (code, "DhcpServerQueryAttributes")


@pytest.mark.parametrize("rights", Rights)
@pytest.mark.parametrize("version", [ServerVersion(6, 1), ServerVersion(6, 3), ServerVersion(10, 0)], ids=str)
def test_version_2_answers_anybody(world: World, rights: Rights, version: ServerVersion) -> None:
    assert world.api("dhcp1", rights).get_version() == ServerVersion(10, 0)
    world.lab.set_version("dhcp1", version.major, version.minor)
    assert world.api("dhcp1", rights).get_version() == version
    assert world.api("dhcp2", rights).get_version() == ServerVersion(10, 0)


@pytest.mark.parametrize(("rights", "administrator"), [(Rights.ADMINISTRATOR, True), (Rights.USER, False)])
def test_attributes_4_answers_every_id(world: World, rights: Rights, administrator: bool) -> None:
    answers = world.api("dhcp1", rights).query_attributes(EVERY_ID)
    assert answers == (
        ServerAttribute(AttributeId.IS_ROGUE, False),
        ServerAttribute(AttributeId.IS_DYNAMIC_BOOTP, True),
        ServerAttribute(AttributeId.IS_PART_OF_DIRECTORY, False),
        ServerAttribute(AttributeId.IS_BINDING_AWARE, True),
        ServerAttribute(AttributeId.IS_ADMINISTRATOR, administrator),
        ServerAttribute(AttributeId.RESTORE_STATUS, 0),
    )
    assert [type(answer.value) for answer in answers] == [bool] * 5 + [int]


def test_attributes_4_keeps_the_order_of_the_ids(world: World) -> None:
    ids = (AttributeId.RESTORE_STATUS, AttributeId.IS_BINDING_AWARE, AttributeId.IS_ROGUE)
    assert tuple(answer.id for answer in world.api("dhcp1").query_attributes(ids)) == ids


@pytest.mark.parametrize("place", [0, 1, 2])
def test_attributes_4_answers_the_known_ones_of_some(world: World, place: int) -> None:
    """The code is 50 and there is data; the missing ones tell what the server does not know."""
    ids = [AttributeId.IS_ADMINISTRATOR, AttributeId.IS_DYNAMIC_BOOTP]
    ids.insert(place, UNKNOWN[0])
    answers = world.api("dhcp1", Rights.USER).query_attributes(tuple(ids))
    assert {answer.id: answer.value for answer in answers} == {
        AttributeId.IS_ADMINISTRATOR: False,
        AttributeId.IS_DYNAMIC_BOOTP: True,
    }
