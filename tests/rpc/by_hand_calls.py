"""The calls for `by_hand`, in the notation of the documentation.

Before the arrow is the request, behind the server's name; after it the response, before the code. ``d`` is a number,
``b`` a BOOL, ``h`` 2 bytes, ``e`` an enumeration, ``s`` a text, ``s?`` a text that may be NULL, ``{T}`` a structure in
place, ``p>{T}`` one behind a referent, ``array`` a counted array in place. ``p>?{T}`` is written with two levels of
pointers in the C header, and with one in the IDL.
"""

import re
from typing import Any

import by_hand_options

import by_hand
from by_hand import Dict, Structure, Walk, need

STRUCTURES: dict[str, Structure] = {
    "RELATIONSHIP": by_hand.relationship,
    "RELATIONSHIPS": by_hand.relationship_array,
    "STATISTICS": by_hand.statistics,
    "FAILOVER_CLIENT": by_hand.failover_client,
    "SEARCH": by_hand.search_info,
    "ADDRESSES": by_hand.ip_array,
    "SUBNET": by_hand.subnet_info,
    "SUPERSCOPES": by_hand.super_scope_table,
    "ELEMENT": by_hand.element,
    "ELEMENTS": by_hand.element_array,
    "RESERVATIONS": by_hand.reservation_info_array,
    "RANGE": by_hand.ip_range,
    "CLIENT": by_hand.client_pb,
    "CLIENTS": by_hand.client_pb_array,
    "CLIENT_V4": by_hand.client_v4,
    "ALL_OPTIONS": by_hand_options.all_options,
    "OPTIONS": by_hand_options.option_array,
    "OPTION": by_hand_options.option,
    "DATA": by_hand_options.option_data,
    "VALUE": by_hand_options.option_value,
    "VALUES": by_hand_options.option_value_array,
    "CLASS_VALUES": by_hand_options.all_values_of("ClassName"),
    "POLICY_VALUES": by_hand_options.all_values_of("PolicyName"),
    "LEVEL": by_hand_options.option_scope_info,
    "CLASS": by_hand_options.class_info,
    "CLASSES": by_hand_options.class_info_array,
    "POLICY": by_hand_options.policy,
    "POLICIES": by_hand_options.elements_of(by_hand_options.policy),
    "PATTERN": by_hand_options.pattern,
    "FILTER": by_hand_options.filter_add_info,
    "FILTERS": by_hand_options.filter_enum_info,
    "LISTS": by_hand_options.filter_global_info,
    "ATTRIBUTES": by_hand_options.attributes,
    "BINDINGS": by_hand_options.bindings,
    "CONFIG": by_hand_options.server_config,
    "COUNTERS": by_hand_options.counters,
}

RESUME = "d ResumeHandle, d PreferredMaximum"
PAGE = "d ResumeHandle, p>{%s} %s, d %s, d %s"
CLASS_AND_VENDOR = "s? ClassName, s? VendorName"
POLICY_AND_VENDOR = "s? PolicyName, s? VendorName"
LEVEL = "b ServerPolicy, d SubnetAddress"

