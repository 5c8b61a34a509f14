"""The rules of the failover functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from ...api import WHOLE
from ...enums import AddressStatus, FailoverMode, FailoverState, RelationshipFlags, ServerType
from ...errors import ErrorCode
from ...limits import MAX_ADDED_SCOPES, MAX_NAME_UNITS, MAX_RELATIONSHIPS
from ...models import (
    Addresses,
    ClientSearch,
    FailoverClient,
    Page,
    Relationship,
    RelationshipValues,
    ScopeStatistics,
    SystemTime,
)
from ..leases import exchange, hold_of
from ..network import in_contact
from ..scopes import RangeType
from ..state import Endpoint, Host
from ..state_machine import change_state, re_integrating, redistribute
from ..switches import Switches
from ..transaction import Call, Rules, exclusive
from .clients import matching

__all__ = ["FailoverRules"]

ALL_FLAGS = 0x7F
DOCUMENTED_FLAGS = 0x3F

ENTRY_BYTES, ARRAY_BYTES, SCOPE_BYTES, UTF16_BYTES = 80, 16, 4, 2
"""What an enumerated relationship counts as: the two structures on a 64-bit machine, each scope, each text unit."""


class FailoverRules(Rules):
    """Offers `dhcpfo.api.FailoverApi`."""

    @exclusive
    def create_relationship(self, relationship: Relationship) -> None:
        """DhcpV4FailoverCreateRelationship ([MS-DHCPM] 3.2.4.90)."""
        with self._call("create_relationship", relationship=relationship.name) as call:
            host, switches, refuse = call.host, call.lab.switches, call.refuse
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            refuse(_incomplete(relationship), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            zero_mclt = not relationship.mclt and not switches.zero_mclt_accepted
            refuse(zero_mclt, ErrorCode.ERROR_INVALID_PARAMETER)  # 2, by Microsoft's topics
            refuse(_any_missing(host, relationship.scopes), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 3
            refuse(_any_bootp(host, relationship.scopes), switches.bootp_scope_code)  # 4
            refuse(_units(relationship.name) > MAX_NAME_UNITS, ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_NAME_TOO_LONG)  # 5
            refuse(len(host.endpoints) >= MAX_RELATIONSHIPS, ErrorCode.ERROR_DHCP_FO_MAX_RELATIONSHIPS)  # 6
            refuse(_any_related(host, relationship.scopes), ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP)  # 7
            refuse(call.find(relationship.name) is not None, ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_EXISTS)  # 8
            _check_joining(call, relationship.scopes)
            if switches.created_scopes_limited:
                refuse(len(relationship.scopes) > MAX_ADDED_SCOPES, ErrorCode.ERROR_DHCP_FO_MAX_ADD_SCOPES)
            if switches.create_checks_servers:
                _check_servers(call, relationship)
            interval = relationship.state_switch_interval
            end = Endpoint(
                relationship=replace(
                    relationship,
                    state=FailoverState.INIT,
                    previous_state=FailoverState.NO_STATE,
                    state_switch_interval=interval or None,
                ),
                entered=call.now,
                configured=call.now,
                alone_since=call.now,
            )
            change_state(end, FailoverState.STARTUP, call.now, "the relationship was created")  # 9
            host.endpoints = (*host.endpoints, end)
            _divide(host, end, relationship.scopes)

    @exclusive
    def set_relationship(self, name: str, flags: RelationshipFlags, values: RelationshipValues) -> None:
        """DhcpV4FailoverSetRelationship ([MS-DHCPM] 3.2.4.91).

        A state that is set is entered like any other: the state before becomes the previous state, unless that is set.
        """
        with self._call("set_relationship", relationship=name) as call:
            switches, refuse = call.lab.switches, call.refuse
            legal = ALL_FLAGS if switches.secret_flag_accepted else DOCUMENTED_FLAGS
            refuse(_bad_values(flags, values, legal), ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            zero_mclt = bool(flags & RelationshipFlags.MCLT) and not values.mclt and not switches.zero_mclt_accepted
            refuse(zero_mclt, ErrorCode.ERROR_INVALID_PARAMETER)  # 1, by Microsoft's topics
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 3
            if values.state == FailoverState.PARTNER_DOWN and flags & RelationshipFlags.STATE:
                in_normal = end.state == FailoverState.NORMAL and not switches.partner_down_accepted_in_normal
                refuse(in_normal, ErrorCode.ERROR_INVALID_PARAMETER)
            if switches.only_partner_down and flags & RelationshipFlags.STATE:
                documented = (values.state, end.state) == (
                    FailoverState.PARTNER_DOWN,
                    FailoverState.COMMUNICATION_INTERRUPTED,
                )
                refuse(not documented, ErrorCode.ERROR_INVALID_PARAMETER)
            side = in_contact(call.lab, call.host, end) if switches.set_reaches_partner else None
            _set(end, flags, values, call.now, switches)  # 4
            if side is not None:
                of_state = RelationshipFlags.STATE | RelationshipFlags.PREVIOUS_STATE
                _set(side[1], flags & ~of_state, values, call.now, switches)
                call.lab.touch(side[0])

    @exclusive
    def delete_relationship(self, name: str) -> None:
        """DhcpV4FailoverDeleteRelationship ([MS-DHCPM] 3.2.4.92)."""
        with self._call("delete_relationship", relationship=name) as call:
            # 1 is about NULL
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 3
            call.host.endpoints = tuple(other for other in call.host.endpoints if other is not end)  # 4

    @exclusive
    def get_relationship(self, name: str) -> Relationship:
        """DhcpV4FailoverGetRelationship ([MS-DHCPM] 3.2.4.93)."""
        with self._call("get_relationship", relationship=name) as call:
            # 1 is about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 3
            return self._shown(call, end)  # 4

    @exclusive
    def enum_relationships(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Relationship]:
        """DhcpV4FailoverEnumRelationship ([MS-DHCPM] 3.2.4.94).

        An entry counts the 80 bytes of its structure and the 16 of its array of scopes, 4 for each scope, and 2 for
        each UTF-16 unit of each text with its end.
        """
        with self._call("enum_relationships") as call:
            # 1 is about NULL
            if call.lab.switches.enumeration_needs_read:
                call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            rest = call.host.endpoints[resume:]  # 3
            if not rest:
                return Page((), resume, 0, int(ErrorCode.ERROR_NO_MORE_ITEMS))  # 4
            entries = [self._shown(call, end) for end in rest]
            count = _fitting(entries, preferred_maximum)  # 5
            if count == 0 and call.lab.switches.at_least_one_entry:
                count = 1
            if call.page_items is not None:
                count = min(count, call.page_items)
            status = ErrorCode.ERROR_SUCCESS if count == len(rest) else ErrorCode.ERROR_MORE_DATA
            return Page(tuple(entries[:count]), resume + count, len(rest) - count, int(status))  # 6

    @exclusive
    def add_failover_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95)."""
        with self._call("add_failover_scopes", relationship=name, scope=_only(scopes)) as call:
            lab, host, switches, refuse = call.lab, call.host, call.lab.switches, call.refuse
            refuse(not scopes, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            if switches.added_scopes_limited:
                refuse(len(scopes) > MAX_ADDED_SCOPES, ErrorCode.ERROR_DHCP_FO_MAX_ADD_SCOPES)  # 1, by the SDK
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            refuse(_any_missing(host, scopes), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 3
            refuse(_any_bootp(host, scopes), switches.bootp_scope_code)  # 4
            refuse(not host.endpoints, ErrorCode.ERROR_FILE_NOT_FOUND)  # 5
            refuse(_any_related(host, scopes), ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP)  # 6
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 7
            busy = re_integrating(lab, host, end, call.now)
            if switches.synchronising_before_state:
                refuse(busy, ErrorCode.ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS)  # 8
            refuse(end.state != FailoverState.NORMAL, ErrorCode.ERROR_DHCP_FO_STATE_NOT_NORMAL)  # 8
            refuse(busy, ErrorCode.ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS)  # 8
            _check_joining(call, scopes)
            partner = in_contact(lab, host, end)
            if partner is not None and switches.added_scopes_on_partner:
                refuse(_any_missing(partner[0], scopes), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)
            end.relationship = replace(end.relationship, scopes=end.relationship.scopes + scopes)  # 9
            end.scopes_added = call.now
            _divide(host, end, scopes)
            if partner is not None:
                exchange(lab, (host, end), partner, call.now)
                redistribute(lab, host, end, call.now)

    @exclusive
    def remove_failover_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96)."""
        with self._call("remove_failover_scopes", relationship=name, scope=_only(scopes)) as call:
            host, refuse = call.host, call.refuse
            refuse(not scopes, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            refuse(_any_missing(host, scopes), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 3
            refuse(_any_bootp(host, scopes), call.lab.switches.bootp_scope_code)  # 4
            refuse(not host.endpoints, ErrorCode.ERROR_FILE_NOT_FOUND)  # 5
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 6
            members = end.relationship.scopes
            foreign = any(scope not in members for scope in scopes)
            refuse(foreign, ErrorCode.ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP)  # 7
            busy = re_integrating(call.lab, host, end, call.now)
            refuse(busy, ErrorCode.ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS)  # 7
            remaining = [scope for scope in members if scope not in scopes]
            end.relationship = replace(end.relationship, scopes=Addresses(remaining))  # 8

    @exclusive
    def get_scope_relationship(self, scope: IPv4Address) -> Relationship:
        """DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97)."""
        with self._call("get_scope_relationship", scope=scope) as call:
            call.refuse(int(scope) == 0, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            end = call.need(call.host.endpoint_of_scope(scope), ErrorCode.ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP)  # 3
            return self._shown(call, end)  # 4

    @exclusive
    def get_scope_statistics(self, scope: IPv4Address) -> ScopeStatistics:
        """DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98): there are statistics while a scope is in failover."""
        with self._call("get_scope_statistics", scope=scope) as call:
            call.refuse(int(scope) == 0, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            end = call.need(call.host.endpoint_of_scope(scope), ErrorCode.ERROR_FILE_NOT_FOUND)  # 3
            hold = hold_of(call.lab, call.host, end)
            return call.host.scopes[scope].statistics(end.role, call.host.address, call.local_time, hold)  # 4

    @exclusive
    def get_failover_client(self, search: ClientSearch) -> FailoverClient:
        """DhcpV4FailoverGetClientInfo ([MS-DHCPM] 3.2.4.99)."""
        with self._call("get_failover_client", address=search.address) as call:
            # 1 and 2 are about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            found = matching(call.host, search, call.lab.switches.same_name)
            return call.need(found, ErrorCode.ERROR_DHCP_JET_ERROR)  # 4, 5

    @exclusive
    def get_system_time(self) -> SystemTime:
        """DhcpV4FailoverGetSystemTime ([MS-DHCPM] 3.2.4.100)."""
        with self._call("get_system_time") as call:
            # 1 is about NULL
            if call.lab.switches.system_time_needs_read:
                call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            shown = call.local_time.replace(microsecond=0)
            return SystemTime(time=shown, max_allowed_difference=call.lab.timers.max_clock_difference)  # 3

    @exclusive
    def get_address_status(self, address: IPv4Address) -> AddressStatus:
        """DhcpV4FailoverGetAddressStatus ([MS-DHCPM] 3.2.4.126)."""
        with self._call("get_address_status", address=address) as call:
            writing = call.lab.switches.address_status_needs_write
            allowed = call.rights.write if writing else call.rights.read
            call.refuse(not allowed, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            scope = call.need(call.host.scope_of_address(address), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            owner = call.host.endpoint_of_scope(scope.network.network_address)
            end = call.need(owner, ErrorCode.ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP)  # 3
            hold = hold_of(call.lab, call.host, end)
            return scope.status(address, end.relationship, call.local_time, hold)  # 4

    @exclusive
    def trigger_address_allocation(self, name: str) -> None:
        """DhcpV4FailoverTriggerAddrAllocation ([MS-DHCPM] 3.2.4.101)."""
        with self._call("trigger_address_allocation", relationship=name) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 2: what NULL becomes
            end = call.need(call.find(name), ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST)  # 3
            call.refuse(end.role == ServerType.SECONDARY, ErrorCode.ERROR_DHCP_FO_RELATION_IS_SECONDARY)  # 4
            done = redistribute(call.lab, call.host, end, call.now)  # 5
            if call.lab.switches.redistribution_needs_normal:
                call.refuse(not done, ErrorCode.ERROR_DHCP_FO_STATE_NOT_NORMAL)

    def _shown(self, call: Call, end: Endpoint) -> Relationship:
        switches = call.lab.switches
        allowed = call.rights.write or switches.secret_shown_to_users
        if allowed and switches.secret_shown_to_administrators:
            return end.relationship
        return replace(end.relationship, shared_secret=None)


def _incomplete(relationship: Relationship) -> bool:
    return (
        relationship.name is None  # what NULL becomes
        or int(relationship.primary_server) == 0
        or int(relationship.secondary_server) == 0
        or not relationship.scopes
        or not 0 <= relationship.percentage <= 100
        or relationship.mode not in list(FailoverMode)
        or relationship.server_type not in list(ServerType)
    )


def _bad_values(flags: RelationshipFlags, values: RelationshipValues, legal: int) -> bool:
    return (
        not flags
        or bool(flags & ~legal)
        or bool(flags & RelationshipFlags.PERCENTAGE and not 0 <= values.percentage <= 100)
        or bool(flags & RelationshipFlags.MODE and values.mode not in list(FailoverMode))
    )


def _any_missing(host: Host, scopes: Sequence[IPv4Address]) -> bool:
    return any(scope not in host.scopes for scope in scopes)


def _any_bootp(host: Host, scopes: Sequence[IPv4Address]) -> bool:
    chosen = [host.scopes[scope] for scope in scopes]
    return any(scope.range is not None and scope.range_type is RangeType.BOOTP for scope in chosen)


def _any_related(host: Host, scopes: Sequence[IPv4Address]) -> bool:
    return any(host.endpoint_of_scope(scope) is not None for scope in scopes)


def _check_joining(call: Call, scopes: Sequence[IPv4Address]) -> None:
    if call.lab.switches.joining_scopes_disabled:
        enabled = any(call.host.scopes[scope].properties.enabled for scope in scopes)
        call.refuse(enabled, ErrorCode.ERROR_INVALID_PARAMETER)


def _check_servers(call: Call, relationship: Relationship) -> None:
    primary, secondary = relationship.primary_server, relationship.secondary_server
    own = primary if relationship.server_type == ServerType.PRIMARY else secondary
    wrong = primary == secondary or own != call.host.address
    call.refuse(wrong, ErrorCode.ERROR_INVALID_PARAMETER)
    partner = call.lab.find(str(relationship.partner_server))
    if partner is not None:
        difference = abs(partner.clock_offset - call.host.clock_offset)
        call.refuse(difference > call.lab.timers.max_clock_difference, ErrorCode.ERROR_DHCP_FO_TIME_OUT_OF_SYNC)


def _set(
    end: Endpoint, flags: RelationshipFlags, values: RelationshipValues, now: datetime, switches: Switches
) -> None:
    changes: dict[str, Any] = {}
    for flag, name in (
        (RelationshipFlags.MCLT, "mclt"),
        (RelationshipFlags.STATE_SWITCH_INTERVAL, "state_switch_interval"),
        (RelationshipFlags.PERCENTAGE, "percentage"),
        (RelationshipFlags.MODE, "mode"),
        (RelationshipFlags.SHARED_SECRET, "shared_secret"),
    ):
        if flags & flag:
            changes[name] = getattr(values, name)
    if switches.zero_interval_is_never and not changes.get("state_switch_interval", True):
        changes["state_switch_interval"] = None
    end.relationship = replace(end.relationship, **changes)
    end.configured = now
    if "state_switch_interval" in changes:
        end.interval_set = now  # its timer begins again
    previous = end.relationship.previous_state
    if flags & RelationshipFlags.STATE and values.state != end.state:
        change_state(end, values.state, now, "set by a call")
        if not switches.set_state_sets_previous:
            end.relationship = replace(end.relationship, previous_state=previous)
    if flags & RelationshipFlags.PREVIOUS_STATE:
        end.relationship = replace(end.relationship, previous_state=values.previous_state)


def _divide(host: Host, end: Endpoint, scopes: Sequence[IPv4Address]) -> None:
    """Divide new scopes by their configuration alone, so that both servers compute the same before first contact."""
    for subnet in scopes:
        scope = host.scopes[subnet]
        scope.divide(end.relationship, scope.leasable())


def _only(scopes: Sequence[IPv4Address]) -> IPv4Address | None:
    return scopes[0] if len(scopes) == 1 else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _entry_bytes(relationship: Relationship) -> int:
    texts = (
        relationship.name,
        relationship.primary_server_name,
        relationship.secondary_server_name,
        None if relationship.shared_secret is None else relationship.shared_secret.reveal(),
    )
    text_bytes = sum(UTF16_BYTES * (_units(text) + 1) for text in texts if text is not None)
    return ENTRY_BYTES + ARRAY_BYTES + SCOPE_BYTES * len(relationship.scopes) + text_bytes


def _fitting(entries: Sequence[Relationship], budget: int) -> int:
    """How many of the entries, from the first, fit into the budget of bytes."""
    for count, entry in enumerate(entries):
        budget -= _entry_bytes(entry)
        if budget < 0:
            return count
    return len(entries)
