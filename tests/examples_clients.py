"""Examples for clients and filters; see `examples`."""

from datetime import UTC, datetime
from ipaddress import IPv4Address

from dhcpfo.enums import ClientType, FilterList, FilterStatus, QuarantineStatus, SearchType
from dhcpfo.models import (
    Client,
    ClientSearch,
    ClientValues,
    Filter,
    FilterLists,
    FilterPattern,
    Page,
    unique_client_id,
)
from examples_base import ADDRESS, HOST, MAC, SCOPE, Example

LEASE = Client(
    address=ADDRESS,
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=unique_client_id(SCOPE, MAC),
    name="plotter",
    comment="third floor",
    lease_expires=datetime(2026, 5, 4, 12, 21, tzinfo=UTC),
    owner=HOST,
    client_type=ClientType.RESERVATION,
    address_state=0x2A,
    quarantine_status=QuarantineStatus.PROBATION,
    probation_ends=datetime(2026, 5, 4, 12, 22, tzinfo=UTC),
    quarantine_capable=True,
    filter_status=FilterStatus.WILDCARD_DENY | FilterStatus.FULL_DENY,
    policy_name="plotters",
)
NEW_LEASE = LEASE.replace(client_id=MAC)
"""A record as it is sent: with the client identifier alone."""
LEASE_VALUES = ClientValues(
    address=ADDRESS,
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=MAC,
    name="plotter",
    comment="third floor",
    lease_expires=datetime(2026, 5, 4, 12, 21, tzinfo=UTC),
    owner=HOST,
    client_type=ClientType.RESERVATION,
)
LEASES = Page((LEASE,), 8, 0, 259)

PATTERN = FilterPattern(octets=MAC[:3], wildcard=True, hardware_type=7, match_hardware_type=False)
"""A pattern that servers refuse, so that all its fields differ."""
MAC_PATTERN = FilterPattern(octets=MAC)
FILTER = Filter(pattern=MAC_PATTERN, filter_list=FilterList.DENY, comment="stolen")
FILTERS = Page((FILTER,), MAC_PATTERN, 0, 259)
FILTER_LISTS = FilterLists(allow=False, deny=True)

SEARCH = ClientSearch(type=SearchType.CLIENT_ID, value=unique_client_id(SCOPE, MAC))

MODELS = (FILTER, FILTER_LISTS, LEASE, LEASE_VALUES, PATTERN)

EXAMPLES: dict[str, Example] = {
    "enum_clients": Example((SCOPE, 0, 0xFFFFFFFF), LEASES, "clients", ("10.0.1.0",), result=[LEASE]),
    "get_client": Example(
        (SEARCH,), LEASE, "get_client", keywords={"client_id": MAC, "scope": "10.0.1.0"}, result=LEASE
    ),
    "create_client": Example((NEW_LEASE,), None, "create_client", (LEASE,)),
    "set_client": Example((LEASE_VALUES,), None, "set_client", (LEASE,)),
    "delete_client": Example(
        (ClientSearch(type=SearchType.ADDRESS, value=ADDRESS),), None, "delete_client", ("10.0.1.77",)
    ),
    "enum_filters": Example(
        (FilterList.DENY, None, 65536), FILTERS, "filters", keywords={"filter_list": FilterList.DENY}, result=[FILTER]
    ),
    "create_filter": Example((FILTER, True), None, "create_filter", (FILTER,), {"overwrite": True}),
    "delete_filter": Example((MAC_PATTERN,), None, "delete_filter", ("0a-1b-2c-3d-4e-5f",)),
    "set_filter_lists": Example((FILTER_LISTS,), None, "set_filter_lists", keywords={"allow": False, "deny": True}),
    "get_filter_lists": Example((), FILTER_LISTS, "get_filter_lists", result=FILTER_LISTS),
}

VARIANTS: dict[str, tuple[str, Example]] = {
    "iter_clients": ("enum_clients", Example((SCOPE, 0, 65536), LEASES, "iter_clients", ("10.0.1.0",), result=[LEASE])),
    "set_reservation": (
        "set_client",
        Example(
            (LEASE_VALUES.replace(name="", comment="fourth floor"),),
            None,
            "set_reservation",
            ("10.0.1.77",),
            {"name": None, "description": "fourth floor"},
            before=(("get_client", (ClientSearch(type=SearchType.ADDRESS, value=ADDRESS),)),),
        ),
    ),
}