CALLS = {
    "create_relationship": "{RELATIONSHIP} pRelationship ->",
    "set_relationship": "d Flags, {RELATIONSHIP} pRelationship ->",
    "delete_relationship": "s? pRelationshipName ->",
    "get_relationship": "s? pRelationshipName -> p>{RELATIONSHIP} pRelationship",
    "enum_relationships": "d ResumeHandle, d preferredMaximum -> "
    + PAGE % ("RELATIONSHIPS", "pRelationship", "relationshipRead", "relationshipTotal"),
    "add_failover_scopes": "{RELATIONSHIP} pRelationship ->",
    "remove_failover_scopes": "{RELATIONSHIP} pRelationship ->",
    "get_scope_relationship": "d scopeId -> p>{RELATIONSHIP} pRelationship",
    "get_scope_statistics": "d scopeId -> p>{STATISTICS} pStats",
    "get_failover_client": "{SEARCH} SearchInfo -> p>{FAILOVER_CLIENT} ClientInfo",
    "get_system_time": "-> d pTime",
    "get_address_status": "d SubnetAddress -> d pStatus",
    "trigger_address_allocation": "s? FailRelName ->",
    "enum_scopes": f"{RESUME} -> " + PAGE % ("ADDRESSES", "EnumInfo", "ElementsRead", "ElementsTotal"),
    "get_scope": "d SubnetAddress -> p>{SUBNET} SubnetInfoVQ",
    "create_scope": "d SubnetAddress, {SUBNET} SubnetInfoVQ ->",
    "set_scope": "d SubnetAddress, {SUBNET} SubnetInfoVQ ->",
    "delete_scope": "d SubnetAddress, e ForceFlag ->",
    "get_scope_delay": "d SubnetAddress -> h TimeDelayInMilliseconds",
    "set_scope_delay": "d SubnetAddress, h TimeDelayInMilliseconds ->",
    "get_superscope_table": "-> p>{SUPERSCOPES} SuperScopeTable",
    "set_superscope": "d SubnetAddress, s? SuperScopeName, b ChangeExisting ->",
    "delete_superscope": "s SuperScopeName ->",
    "enum_elements": f"d SubnetAddress, e EnumElementType, {RESUME} -> "
    + PAGE % ("ELEMENTS", "EnumElementInfo", "ElementsRead", "ElementsTotal"),
    "add_element": "d SubnetAddress, {ELEMENT} AddElementInfo ->",
    "remove_element": "d SubnetAddress, {ELEMENT} RemoveElementInfo, e ForceFlag ->",
    "enum_reservations": f"d SubnetAddress, {RESUME} -> "
    + "d ResumeHandle, p>?{RESERVATIONS} EnumElementInfo, d ElementsRead, d ElementsTotal",
    "get_free_addresses": "d ScopeId, d startIP, d endIP, d numFreeAddr -> p>{ADDRESSES} IPAddrList",
    "enum_clients": f"d SubnetAddress, {RESUME} -> " + PAGE % ("CLIENTS", "ClientInfo", "ClientsRead", "ClientsTotal"),
    "get_client": "{SEARCH} SearchInfo -> p>{CLIENT} ClientInfo",
    "create_client": "{CLIENT} ClientInfo ->",
    "set_client": "{CLIENT_V4} ClientInfo ->",
    "delete_client": "{SEARCH} ClientInfo ->",
    "get_all_options": "d Flags -> p>{ALL_OPTIONS} OptionStruct",
    "enum_options": f"d Flags, {CLASS_AND_VENDOR}, {RESUME} -> "
    + PAGE % ("OPTIONS", "Options", "OptionsRead", "OptionsTotal"),
    "get_option": f"d Flags, d OptionID, {CLASS_AND_VENDOR} -> p>{{OPTION}} OptionInfo",
    "create_option": f"d Flags, d OptionId, {CLASS_AND_VENDOR}, {{OPTION}} OptionInfo ->",
    "set_option": f"d Flags, d OptionID, {CLASS_AND_VENDOR}, {{OPTION}} OptionInfo ->",
    "remove_option": f"d Flags, d OptionID, {CLASS_AND_VENDOR} ->",
    "get_all_option_values": "d Flags, {LEVEL} ScopeInfo -> p>{CLASS_VALUES} Values",
    "enum_option_values": f"d Flags, {CLASS_AND_VENDOR}, {{LEVEL}} ScopeInfo, {RESUME} -> "
    + PAGE % ("VALUES", "OptionValues", "OptionsRead", "OptionsTotal"),
    "get_option_value": f"d Flags, d OptionID, {CLASS_AND_VENDOR}, {{LEVEL}} ScopeInfo -> p>{{VALUE}} OptionValue",
    "set_option_value": f"d Flags, d OptionId, {CLASS_AND_VENDOR}, {{LEVEL}} ScopeInfo, {{DATA}} OptionValue ->",
    "set_option_values": f"d Flags, {CLASS_AND_VENDOR}, {{LEVEL}} ScopeInfo, {{VALUES}} OptionValues ->",
    "remove_option_value": f"d Flags, d OptionID, {CLASS_AND_VENDOR}, {{LEVEL}} ScopeInfo ->",
    "get_all_policy_option_values": "d Flags, {LEVEL} ScopeInfo -> p>{POLICY_VALUES} Values",
    "get_policy_option_value": f"d Flags, d OptionID, {POLICY_AND_VENDOR}, {{LEVEL}} ScopeInfo -> "
    + "p>{VALUE} OptionValue",
    "set_policy_option_value": f"d Flags, d OptionID, {POLICY_AND_VENDOR}, {{LEVEL}} ScopeInfo, "
    + "{DATA} OptionValue ->",
    "set_policy_option_values": f"d Flags, {POLICY_AND_VENDOR}, {{LEVEL}} ScopeInfo, {{VALUES}} OptionValues ->",
    "remove_policy_option_value": f"d Flags, d OptionID, {POLICY_AND_VENDOR}, {{LEVEL}} ScopeInfo ->",
    "enum_classes": f"d ReservedMustBeZero, {RESUME} -> " + PAGE % ("CLASSES", "ClassInfoArray", "nRead", "nTotal"),
    "get_class": "d ReservedMustBeZero, {CLASS} PartialClassInfo -> p>{CLASS} FilledClassInfo",
    "create_class": "d ReservedMustBeZero, {CLASS} ClassInfo ->",
    "modify_class": "d ReservedMustBeZero, {CLASS} ClassInfo ->",
    "delete_class": "d ReservedMustBeZero, s? ClassName ->",
    "enum_policies": f"{RESUME}, {LEVEL} -> "
    + "d ResumeHandle, p>?{POLICIES} EnumInfo, d ElementsRead, d ElementsTotal",
    "get_policy": f"{LEVEL}, s? PolicyName -> p>{{POLICY}} Policy",
    "create_policy": "{POLICY} pPolicy ->",
    "set_policy": f"d FieldsModified, {LEVEL}, s? PolicyName, {{POLICY}} Policy ->",
    "delete_policy": f"{LEVEL}, s? PolicyName ->",
    "get_policy_enforcement": f"{LEVEL} -> b Enabled",
    "set_policy_enforcement": f"{LEVEL}, b Enable ->",
    "add_policy_range": "d SubnetAddress, s? PolicyName, {RANGE} Range ->",
    "remove_policy_range": "d SubnetAddress, s? PolicyName, {RANGE} Range ->",
    "enum_filters": "{PATTERN} ResumeHandle, d PreferredMaximum, e ListType -> "
    + "{PATTERN} ResumeHandle, p>{FILTERS} EnumFilterInfo, d ElementsRead, d ElementsTotal",
    "create_filter": "{FILTER} AddFilterInfo, b ForceFlag ->",
    "delete_filter": "{PATTERN} DeleteFilterInfo ->",
    "set_filter_lists": "{LISTS} GlobalFilterInfo ->",
    "get_filter_lists": "-> {LISTS} GlobalFilterInfo",
    "get_version": "-> d MajorVersion, d MinorVersion",
    "query_attributes": "d dwReserved, d dwAttribCount, array pDhcpAttribs -> p>{ATTRIBUTES} pDhcpAttribArr",
    "get_bindings": "d Flags -> p>{BINDINGS} BindElementsInfo",
    "get_config": "-> p>{CONFIG} ConfigInfo",
    "set_config": "d FieldsToSet, {CONFIG} ConfigInfo ->",
    "get_counters": "-> p>{COUNTERS} MibInfo",
    "get_audit_log": "d Flags -> s? AuditLogDir, d DiskCheckInterval, d MaxLogFilesSize, d MinSpaceOnDisk",
    "set_audit_log": "d Flags, s AuditLogDir, d DiskCheckInterval, d MaxLogFilesSize, d MinSpaceOnDisk ->",
    "backup_database": "s Path ->",
}

