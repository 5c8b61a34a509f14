"""Writes what an export has into a server of a lab, by the rules of the server itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any, NoReturn

from ... import arguments
from ...api import FUNCTIONS
from ...enums import ClientType, ElementType, LeaseState, OptionLevelType, OptionType
from ...errors import DhcpError, ErrorCode, from_code
from ...limits import FILETIME_EPOCH
from ...models import (
    AddressRange,
    DhcpClass,
    FailoverClient,
    HostInfo,
    OptionData,
    OptionDefinition,
    OptionLevel,
    OptionValue,
    Policy,
    Reservation,
    Scope,
    ScopeElement,
    ScopeRange,
    unique_client_id,
)
from ..leases import whole_seconds
from ..server import SimulatedServer
from ..state import Host, LabState
from ..switches import upper_case
from ..tables.options import unpack
from ..transaction import FIRST_VERSION, Call, Nested, Rights, Transactions

__all__ = ["DNS_SETTINGS", "EMPTY", "LEASE", "SERVER", "Lease", "Writer"]

SERVER = OptionLevel(OptionLevelType.SERVER)
DNS_SETTINGS = 81
LEASE = 51
VENDOR = 3
"""The flag of the options of a vendor class."""

EMPTY: dict[OptionType, Any] = {
    OptionType.STRING: "",
    OptionType.IP_ADDRESS: IPv4Address(0),
    OptionType.BINARY: b"",
    OptionType.ENCAPSULATED: b"",
    OptionType.IPV6_ADDRESS: "::",
}
"""The default of a definition that has none; of all other types it is 0."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A client's record in an export.

    Attributes:
        address: The address.
        client_id: The client identifier.
        name: The client's host name, or None.
        expires: The end of the lease; None is never, `FILETIME_EPOCH` says that none was given yet.
        state: The state of the lease.
        comment: A comment, or None.
        owner: The server that gave the lease; None is the server of the export.
        policy: The policy that gave the address, or None.
        kind: The kind of client; None follows from the reservations.
    """

    address: IPv4Address
    client_id: bytes
    name: str | None = None
    expires: datetime | None = None
    state: LeaseState = LeaseState.ACTIVE
    comment: str | None = None
    owner: IPv4Address | None = None
    policy: str | None = None
    kind: ClientType | None = None


class Inside(SimulatedServer):
    """Calls to a server inside an open transaction, with all rights.

    Neither power nor delays nor planted faults count: the calls do not come over the network. The version does.

    Args:
        transactions: The lab's transactions; the caller holds the lock and an open transaction.
        state: The state of the lab.
        host: The server.
    """

    def __init__(self, transactions: Transactions, state: LabState, host: Host) -> None:
        inner = Nested(transactions, state, state.clock.read())
        super().__init__(inner, host.name, Rights.ADMINISTRATOR, _cannot_reopen)

    @contextmanager
    def _call(self, method: str, **about: Any) -> Iterator[Call]:
        with super()._call(method, **about) as call:
            first = FIRST_VERSION.get(method) or FIRST_VERSION.get(FUNCTIONS[method].family, call.host.version)
            call.refuse(call.host.version < first, ErrorCode.RPC_S_PROCNUM_OUT_OF_RANGE)
            yield call


def _cannot_reopen() -> NoReturn:
    raise TypeError("a connection inside a transaction cannot be pickled")


class Writer:
    """Writes into one server. Each method writes one thing, or raises and changes nothing.

    All raise `DhcpError` where the server refuses it, and ValueError where a call could not even send it.

    Args:
        transactions: The lab's transactions; the caller holds the lock and an open transaction.
        state: The state of the lab.
        host: The server.
    """

    def __init__(self, transactions: Transactions, state: LabState, host: Host) -> None:
        self.host = host
        self.api = Inside(transactions, state, host)
        self._aliases: dict[tuple[bool, str], str] = {}
        now = whole_seconds(state.clock.read() + host.clock_offset)
        self._record: Mapping[str, Any] = {"start_time": now, "last_transaction": now}
        self._owner = HostInfo(address=host.address, netbios_name=host.name.partition(".")[0].upper())

    def add_class(self, value: DhcpClass) -> str | None:
        """Add a class, or change the one of its name.

        Returns:
            The name of the class that is used instead, because it has the same data; or None. A server has its
            built-in classes in its own language.
        """
        arguments.dhcp_class(value)
        name = value.name or ""
        old = self.host.classes.get(name, value.is_vendor)
        if old is not None:
            if (old.data, old.description) != (value.data, value.description):
                self.api.modify_class(value)
            return None
        try:
            self.api.create_class(value)
        except DhcpError:
            same = (entry for entry in self.host.classes.scan() if entry.data == value.data)
            twin = next((entry for entry in same if entry.is_vendor == value.is_vendor), None)
            if twin is None:
                raise
            self._aliases[value.is_vendor, upper_case(name)] = twin.name
            return twin.name
        return None

    def class_name(self, name: str | None, is_vendor: bool) -> str | None:
        """Return the name that a class of the export has on the server; None is the default class."""
        return None if not name else self._aliases.get((is_vendor, upper_case(name)), name)

    def class_data(self, name: str, is_vendor: bool) -> bytes | None:
        """Return the data of a class of the export, or None."""
        found = self.host.classes.get(self.class_name(name, is_vendor) or "", is_vendor)
        return None if found is None else found.data

    def define(self, value: OptionDefinition) -> None:
        """Add the definition of an option, or replace it."""
        arguments.option_definition(value)
        vendor = self.class_name(value.vendor_class, True)
        flags = VENDOR if vendor else 0
        known = self.host.option_definitions.get(value.id, bool(vendor), None, vendor) is not None
        write = self.api.set_option if known else self.api.create_option
        write(value.id, flags, None, vendor, value)

    def option_type(self, number: int, vendor_class: str | None, user_class: str | None) -> OptionType:
        """Return the type of an option, by its definition."""
        vendor, user = self.class_name(vendor_class, True), self.class_name(user_class, False)
        definitions = self.host.option_definitions
        found = definitions.get(number, bool(vendor), user, vendor) or definitions.get(
            number, bool(vendor), None, vendor
        )
        if found is None and number == DNS_SETTINGS and not vendor:
            return OptionType.DWORD
        if found is None:
            of_class = f" of the vendor class {vendor_class!r}" if vendor else ""
            raise ValueError(f"option {number}{of_class} has no definition")
        type_, _ = unpack(found.default)
        if type_ is None:
            raise ValueError(f"the definition of option {number} has no type")
        return type_

    def set_value(self, level: OptionLevel, value: OptionValue) -> None:
        """Set the value of an option; of a policy, if it names one."""
        arguments.option_value(value)
        vendor, user = self.class_name(value.vendor_class, True), self.class_name(value.user_class, False)
        flags, data = VENDOR if vendor else 0, OptionData(value.type, value.values)
        if value.policy is None:
            self.api.set_option_value(value.id, level, flags, user, vendor, data)
        elif user is not None:
            raise ValueError("the value of a policy cannot have a user class")
        else:
            self.api.set_policy_option_value(value.id, level, flags, value.policy, vendor, data)

    def value(self, level: OptionLevel, number: int) -> Any:
        """Return the only value of a standard option for every client; None if there is none."""
        try:
            return self.api.get_option_value(number, level, 0, None, None).value
        except (DhcpError, ValueError):
            return None

    def add_scope(self, scope: Scope) -> None:
        """Add a scope."""
        arguments.any_text("name", scope.name)
        arguments.any_text("comment", scope.comment)
        self.api.create_scope(scope.scope_id, scope)

    def change_scope(self, scope: IPv4Address, **changes: Any) -> None:
        """Change the properties of a scope."""
        self.api.set_scope(scope, self.api.get_scope(scope).replace(**changes))

    def set_nap(self, scope: IPv4Address, enabled: bool) -> None:
        """Refuse Network Access Protection: new servers refuse it, too."""
        if enabled:
            self.change_scope(scope, quarantine=1)
            raise ValueError("Network Access Protection is not simulated")

    def join(self, scope: IPv4Address, superscope: str) -> bool:
        """Put a scope into a superscope, and return whether that is new."""
        before = len(self.host.superscopes)
        self.api.set_superscope(scope, arguments.text("name", superscope), True)
        return len(self.host.superscopes) > before

    def set_range(self, scope: IPv4Address, value: ScopeRange) -> None:
        """Set the range of a scope."""
        arguments.span(value.start, value.end)
        self.api.add_element(scope, ScopeElement(type=ElementType(int(value.type)), value=value))

    def exclude(self, scope: IPv4Address, start: IPv4Address, end: IPv4Address) -> None:
        """Exclude addresses."""
        span = AddressRange(*arguments.span(start, end))
        self.api.add_element(scope, ScopeElement(type=ElementType.EXCLUSIONS, value=span))

    def reserve(self, scope: IPv4Address, value: Reservation) -> None:
        """Reserve an address, and name its client."""
        arguments.any_text("name", value.name)
        arguments.any_text("description", value.description)
        self.api.add_element(scope, ScopeElement(type=ElementType.RESERVATIONS, value=value))
        clients = self.host.scopes[scope].clients
        for record in clients.of_client(unique_client_id(scope, value.client_id)):
            clients[record.address] = replace(record, name=value.name, comment=value.description)

    def add_policy(self, policy: Policy) -> int:
        """Add a policy behind the others, and return the order that it has there."""
        checked = arguments.policy(policy)
        table = self.host.policies if policy.scope is None else self.host.scopes[policy.scope].policies
        order = table.last_order() + 1
        self.api.create_policy(checked.replace(order=order))
        return order

    def add_lease(self, scope_id: IPv4Address, lease: Lease) -> None:
        """Add the record of a client: the rules of DhcpV4CreateClientInfo, which keep a reservation's record."""
        scope = self.host.scopes[scope_id]
        unique = unique_client_id(scope_id, lease.client_id)
        old = scope.clients.get(lease.address)
        elsewhere = any(record.address != lease.address for record in scope.clients.of_client(unique))
        taken = old is not None and (old.client_id != unique or old.lease_expires != FILETIME_EPOCH)
        code = None
        if lease.address not in scope.network:
            code = ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT
        elif lease.state == LeaseState.OFFERED:
            code = ErrorCode.ERROR_INVALID_PARAMETER
        elif elsewhere or taken:
            code = ErrorCode.ERROR_DHCP_CLIENT_EXISTS
        if code is not None:
            name = FUNCTIONS["create_client"].name
            raise from_code(code, name, self.host.name, scope=scope_id, address=lease.address)
        for key in ("name", "comment", "policy"):
            arguments.any_text(key, getattr(lease, key))
        reserved = lease.address in scope.reservations
        kind = lease.kind or (ClientType.RESERVATION if reserved else ClientType.DHCP)
        owner = self._owner if lease.owner is None else HostInfo(address=lease.owner)
        scope.clients[lease.address] = FailoverClient(
            address=lease.address,
            subnet_mask=scope.network.netmask,
            client_id=unique,
            name=lease.name or (old.name if old is not None else None),
            comment=lease.comment or (old.comment if old is not None else None),
            lease_expires=lease.expires,
            owner=owner if lease.expires != FILETIME_EPOCH or old is None else old.owner,
            client_type=kind if lease.expires != FILETIME_EPOCH or old is None else old.client_type,
            address_state=lease.state,
            policy_name=lease.policy,
            **self._record,
        )
