"""Reads a file of `Export-DhcpServer`.

It is read three times: first the settings of the server, then the scopes one by one, then the leases one by one. So the
order of the parts in the file does not matter, and memory holds one scope without its leases at most.
"""

from contextlib import suppress
from datetime import tzinfo
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from ... import arguments
from ...enums import (
    ClientType,
    ConfigFields,
    FilterList,
    LeaseState,
    OptionLevelType,
    OptionType,
    RangeType,
    ScopeState,
)
from ...limits import FILETIME_EPOCH, MAX_BYTE, MAX_DWORD
from ...models import (
    DhcpClass,
    Filter,
    FilterLists,
    FilterPattern,
    OptionDefinition,
    OptionLevel,
    OptionValue,
    Reservation,
    Scope,
    ScopeRange,
    ServerVersion,
)
from . import values
from .documents import ROOT, Fields, Node, read_parts
from .policies import read_policies
from .report import Findings
from .source import Source
from .writer import EMPTY, LEASE, SERVER, Lease, Writer

__all__ = ["read_xml"]

IPV4 = (ROOT, "IPv4")
SCOPES = (*IPV4, "Scopes")
SCOPE = (*SCOPES, "Scope")
LEASES = (*SCOPE, "Leases")

STATES = {"ACTIVE": ScopeState.ENABLED, "INACTIVE": ScopeState.DISABLED}
CLASS_KINDS = {"USER": False, "VENDOR": True}
"""Whether it is a vendor class."""

UNREACHABLE = {"FULL": 0, "RESTRICTED": 1, "NOACCESS": 2}

LEASE_STATES = {
    "ACTIVE": LeaseState.ACTIVE,
    "ACTIVERESERVATION": LeaseState.ACTIVE,
    "INACTIVERESERVATION": LeaseState.ACTIVE,
    "OFFERED": LeaseState.OFFERED,
    "DECLINED": LeaseState.DECLINED,
    "EXPIRED": LeaseState.DOOMED,
    "DOOMED": LeaseState.DOOMED,
}


def read_xml(source: Source, writer: Writer, findings: Findings, zone: tzinfo) -> None:
    """Read a file of `Export-DhcpServer`.

    Args:
        source: The file.
        writer: Writes into the server.
        findings: Collects the report.
        zone: The time zone of the ends of leases.

    Raises:
        ValueError: The file is not valid.
    """
    reader = XmlReader(writer, findings, zone)
    for node in read_parts(source, skip=[(ROOT, "IPv6"), SCOPES]):
        reader.read_server(node)
    for node in read_parts(source, SCOPES, skip=[LEASES]):
        reader.read_scope(node)
    for node in read_parts(source, LEASES):
        reader.read_lease(node)