PARAMETER = re.compile(r"(p>\??)?\{(\w+)\} (\w+)|(d|b|h|e|s\??|array) (\w+)")


def parameter(w: Walk, text: str, made: Dict, one_level: bool) -> None:
    found = PARAMETER.fullmatch(text.strip())
    assert found is not None, text
    pointer, structure, name, kind, plain = found.groups()
    if structure:
        present = pointer is None or (pointer == "p>?" and one_level) or w.ref()
        made[name] = w.whole(STRUCTURES[structure]) if present else None
    elif kind == "array":
        length = w.u(w.word)
        need(length == made["dwAttribCount"])
        made[plain] = [w.u4() for _ in range(length)]
    elif kind.startswith("s"):
        made[plain] = w.string() if kind == "s" or w.ref() else None
    else:
        made[plain] = {"d": w.u4, "b": w.boolean, "h": w.u2, "e": w.enum}[kind]()


def walk(method: str, direction: str, stub: bytes, word: int = 4) -> tuple[Dict, Walk]:
    """Read a stub; a response whose pointer depth is unsure is tried both ways."""
    request, _, response = (part.strip() for part in CALLS[method].partition("->"))
    asked = direction == "request"
    texts = [text for text in (request if asked else response).split(",") if text]
    for one_level in (False, True):
        w, made = Walk(stub, word), {}
        try:
            if asked:
                made["ServerIpAddress"] = w.string() if w.ref() else None
            for text in texts:
                parameter(w, text, made, one_level)
            if not asked:
                made["Return"] = w.u4()
            need(w.at == len(stub) or (asked and len(stub) % 4 == 0 and 0 <= len(stub) - w.at < 4))
        except by_hand.WrongError:
            if "p>?" in response and not asked and not one_level:
                continue
            raise
        break
    return made, w


def read(method: str, direction: str, stub: bytes, word: int = 4) -> dict[str, Any]:
    """Return the parameters of a stub, by their names in the IDL."""
    return walk(method, direction, stub, word)[0]


def canonical(method: str, direction: str, stub: bytes, word: int = 4) -> bytes:
    """The same stub with referents from 0x20000 on, and padding of zero bytes."""
    w = walk(method, direction, stub, word)[1]
    made, referent = bytearray(stub), 0x20000
    for at in w.referents:
        if any(made[at : at + word]):
            made[at : at + word] = referent.to_bytes(word, "little")
            referent += 4
    for at, size in w.padding:
        made[at : at + size] = bytes(min(size, len(made) - at))
    return bytes(made)
