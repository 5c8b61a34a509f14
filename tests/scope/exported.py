"""Writes a scope with the classes and definitions of its server as real servers export them."""

from datetime import timedelta
from xml.sax.saxutils import escape

from dhcpfo.enums import Comparator, LogicOperator, OptionType, RangeType
from dhcpfo.models import Policy, PolicyAttribute, PolicyCondition, PolicyGroup

TYPES = {
    OptionType.BYTE: ("Byte", "BYTE"),
    OptionType.WORD: ("Word", "WORD"),
    OptionType.DWORD: ("DWord", "DWORD"),
    OptionType.DWORD_DWORD: ("DWordDWord", "DWORDDWORD"),
    OptionType.IP_ADDRESS: ("IPv4Address", "IPADDRESS"),
    OptionType.STRING: ("String", "STRING"),
    OptionType.BINARY: ("BinaryData", "BINARY"),
    OptionType.ENCAPSULATED: ("EncapsulatedData", "ENCAPSULATED"),
}
RANGES = {RangeType.DHCP: "Dhcp", RangeType.BOTH: "Both", RangeType.BOOTP: "Bootp"}
NEGATIVE = (Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH)
BEGINS = (Comparator.BEGINS_WITH, Comparator.NOT_BEGINS_WITH)
ENDS = (Comparator.ENDS_WITH, Comparator.NOT_ENDS_WITH)
ELEMENTS = {
    PolicyAttribute.VENDOR_CLASS: "VendorClass",
    PolicyAttribute.USER_CLASS: "UserClass",
    PolicyAttribute.MAC_ADDRESS: "MacAddress",
    PolicyAttribute.CLIENT_ID: "ClientId",
    PolicyAttribute.RELAY_AGENT: "RelayAgent",
    PolicyAttribute.CIRCUIT_ID: "CircuitId",
    PolicyAttribute.REMOTE_ID: "RemoteId",
    PolicyAttribute.SUBSCRIBER_ID: "SubscriberId",
    PolicyAttribute.FQDN: "Fqdn",
}


