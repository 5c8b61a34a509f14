"""Checks that the functions for options share: flags, classes and levels; and what option 51 is good for."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address

from ...enums import OptionLevelType
from ...errors import ErrorCode
from ...limits import MAX_DWORD
from ...models import OptionLevel
from ...models.standard_options import LEASE
from ..state import Host
from ..tables.options import OptionTable, StoredValue, unpack
from ..transaction import Call

__all__ = [
    "DNS_SETTINGS",
    "LEASE",
    "WITH_DNS_CONDITION",
    "classes_known",
    "find_table",
    "is_vendor",
    "policy_table",
    "update_lease_times",
]

DNS_SETTINGS = 81
"""The option that has no definition on a real server, and values on every level."""

IS_VENDOR = 3
WITH_DNS_CONDITION = (LEASE, DNS_SETTINGS)
"""The options that a policy with a condition on the DNS name can have."""


def is_vendor(call: Call, flags: int) -> bool:
    """Return whether the flags mean the options of a vendor class, or answer 87."""
    if call.lab.switches.option_flags_by_mask:
        call.refuse(flags != 0 and not flags & IS_VENDOR, ErrorCode.ERROR_INVALID_PARAMETER)
        return flags != 0
    call.refuse(flags not in (0, IS_VENDOR), ErrorCode.ERROR_INVALID_PARAMETER)
    return flags == IS_VENDOR


def classes_known(call: Call, user_class: str | None, vendor_class: str | None) -> None:
    """Answer 20044 unless the server has both classes; None is the default class."""
    classes = call.host.classes
    unknown = user_class is not None and classes.get(user_class, False) is None
    unknown |= vendor_class is not None and classes.get(vendor_class, True) is None
    call.refuse(unknown, ErrorCode.ERROR_DHCP_CLASS_NOT_FOUND)


def find_table(
    call: Call,
    level: OptionLevel,
    *,
    no_scope: int = ErrorCode.ERROR_FILE_NOT_FOUND,
    multicast: int = ErrorCode.ERROR_FILE_NOT_FOUND,
) -> OptionTable:
    """Return the table with the values of a level.

    Args:
        call: The call that is answered.
        level: The level; not the default one.
        no_scope: The code where no scope contains a reserved address.
        multicast: The code for a multicast scope, of which there are none.
    """
    match level.type:
        case OptionLevelType.SERVER:
            return call.host.options
        case OptionLevelType.SCOPE:
            found = call.host.scopes.get(level.scope) if level.scope is not None else None
            return call.need(found, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT).options
        case OptionLevelType.RESERVATION if level.reservation is not None:
            scope = call.need(call.host.scope_of_address(level.reservation), no_scope)
            reserved = level.reservation in scope.reservations
            call.refuse(not reserved, ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT)
            other = scope.network.network_address != level.scope
            call.refuse(other, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)
            return scope.options
        case OptionLevelType.MULTICAST_SCOPE:
            raise call.error(multicast)
    raise call.error(ErrorCode.ERROR_INVALID_PARAMETER)


def policy_table(
    call: Call,
    level: OptionLevel,
    allowed: bool,
    policy: str | None,
    options: Sequence[int],
    vendor_class: str | None,
    empty: bool = False,
) -> OptionTable:
    """Return the table with the values of a policy, after the rules that all functions for policies share."""
    refuse, owners = call.refuse, (OptionLevelType.SERVER, OptionLevelType.SCOPE)
    refuse(level.type not in owners, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
    refuse(not allowed, ErrorCode.ERROR_ACCESS_DENIED)  # 3
    scope = call.host.scopes.get(level.scope) if level.scope is not None else None
    policies = call.host.policies if scope is None else scope.policies
    forbidden = policies.has_dns_condition(policy) and any(option not in WITH_DNS_CONDITION for option in options)
    refuse(forbidden, ErrorCode.ERROR_DHCP_POLICY_FQDN_OPTION_UNSUPPORTED)  # 4
    refuse(empty, ErrorCode.ERROR_INVALID_PARAMETER)  # 5
    classes_known(call, None, vendor_class)  # 6
    missing = level.type == OptionLevelType.SCOPE and scope is None
    refuse(missing, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 7
    refuse(not policies.has(policy), ErrorCode.ERROR_DHCP_POLICY_NOT_FOUND)
    return call.host.options if scope is None else scope.options


def update_lease_times(host: Host, option: int, only: IPv4Address | None = None) -> None:
    """Let leases last as option 51 says: that of the scope, of the server, or the default in the definition.

    Args:
        host: The server.
        option: The option that has changed; other options decide nothing.
        only: The scope that it has changed in; None is all.
    """
    if option != LEASE:
        return
    definition = host.option_definitions.get(LEASE, False, None, None)
    default = _seconds(definition.default if definition is not None else ())
    server = _lease(host.options)
    for scope in host.scopes.values() if only is None else (host.scopes[only],):
        found = [seconds for seconds in (_lease(scope.options), server, default) if seconds is not None]
        if found:
            scope.lease_time = timedelta(seconds=found[0])


def _lease(table: OptionTable) -> int | None:
    entry = table.get(StoredValue(number=LEASE))
    return None if entry is None else _seconds(entry.data)


def _seconds(data: Sequence[str]) -> int | None:
    values = unpack(data)[1]
    return values[0] if values and isinstance(values[0], int) and values[0] <= MAX_DWORD else None
