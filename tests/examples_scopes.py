"""Examples for scopes and their elements; see `examples`."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

from dhcpfo.enums import ClientType, ElementType, ForceFlag, RangeType, ScopeState
from dhcpfo.models import (
    AddressRange,
    Page,
    Reservation,
    Scope,
    ScopeElement,
    ScopeRange,
    Superscope,
    SuperscopeEntry,
    unique_client_id,
)
from examples_base import ADDED, ADDRESS, HOST, MAC, SCOPE, Example

SCOPE_INFO = Scope(
    scope_id=SCOPE,
    subnet_mask="255.255.255.128",
    name="Branch 17",
    comment="ground floor",
    primary_host=HOST,
    state=ScopeState.DISABLED_SWITCHED,
    quarantine=6,
)
NEW_SCOPE = Scope(
    scope_id=SCOPE, subnet_mask="255.255.255.0", name="Branch 18", comment="first floor", state=ScopeState.DISABLED
)
SUPERSCOPES = (
    SuperscopeEntry(scope_id=SCOPE, number=2, name="East"),
    SuperscopeEntry(scope_id=ADDED[0]),
    SuperscopeEntry(scope_id=ADDED[1], number=2, name="East"),
)

RANGE = ScopeRange(start="10.0.1.10", end="10.0.1.200", type=RangeType.BOTH, bootp_allocated=2, max_bootp=16)
NEW_RANGE = ScopeRange(start="10.0.1.5", end="10.0.1.250", type=RangeType.BOTH, max_bootp=17)
EXCLUSION = AddressRange(start="10.0.1.20", end="10.0.1.30")
RESERVED = Reservation(
    address=ADDRESS,
    client_id=unique_client_id(SCOPE, MAC),
    name="printer",
    description="second floor",
    type=ClientType.BOOTP,
    has_options=True,
)
NEW_RESERVATION = Reservation(address="10.0.1.78", client_id=bytes.fromhex("0a1b2c3d4e60"), type=ClientType.DHCP)
FREE = (IPv4Address("10.0.1.101"), IPv4Address("10.0.1.103"))

MODELS = (
    EXCLUSION,
    RANGE,
    RESERVED,
    SCOPE_INFO,
    SUPERSCOPES[0],
    ScopeElement(type=ElementType.EXCLUSIONS, value=EXCLUSION),
    Superscope(name="East", scopes=ADDED),
)

EXAMPLES: dict[str, Example] = {
    "enum_scopes": Example((0, 0xFFFFFFFF), Page(tuple(ADDED), 9, 0, 0), "scopes", result=list(ADDED)),
    "get_scope": Example((SCOPE,), SCOPE_INFO, "get_scope", ("10.0.1.0",), result=SCOPE_INFO),
    "create_scope": Example(
        (SCOPE, NEW_SCOPE),
        None,
        "create_scope",
        ("10.0.1.0/24",),
        {"name": "Branch 18", "comment": "first floor", "state": ScopeState.DISABLED},
    ),
    "set_scope": Example(
        (SCOPE, replace(SCOPE_INFO, name="Branch 19", comment=None, state=ScopeState.ENABLED)),
        None,
        "set_scope",
        ("10.0.1.0",),
        {"name": "Branch 19", "comment": None, "state": ScopeState.ENABLED},
        before=(("get_scope", (SCOPE,)),),
    ),
    "delete_scope": Example(
        (SCOPE, ForceFlag.FAILOVER_FORCE),
        None,
        "delete_scope",
        ("10.0.1.0",),
        {"force": ForceFlag.FAILOVER_FORCE},
    ),
    "get_scope_delay": Example(
        (SCOPE,), timedelta(milliseconds=513), "get_scope_delay", ("10.0.1.0",), result=timedelta(milliseconds=513)
    ),
    "set_scope_delay": Example(
        (SCOPE, timedelta(milliseconds=514)),
        None,
        "set_scope_delay",
        ("10.0.1.0",),
        {"delay": timedelta(milliseconds=514)},
    ),
    "get_superscope_table": Example(
        (), SUPERSCOPES, "superscopes", result=[Superscope(name="East", scopes=[SCOPE, ADDED[1]])]
    ),
    "set_superscope": Example(
        (SCOPE, "East", True), None, "set_superscope", ("10.0.1.0",), {"name": "East", "move": True}
    ),
    "delete_superscope": Example(("East",), None, "delete_superscope", ("East",)),
    "enum_elements": Example(
        (SCOPE, ElementType.DHCP_BOOTP_RANGES, 0, 0xFFFFFFFF),
        Page((ScopeElement(type=ElementType.DHCP_BOOTP_RANGES, value=RANGE),), 7, 0, 0),
        "ranges",
        ("10.0.1.0",),
        result=[RANGE],
    ),
    "add_element": Example(
        (SCOPE, ScopeElement(type=ElementType.RESERVATIONS, value=NEW_RESERVATION)),
        None,
        "add_reservation",
        ("10.0.1.0", "10.0.1.78", "0a-1b-2c-3d-4e-60"),
        {"type": ClientType.DHCP},
    ),
    "remove_element": Example(
        (SCOPE, ScopeElement(type=ElementType.EXCLUSIONS, value=EXCLUSION), ForceFlag.NO_FORCE),
        None,
        "remove_exclusion",
        ("10.0.1.0", "10.0.1.20", "10.0.1.30"),
    ),
    "enum_reservations": Example(
        (SCOPE, 0, 0xFFFFFFFF),
        Page((RESERVED,), 7, 0, 0),
        "reservations",
        ("10.0.1.0",),
        result=[replace(RESERVED, client_id=MAC)],
    ),
    "get_free_addresses": Example(
        (SCOPE, IPv4Address("10.0.1.100"), IPv4Address("10.0.1.120"), 2),
        FREE,
        "free_addresses",
        ("10.0.1.0",),
        {"count": 2, "start": "10.0.1.100", "end": "10.0.1.120"},
        result=list(FREE),
    ),
}

VARIANTS: dict[str, tuple[str, Example]] = {
    "exclusions": (
        "enum_elements",
        Example(
            (SCOPE, ElementType.EXCLUSIONS, 0, 0xFFFFFFFF),
            Page((ScopeElement(type=ElementType.EXCLUSIONS, value=EXCLUSION),), 7, 0, 0),
            "exclusions",
            ("10.0.1.0",),
            result=[EXCLUSION],
        ),
    ),
    "add_range": (
        "add_element",
        Example(
            (SCOPE, ScopeElement(type=ElementType.DHCP_BOOTP_RANGES, value=NEW_RANGE)),
            None,
            "add_range",
            ("10.0.1.0", "10.0.1.5", "10.0.1.250"),
            {"type": RangeType.BOTH, "max_bootp": 17},
        ),
    ),
    "remove_range": (
        "remove_element",
        Example(
            (
                SCOPE,
                ScopeElement(
                    type=ElementType.RANGES,
                    value=ScopeRange(start="10.0.1.10", end="10.0.1.200", type=RangeType.UNSPECIFIED),
                ),
                ForceFlag.FULL_FORCE,
            ),
            None,
            "remove_range",
            ("10.0.1.0", "10.0.1.10", "10.0.1.200"),
            {"force": ForceFlag.FULL_FORCE},
        ),
    ),
    "add_exclusion": (
        "add_element",
        Example(
            (SCOPE, ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange("10.0.1.9", "10.0.1.9"))),
            None,
            "add_exclusion",
            ("10.0.1.0", "10.0.1.9"),
        ),
    ),
    "remove_reservation": (
        "remove_element",
        Example(
            (
                SCOPE,
                ScopeElement(type=ElementType.RESERVATIONS, value=Reservation(address=ADDRESS, client_id=MAC)),
                ForceFlag.NO_FORCE,
            ),
            None,
            "remove_reservation",
            ("10.0.1.0", "10.0.1.77", MAC),
        ),
    ),
}