def element(name, value=None, *parts):
    """An element with text, or with other elements."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{text}{''.join(parts)}</{name}>\n"


def lists(name, item, entries):
    return element(name, None, *(element(item, None, *parts) for parts in entries))


def values_xml(name, type_, values):
    if type_ in (OptionType.BINARY, OptionType.ENCAPSULATED):
        return [element(name, f"0x{octet:02X}") for value in values for octet in value]
    return [element(name, value) for value in values]


def options_xml(values):
    return lists(
        "OptionValues",
        "OptionValue",
        (
            [
                element("OptionId", value.id),
                *values_xml("Value", value.type, value.values),
                element("VendorClass", value.vendor_class),
                element("UserClass", value.user_class),
            ]
            for value in values.values()
        ),
    )


def span_xml(span):
    return [element("StartRange", span.start), element("EndRange", span.end)]


def condition_xml(condition, names):
    if condition.attribute in (PolicyAttribute.VENDOR_CLASS, PolicyAttribute.USER_CLASS):
        text = names[condition.attribute is PolicyAttribute.VENDOR_CLASS, condition.value]
    elif condition.attribute is PolicyAttribute.FQDN:
        text = condition.value.decode()
    else:
        text = condition.value.hex("-").upper()
    text = f"{text}*" if condition.comparator in BEGINS else f"*{text}" if condition.comparator in ENDS else text
    word = "NE" if condition.comparator in NEGATIVE else "EQ"
    return [element(ELEMENTS[condition.attribute], word), element(ELEMENTS[condition.attribute], text)]


def policy_xml(policy, options, names):
    return [
        element("Name", policy.name),
        element("ProcessingOrder", policy.order),
        element("Enabled", policy.enabled),
        element("Condition", policy.condition.operator.name),
        element("Description", policy.description),
        *(part for condition in policy.conditions for part in condition_xml(condition, names)),
        element("DnsSuffix", policy.dns_suffix),
        options_xml(options),
        lists("IPRanges", "IPRange", map(span_xml, policy.ranges)),
    ]


def to_xml(config, server):
    """An `Export-DhcpServer` file with one scope."""
    classes = server.classes()
    names = {(entry.is_vendor, entry.data): entry.name for entry in classes}
    shown = config.to_dict(powershell=True)
    ranges = [] if config.range is None else [*span_xml(config.range), element("Type", RANGES[config.range.type])]
    lease_time = shown["LeaseDuration"]
    if config.lease_duration == timedelta.max:
        lease_time = "10675199.02:48:05.4775807"
    limit = [] if config.range is None else [element("MaxBootpClients", config.range.max_bootp)]
    scope = [
        element("ScopeId", config.scope_id),
        element("Name", config.name),
        element("SubnetMask", config.network.netmask),
        *ranges,
        *limit,
        *([] if lease_time is None else [element("LeaseDuration", lease_time)]),
        element("State", "Active" if config.enabled else "InActive"),
        element("Delay", shown["Delay"]),
        element("Description", config.comment),
        element("ActivatePolicies", config.policies_enforced),
        element("SuperScopeName", config.superscope),
        lists("ExclusionRanges", "IPRange", map(span_xml, config.exclusions)),
        lists(
            "Policies",
            "Policy",
            (policy_xml(policy, config.policy_options.get(policy.name, {}), names) for policy in config.policies),
        ),
        options_xml(config.options),
        lists(
            "Reservations",
            "Reservation",
            (
                [
                    element("Name", entry.name),
                    element("IPAddress", entry.address),
                    element("ClientId", entry.client_id.hex("-")),
                    element("Type", entry.type.name.capitalize()),
                    element("Description", entry.description),
                    options_xml(config.reservation_options.get(entry.address, {})),
                ]
                for entry in config.reservations.values()
            ),
        ),
    ]
    parts = [
        lists(
            "Classes",
            "Class",
            (
                [
                    element("Name", entry.name),
                    element("Type", "Vendor" if entry.is_vendor else "User"),
                    element("Data", f"0x{entry.data.hex()}"),
                    element("Description", entry.description),
                ]
                for entry in classes
            ),
        ),
        lists(
            "OptionDefinitions",
            "OptionDefinition",
            (
                [
                    element("Name", entry.name),
                    element("OptionId", entry.id),
                    element("Type", TYPES[entry.type][0]),
                    element("MultiValued", entry.multivalued),
                    *values_xml("DefaultValue", entry.type, entry.default),
                    element("Description", entry.description),
                    element("VendorClass", entry.vendor_class),
                ]
                for entry in server.option_definitions()
            ),
        ),
        lists("Scopes", "Scope", [scope]),
    ]
    return element("DHCPServer", None, element("IPv4", None, *parts)).encode()


def quoted(text):
    return f'"{"" if text is None else text}"'


def values_text(type_, values):
    if type_ in (OptionType.BINARY, OptionType.ENCAPSULATED):
        return [quoted(b"".join(values).hex())]
    return [quoted(value) for value in values]


def option_text(value):
    classes = [f"user={quoted(value.user_class)}"] if value.user_class else []
    classes += [f"vendor={quoted(value.vendor_class)}"] if value.vendor_class else []
    return " ".join([str(value.id), TYPES[value.type][1], *classes, *values_text(value.type, value.values)])


def to_dump(config, server):
    """The text of netsh dhcp server dump with one scope."""
    lines = []
    for entry in server.classes():
        lines.append(
            f"add class {quoted(entry.name)} {quoted(entry.description)} {entry.data.hex()} {int(entry.is_vendor)} B"
        )
    for entry in server.option_definitions():
        vendor = f" vendor={quoted(entry.vendor_class)}" if entry.vendor_class else ""
        default = " ".join(values_text(entry.type, entry.default))
        lines.append(
            f"Add Optiondef {entry.id} {quoted(entry.name)} {TYPES[entry.type][1]} {int(entry.multivalued)}{vendor} "
            f"comment={quoted(entry.description)} {default}"
        )
    scope = f"Scope {config.scope_id}"
    lines.append(f"add scope {config.scope_id} {config.network.netmask} {quoted(config.name)} {quoted(config.comment)}")
    lines.append(f"{scope} set state {(1, 0, 3, 2)[config.state]}")
    if config.range is not None:
        span, kind = config.range, RANGES[config.range.type].upper()
        lines.append(f"{scope} Add iprange {span.start} {span.end} {kind} {span.max_bootp}")
    lines += [f"{scope} add excluderange {span.start} {span.end}" for span in config.exclusions]
    for entry in config.reservations.values():
        lines.append(
            f"{scope} Add reservedip {entry.address} {entry.client_id.hex()} {quoted(entry.name)} "
            f"{quoted(entry.description)} {quoted(entry.type.name)}"
        )
        for value in config.reservation_options.get(entry.address, {}).values():
            lines.append(f"{scope} set reservedoptionvalue {entry.address} {option_text(value)}")
    lines += [f"{scope} set optionvalue {option_text(value)}" for value in config.options.values()]
    lines.append(f"{scope} set delayoffer {config.to_dict(powershell=True)['Delay']}")
    if config.superscope is not None:
        lines.append(f"{scope} set superscope {quoted(config.superscope)} 1")
    return "".join(f"Dhcp Server \\\\dhcp2 {line}\r\n" for line in lines).encode()


def as_exported(policy):
    """A policy with its conditions as a file can hold them: by attribute and family, each group below the root."""
    groups = {}
    for attribute in ELEMENTS:
        for condition in policy.conditions:
            if condition.attribute is attribute:
                groups.setdefault((attribute, condition.comparator in NEGATIVE), []).append(condition.replace(parent=0))
    operator = policy.condition.operator
    inner = [PolicyGroup(LogicOperator.AND, tuple(items)) for items in groups.values()]
    tree = PolicyGroup(operator, tuple(inner)) if len(inner) > 1 else PolicyGroup(operator, inner[0].items)
    assert all(isinstance(item, PolicyCondition | PolicyGroup) for item in tree.items)
    return Policy.build(
        policy.name,
        tree,
        scope=policy.scope,
        order=policy.order,
        ranges=policy.ranges,
        description=policy.description,
        enabled=policy.enabled,
        dns_suffix=policy.dns_suffix,
    )
