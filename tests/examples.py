"""One example for each method of `ManagementApi` and for each model: data for any test.

`EXAMPLES` is keyed by method name. Every field of an example has a distinct value, so that two swapped fields show.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

import examples_clients
import examples_policies
import examples_scopes
import examples_service
from dhcpfo import (
    AddressStatus,
    FailoverClient,
    FailoverMode,
    FailoverState,
    Relationship,
    RelationshipFlags,
    ScopeStatistics,
    ServerType,
    SystemTime,
)
from dhcpfo.enums import (
    AttributeId,
    ClientType,
    OptionLevelType,
    OptionType,
    QuarantineStatus,
    SearchType,
)
from dhcpfo.models import (
    AllOptions,
    ClassOptionValues,
    ClientSearch,
    DhcpClass,
    OptionData,
    OptionDefinition,
    OptionElement,
    OptionLevel,
    OptionValue,
    Page,
    PolicyOptionValues,
    RelationshipValues,
    ServerAttribute,
    ServerVersion,
    VendorOption,
    unique_client_id,
)
from examples_base import ADDED, ADDRESS, HOST, MAC, SCOPE, Example

SECRET = "correct horse"
NAME = "hq-branch"
RELATIONSHIP = Relationship(
    name=NAME,
    primary_server="192.0.2.1",
    secondary_server="192.0.2.2",
    primary_server_name="dhcp1.example.com",
    secondary_server_name="dhcp2.example.com",
    mode=FailoverMode.LOAD_BALANCE,
    server_type=ServerType.SECONDARY,
    state=FailoverState.NORMAL,
    previous_state=FailoverState.RECOVER_DONE,
    mclt=timedelta(minutes=90),
    state_switch_interval=timedelta(minutes=45),
    percentage=70,
    scopes=["10.0.1.0", "10.0.2.0", "10.0.3.0"],
    shared_secret=SECRET,
)

VALUES: dict[str, Any] = {
    "mclt": timedelta(hours=2),
    "state_switch_interval": timedelta(minutes=10),
    "state": FailoverState.PARTNER_DOWN,
    "previous_state": FailoverState.COMMUNICATION_INTERRUPTED,
    "mode": FailoverMode.HOT_STANDBY,
    "percentage": 8,
    "shared_secret": SECRET,
}
"""One value for each keyword of `Server.set_relationship`."""

RELATIONSHIP_VALUES = RelationshipValues(**VALUES)
ALL_FLAGS = RelationshipFlags(sum(RelationshipFlags))

STATISTICS = ScopeStatistics(
    addresses_total=200,
    addresses_free=150,
    addresses_in_use=50,
    addresses_free_on_this_server=90,
    addresses_free_on_partner_server=60,
    addresses_in_use_on_this_server=30,
    addresses_in_use_on_partner_server=20,
)


def moment(minute: int) -> datetime:
    """Return a time of one day, in UTC."""
    return datetime(2026, 5, 4, 12, minute, tzinfo=UTC)


CLIENT = FailoverClient(
    address=ADDRESS,
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=unique_client_id(SCOPE, MAC),
    name="printer",
    comment="second floor",
    lease_expires=moment(1),
    owner=HOST,
    client_type=ClientType.BOTH,
    address_state=0x29,
    quarantine_status=QuarantineStatus.EXEMPT,
    probation_ends=moment(2),
    quarantine_capable=True,
    potential_expiration_sent=moment(3),
    potential_expiration_acknowledged=moment(4),
    potential_expiration_received=moment(5),
    start_time=moment(6),
    last_transaction=moment(7),
    last_binding_update=moment(8),
    binding_status=9,
    policy_name="printers",
    flags=10,
)

SEARCH = ClientSearch(type=SearchType.CLIENT_ID, value=unique_client_id(SCOPE, MAC))
SYSTEM_TIME = SystemTime(time=moment(11), max_allowed_difference=timedelta(seconds=60))
VERSION = ServerVersion(6, 3)
RESTORE_STATUS = ServerAttribute(AttributeId.RESTORE_STATUS, 20013)
IS_ADMINISTRATOR = ServerAttribute(AttributeId.IS_ADMINISTRATOR, True)

KIOSK = DhcpClass(name="Kiosk", data=b"kiosk", is_vendor=False, description="lobby", flags=7)

PLAIN_DEFINITION = OptionDefinition(
    id=77, name="Lobby servers", type=OptionType.IP_ADDRESS, default=["10.0.0.7"], multivalued=True, description="test"
)
DEFINITION = PLAIN_DEFINITION.replace(vendor_class="Phones", user_class="Kiosk")
ADDRESSES = OptionData(OptionType.IP_ADDRESS, ["10.0.1.5", "10.0.1.6"])
PLAIN_VALUE = OptionValue(6, ADDRESSES.type, ADDRESSES.values)
TEXT_VALUE = OptionValue(15, OptionType.STRING, "lab.test")
VALUE = TEXT_VALUE.replace(vendor_class="Phones", user_class="Kiosk", policy="P1")
POLICY_VALUE = PLAIN_VALUE.replace(vendor_class="Phones", policy="P1")
KIOSK_VALUE = PLAIN_VALUE.replace(vendor_class="Phones", user_class="Kiosk")
ODD_ELEMENT = OptionElement(OptionType.DWORD, 691200)
RESERVATION = OptionLevel(OptionLevelType.RESERVATION, SCOPE, ADDRESS)
AT_SCOPE = OptionLevel(OptionLevelType.SCOPE, SCOPE)
VENDOR_OPTION = VendorOption(definition=PLAIN_DEFINITION, vendor_class="Phones", user_class="Kiosk")
ALL_OPTIONS = AllOptions(standard=[PLAIN_DEFINITION.replace(id=78)], vendor=[VENDOR_OPTION])
OF_CLASS = ClassOptionValues(
    values=[PLAIN_VALUE, TEXT_VALUE], vendor_class="Phones", user_class="Kiosk", is_vendor=True
)
OF_POLICY = PolicyOptionValues(values=[PLAIN_VALUE], policy="P1", vendor_class="Phones", is_vendor=True)
IN_RESERVATION = {"scope": "10.0.1.0", "reservation": "10.0.1.77"}
OF_KIOSK = {"vendor_class": "Phones", "user_class": "Kiosk"}
LAST_PAGE = Page((RELATIONSHIP,), 7, 0, 259)
"""A page that ends an enumeration."""

MODELS: dict[type, Any] = {
    type(model): model
    for model in (
        *examples_clients.MODELS,
        *examples_scopes.MODELS,
        CLIENT,
        HOST,
        LAST_PAGE,
        RELATIONSHIP,
        RELATIONSHIP_VALUES,
        RESTORE_STATUS,
        SEARCH,
        STATISTICS,
        SYSTEM_TIME,
        VERSION,
        KIOSK,
        DEFINITION,
        ADDRESSES,
        VALUE,
        ODD_ELEMENT,
        RESERVATION,
        VENDOR_OPTION,
        ALL_OPTIONS,
        OF_CLASS,
        OF_POLICY,
        *examples_policies.MODELS,
        *examples_service.MODELS,
    )
}
"""One instance of each data class in `dhcpfo.models`."""


EXAMPLES: dict[str, Example] = {
    "create_relationship": Example((RELATIONSHIP,), None, "create_relationship", (RELATIONSHIP,)),
    "set_relationship": Example((NAME, ALL_FLAGS, RELATIONSHIP_VALUES), None, "set_relationship", (NAME,), VALUES),
    "delete_relationship": Example((NAME,), None, "delete_relationship", (NAME,)),
    "get_relationship": Example((NAME,), RELATIONSHIP, "get_relationship", (NAME,), result=RELATIONSHIP),
    "enum_relationships": Example((0, 0xFFFFFFFF), LAST_PAGE, "relationships", result=[RELATIONSHIP]),
    "add_failover_scopes": Example((NAME, ADDED), None, "add_failover_scopes", (NAME, ["10.0.4.0", "10.0.5.0"])),
    "remove_failover_scopes": Example((NAME, ADDED), None, "remove_failover_scopes", (NAME, list(ADDED))),
    "get_scope_relationship": Example(
        (SCOPE,), RELATIONSHIP, "get_scope_relationship", ("10.0.1.0",), result=RELATIONSHIP
    ),
    "get_scope_statistics": Example((SCOPE,), STATISTICS, "get_scope_statistics", ("10.0.1.0",), result=STATISTICS),
    "get_failover_client": Example(
        (SEARCH,), CLIENT, "get_failover_client", keywords={"client_id": MAC, "scope": "10.0.1.0"}, result=CLIENT
    ),
    "get_system_time": Example((), SYSTEM_TIME, "get_system_time", result=SYSTEM_TIME),
    "get_address_status": Example(
        (ADDRESS,), AddressStatus.SECONDARY, "get_address_status", ("10.0.1.77",), result=AddressStatus.SECONDARY
    ),
    "trigger_address_allocation": Example((NAME,), None, "trigger_address_allocation", (NAME,)),
    "get_all_options": Example(
        (), ALL_OPTIONS, "option_definitions", result=[PLAIN_DEFINITION.replace(id=78), DEFINITION]
    ),
    "enum_options": Example(
        (3, "Kiosk", "Phones", 0, 0x10000),
        Page((PLAIN_DEFINITION,), 1, 0, 0),
        "iter_option_definitions",
        keywords=OF_KIOSK,
        result=[DEFINITION],
    ),
    "get_option": Example(
        (77, 3, "Kiosk", "Phones"), PLAIN_DEFINITION, "get_option_definition", (77,), OF_KIOSK, DEFINITION
    ),
    "create_option": Example((77, 3, "Kiosk", "Phones", DEFINITION), None, "create_option_definition", (DEFINITION,)),
    "set_option": Example((77, 3, "Kiosk", "Phones", DEFINITION), None, "set_option_definition", (DEFINITION,)),
    "remove_option": Example((77, 3, "Kiosk", "Phones"), None, "delete_option_definition", (77,), OF_KIOSK),
    "get_all_option_values": Example(
        (RESERVATION,),
        (OF_CLASS,),
        "option_values",
        keywords=IN_RESERVATION,
        result=[KIOSK_VALUE, TEXT_VALUE.replace(**OF_KIOSK)],
    ),
    "enum_option_values": Example(
        (RESERVATION, 3, "Kiosk", "Phones", 0, 0x10000),
        Page((PLAIN_VALUE,), 1, 0, 259),
        "iter_option_values",
        keywords=IN_RESERVATION | OF_KIOSK,
        result=[KIOSK_VALUE],
    ),
    "get_option_value": Example(
        (6, RESERVATION, 3, "Kiosk", "Phones"),
        PLAIN_VALUE,
        "get_option_value",
        (6,),
        IN_RESERVATION | OF_KIOSK,
        KIOSK_VALUE,
    ),
    "set_option_value": Example(
        (6, RESERVATION, 3, "Kiosk", "Phones", ADDRESSES),
        None,
        "set_option_value",
        (6, "10.0.1.5", "10.0.1.6"),
        IN_RESERVATION | OF_KIOSK | {"type": OptionType.IP_ADDRESS},
    ),
    "set_option_values": Example(
        (RESERVATION, 3, "Kiosk", "Phones", (KIOSK_VALUE,)),
        None,
        "set_option_values",
        ([KIOSK_VALUE],),
        IN_RESERVATION,
    ),
    "remove_option_value": Example(
        (6, RESERVATION, 3, "Kiosk", "Phones"), None, "delete_option_value", (6,), IN_RESERVATION | OF_KIOSK
    ),
    "get_all_policy_option_values": Example(
        (AT_SCOPE,), (OF_POLICY,), "policy_option_values", keywords={"scope": "10.0.1.0"}, result=[POLICY_VALUE]
    ),
    "get_policy_option_value": Example(
        (6, AT_SCOPE, 3, "P1", "Phones"),
        PLAIN_VALUE,
        "get_option_value",
        (6,),
        {"scope": "10.0.1.0", "policy": "P1", "vendor_class": "Phones"},
        POLICY_VALUE,
    ),
    "set_policy_option_value": Example(
        (6, AT_SCOPE, 3, "P1", "Phones", ADDRESSES),
        None,
        "set_option_value",
        (6, "10.0.1.5", "10.0.1.6"),
        {"scope": "10.0.1.0", "policy": "P1", "vendor_class": "Phones", "type": OptionType.IP_ADDRESS},
    ),
    "set_policy_option_values": Example(
        (AT_SCOPE, 3, "P1", "Phones", (POLICY_VALUE,)),
        None,
        "set_option_values",
        ([POLICY_VALUE],),
        {"scope": "10.0.1.0"},
    ),
    "remove_policy_option_value": Example(
        (6, AT_SCOPE, 3, "P1", "Phones"),
        None,
        "delete_option_value",
        (6,),
        {"scope": "10.0.1.0", "policy": "P1", "vendor_class": "Phones"},
    ),
    "enum_classes": Example((0, 0xFFFFFFFF), Page((KIOSK,), 9, 0, 0), "classes", result=[KIOSK]),
    "get_class": Example(
        (DhcpClass(name="Kiosk", data=b"kiosk"),), KIOSK, "get_class", ("Kiosk",), {"data": "kiosk"}, KIOSK
    ),
    "create_class": Example((KIOSK,), None, "create_class", (KIOSK,)),
    "modify_class": Example((KIOSK,), None, "set_class", (KIOSK,)),
    "delete_class": Example(("Kiosk",), None, "delete_class", ("Kiosk",)),
    "get_version": Example((), VERSION, "get_version", result=VERSION),
    "query_attributes": Example(
        ((AttributeId.IS_ADMINISTRATOR, AttributeId.RESTORE_STATUS),),
        (IS_ADMINISTRATOR, RESTORE_STATUS),
        "get_attributes",
        (AttributeId.IS_ADMINISTRATOR, AttributeId.RESTORE_STATUS),
        result={AttributeId.IS_ADMINISTRATOR: True, AttributeId.RESTORE_STATUS: 20013},
    ),
    **{method: Example(**call) for method, call in (examples_policies.CALLS | examples_service.CALLS).items()},
}
"""One right call of each method of `ManagementApi`."""

EXAMPLES |= examples_scopes.EXAMPLES | examples_clients.EXAMPLES

ENUMERATIONS = {method for method, example in EXAMPLES.items() if isinstance(example.answer, Page)}
"""The methods that answer pages."""

VARIANTS = examples_scopes.VARIANTS | examples_clients.VARIANTS
"""Other methods of `Server` that make a call, by name: the method of `ManagementApi`, and the call."""

ARGUMENTS = {method: example.arguments for method, example in EXAMPLES.items()}
ANSWERS = {method: example.answer for method, example in EXAMPLES.items()}


def values(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a model's fields."""
    assert is_dataclass(model)
    for entry in fields(model):
        yield entry.name, getattr(model, entry.name)