class XmlReader:
    """Reads the parts of a file, each from its node.

    Args:
        writer: Writes into the server.
        findings: Collects the report.
        zone: The time zone of the ends of leases.
    """

    def __init__(self, writer: Writer, findings: Findings, zone: tzinfo) -> None:
        self._writer = writer
        self._findings = findings
        self._zone = zone
        self._scopes: list[IPv4Address | None] = []
        """The scope of each element in the file, by its number; None if it was not read."""

    def _part(self, node: Node, kind: str | None = None, *, contents: bool = False) -> Any:
        return self._findings.part(node.line, node, kind, contents=contents)

    def read_server(self, root: Node) -> None:
        """Read everything but the scopes."""
        fields = Fields(root, self._findings)
        major = fields.get("MajorVersion", partial(values.number, most=MAX_BYTE), None)
        minor = fields.get("MinorVersion", partial(values.number, most=MAX_BYTE), 0)
        if major is not None:
            self._writer.host.version = ServerVersion(major, minor)
        for node in fields.skipped("IPv6"):
            if node.text:
                self._findings.unread(node.line, "<IPv6>", "DHCPv6 is not simulated")
        parts = fields.all("IPv4")
        if not parts:
            self._findings.unread(root.line, f"<{ROOT}>", "it has no IPv4 part")
        fields.finish()
        for node in parts:
            self._read_ipv4(Fields(node, self._findings))

    def _read_ipv4(self, fields: Fields) -> None:
        writer = self._writer
        fields.skipped("Scopes")
        for node in fields.each("Classes", "Class"):
            self._read_class(node)
        for node in fields.each("OptionDefinitions", "OptionDefinition"):
            self._read_definition(node)
        action = partial(values.named, names=UNREACHABLE, what="Full, Restricted or NoAccess")
        for element, read, name, flag in (
            (
                "ConflictDetectionAttempts",
                values.number,
                "conflict_detection_attempts",
                ConfigFields.CONFLICT_DETECTION,
            ),
            ("NapEnabled", values.truth, "nap_enabled", ConfigFields.NAP_ENABLED),
            ("NpsUnreachableAction", action, "nap_unreachable_action", ConfigFields.NAP_UNREACHABLE_ACTION),
        ):
            self._set(fields, element, read, partial(self._configure, name, flag))
        self._set(fields, "ActivatePolicies", values.truth, partial(writer.api.set_policy_enforcement, None))
        self._read_values(fields, SERVER)
        self._read_policies(fields, None)
        for node in fields.all("Filters"):
            self._read_filters(node)
        fields.finish()

    def _set(self, fields: Fields, name: str, read: Any, write: Any) -> None:
        """Read a setting and write it; None is not written."""
        child = fields.peek(name)
        value = fields.get(name, read, None)
        if child is not None and value is not None:
            with self._part(child):
                write(value)

    def _configure(self, name: str, flag: ConfigFields, value: Any) -> None:
        """Change one field of the server's configuration, if it differs."""
        config = self._writer.api.get_config()
        if getattr(config, name) != value:
            self._writer.api.set_config(flag, config.replace(**{name: value}))

    def _read_class(self, node: Node) -> None:
        fields = Fields(node, self._findings)
        with self._part(node, "classes"):
            name = fields.need("Name", str)
            kind = fields.need(
                "Type", partial(values.named, names={"USER": False, "VENDOR": True}, what="User or Vendor")
            )
            found = DhcpClass(
                name=name,
                data=fields.need("Data", values.data),
                is_vendor=kind,
                description=fields.text("Description"),
            )
            twin = self._writer.add_class(found)
            if twin is not None:
                reason = f"the server has a class {twin!r} with this data, which is used instead"
                self._findings.unread(node.line, f"class {name!r}", reason)
            fields.finish()

    def _read_definition(self, node: Node) -> None:
        fields = Fields(node, self._findings)
        with self._part(node, "option_definitions"):
            type_ = fields.need("Type", values.option_type)
            number = fields.need("OptionId", values.number)
            texts = [text for text in fields.texts("DefaultValue") if text or type_ == OptionType.STRING]
            default = values.option_data(type_, texts) if texts else (EMPTY.get(type_, 0),)
            self._writer.define(
                OptionDefinition(
                    id=number,
                    name=fields.need("Name", str),
                    type=type_,
                    default=default,
                    multivalued=fields.get("MultiValued", values.truth, False),
                    description=fields.text("Description"),
                    vendor_class=fields.text("VendorClass"),
                )
            )
            fields.finish()

    def _read_values(self, fields: Fields, level: OptionLevel, policy: str | None = None) -> None:
        """Read the option values of a level or of a policy."""
        for node in fields.each("OptionValues", "OptionValue"):
            value_fields = Fields(node, self._findings)
            with self._part(node, "option_values"):
                number = value_fields.need("OptionId", values.number)
                vendor, user = value_fields.text("VendorClass"), value_fields.text("UserClass")
                type_ = self._writer.option_type(number, vendor, user)
                data = values.option_data(type_, value_fields.texts("Value"))
                value = OptionValue(number, type_, data, vendor_class=vendor, user_class=user, policy=policy)
                self._writer.set_value(level, value)
                value_fields.finish()

    def _read_policies(self, fields: Fields, scope: IPv4Address | None) -> None:
        level = SERVER if scope is None else OptionLevel(OptionLevelType.SCOPE, scope)
        nodes = list(fields.each("Policies", "Policy"))
        for name, policy_fields in read_policies(nodes, scope, self._writer, self._findings):
            self._read_values(policy_fields, level, name)
            policy_fields.finish()

    def _read_filters(self, node: Node) -> None:
        fields = Fields(node, self._findings)
        allow, deny = fields.get("Allow", values.truth, False), fields.get("Deny", values.truth, False)
        with self._part(node):
            self._writer.api.set_filter_lists(FilterLists(allow=allow, deny=deny))
        lists = partial(values.named, names={"ALLOW": FilterList.ALLOW, "DENY": FilterList.DENY}, what="Allow or Deny")
        for child in fields.all("Filter"):
            filter_fields = Fields(child, self._findings)
            with self._part(child, "filters"):
                entry = Filter(
                    pattern=filter_fields.need("MacAddress", FilterPattern.parse),
                    filter_list=filter_fields.need("List", lists),
                    comment=arguments.any_text("Description", filter_fields.text("Description")),
                )
                self._writer.api.create_filter(entry, False)
                filter_fields.finish()
        fields.finish()

    def read_scope(self, node: Node) -> None:
        """Read a scope with everything in it but the leases."""
        if node.name != "Scope":
            self._findings.unread(node.line, str(node), "not a scope")
            return
        self._scopes.append(None)
        fields = Fields(node, self._findings)
        with self._part(node, "scopes", contents=True):
            scope_id = fields.need("ScopeId", values.address)
            state = partial(values.named, names=STATES, what="Active or InActive")
            self._writer.add_scope(
                Scope(
                    scope_id=scope_id,
                    subnet_mask=fields.need("SubnetMask", values.address),
                    name=fields.text("Name"),
                    comment=fields.text("Description"),
                    state=fields.get("State", state, ScopeState.ENABLED),
                )
            )
            self._scopes[-1] = scope_id
        if self._scopes[-1] is not None:
            self._read_contents(fields, scope_id)
            fields.finish()

    def _read_contents(self, fields: Fields, scope: IPv4Address) -> None:
        writer, api = self._writer, self._writer.api
        level = OptionLevel(OptionLevelType.SCOPE, scope)
        fields.skipped("Leases")
        self._read_range(fields, scope)
        for node in fields.each("ExclusionRanges", "IPRange"):
            span = Fields(node, self._findings)
            with self._part(node, "exclusions"):
                writer.exclude(scope, span.need("StartRange", values.address), span.need("EndRange", values.address))
                span.finish()
        self._set(fields, "Delay", values.milliseconds, partial(api.set_scope_delay, scope))
        self._set(fields, "SuperScopeName", str, partial(self._join, scope))
        lease_time = fields.peek("LeaseDuration")
        seconds = fields.get("LeaseDuration", values.duration, None)
        self._read_values(fields, level)
        if lease_time is not None and seconds is not None:
            self._compare_lease_time(lease_time, level, seconds)
        self._read_policies(fields, scope)
        self._set(fields, "ActivatePolicies", values.truth, partial(api.set_policy_enforcement, scope))
        self._set(fields, "NapEnable", values.truth, partial(writer.set_nap, scope))
        self._set(fields, "NapProfile", str, self._refuse_nap_profile)

    def _read_range(self, fields: Fields, scope: IPv4Address) -> None:
        """Read the range and the reservations, some of which may be from a time when the range was larger."""
        nodes = list(fields.each("Reservations", "Reservation"))
        start = fields.peek("StartRange") or fields.peek("EndRange")
        kind = fields.get("Type", values.range_type, RangeType.DHCP)
        most = fields.get("MaxBootpClients", values.number, MAX_DWORD)
        found = wide = None
        if start is not None:
            with self._findings.part(start.line, "the range"):
                first, last = fields.need("StartRange", values.address), fields.need("EndRange", values.address)
                found = ScopeRange(start=first, end=last, type=kind, max_bootp=most)
                wide = self._around(found, nodes, scope)
                self._writer.set_range(scope, wide)
        for node in nodes:
            self._read_reservation(node, scope)
        if found is not None and start is not None and wide != found:
            with self._findings.part(start.line, "the range"):
                self._writer.set_range(scope, found)

    def _around(self, span: ScopeRange, reservations: list[Node], scope: IPv4Address) -> ScopeRange:
        """Return the smallest range that has the given one and all reservations in the network."""
        network = self._writer.host.scopes[scope].network
        texts = [child.text for node in reservations for child in node.children if child.name == "IPAddress"]
        found = [span.start, span.end]
        for text in texts:
            with suppress(ValueError):
                address = values.address(text)
                found += [address] if address in network else []
        return span.replace(start=min(found), end=max(found)) if span.start <= span.end else span

    def _read_reservation(self, node: Node, scope: IPv4Address) -> None:
        fields = Fields(node, self._findings)
        reserved = False
        with self._part(node, "reservations", contents=True):
            address = fields.need("IPAddress", values.address)
            self._writer.reserve(
                scope,
                Reservation(
                    address=address,
                    client_id=fields.need("ClientId", values.client_id),
                    name=fields.text("Name"),
                    description=fields.text("Description"),
                    type=fields.get("Type", values.client_type, ClientType.BOTH),
                ),
            )
            reserved = True
        if reserved:
            self._read_values(fields, OptionLevel(OptionLevelType.RESERVATION, scope, address))
            fields.finish()

    def _join(self, scope: IPv4Address, name: str) -> None:
        if self._writer.join(scope, name):
            self._findings.count("superscopes")

    def _compare_lease_time(self, node: Node, level: OptionLevel, seconds: int) -> None:
        """Set option 51 to the lease duration, unless the scope has a value of that option."""
        found = self._writer.value(level, LEASE)
        if found is None:
            with self._part(node):
                self._writer.set_value(level, OptionValue(LEASE, OptionType.DWORD, seconds))
        elif found != seconds:
            self._findings.unread(node.line, str(node), f"the value of option 51 is another: {found} seconds")

    def _refuse_nap_profile(self, name: str) -> None:
        raise ValueError("Network Access Protection is not simulated")

    def read_lease(self, node: Node) -> None:
        """Read a lease."""
        scope = self._scopes[node.within] if node.within < len(self._scopes) else None
        if scope is None:
            reason = "the scope around it was not read"
            self._findings.unread(node.line, str(node), reason, alike=("scope", node.within))
            return
        if node.name != "Lease":
            self._findings.unread(node.line, str(node), "not a lease")
            return
        fields = Fields(node, self._findings)
        with self._part(node):
            lease = self._lease(fields, scope)
            self._writer.add_lease(scope, lease)
            if lease.expires != FILETIME_EPOCH:
                self._findings.count("leases")
            fields.finish(alike="Lease")

    def _lease(self, fields: Fields, scope: IPv4Address) -> Lease:
        address, client_id = fields.need("IPAddress", values.address), fields.need("ClientId", values.client_id)
        named = fields.text("ScopeId")
        if named is not None and named != str(scope) and values.address(named) != scope:
            raise ValueError(f"its ScopeId is {named}, but it is in the scope {scope}")
        state_text = (fields.text("AddressState") or "Active").strip().upper()
        state = values.named(state_text, LEASE_STATES, "the state of a lease")
        ends = fields.peek("LeaseExpiryTime")
        given = ends is not None and ends.text.strip()
        expires = fields.need("LeaseExpiryTime", partial(values.moment, zone=self._zone)) if given else None
        if state_text == "INACTIVERESERVATION":
            expires = FILETIME_EPOCH
        return Lease(
            address=address,
            client_id=client_id,
            name=fields.text("HostName"),
            expires=expires,
            state=state,
            comment=fields.text("Description"),
            owner=fields.get("ServerIP", values.address, None),
            policy=fields.text("PolicyName"),
        )
