"""The structures of options, classes, policies and filters for `by_hand`."""

from collections.abc import Iterator

from by_hand import Dict, Structure, Walk, binary_data, ip_range, need, rest, start, union

# Options


def option_data_element(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"OptionType": w.enum()}
    kind = it["OptionType"]
    union(w, kind)
    need(kind <= 8)
    arm: Dict = {}
    it["Element"] = arm
    behind = None
    if kind == 0:
        arm["ByteOption"] = w.u1()
    elif kind == 1:
        arm["WordOption"] = w.u2()
    elif kind == 2:
        arm["DWordOption"] = w.u4()
    elif kind == 3:
        arm["DWordDWordOption"] = {"DWord1": w.u4(), "DWord2": w.u4()}
    elif kind == 4:
        arm["IpAddressOption"] = w.u4()
    elif kind in (5, 8):
        name = "StringDataOption" if kind == 5 else "Ipv6AddressDataOption"
        arm[name] = w.ref()
    else:
        behind = binary_data(w)
        arm["BinaryDataOption" if kind == 6 else "EncapsulatedDataOption"] = next(behind)
    w.end(8)
    yield it
    if kind in (5, 8):
        w.text(arm, name)
    if behind:
        rest(behind)


def option_data(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
    yield it
    w.many(it, "Elements", "NumElements", option_data_element)


def option(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"OptionID": w.u4(), "OptionName": w.ref(), "OptionComment": w.ref()}
    default = option_data(w)
    it |= {"DefaultValue": next(default), "OptionType": w.enum()}
    w.fixed(at, 22)
    w.end(8)
    yield it
    w.text(it, "OptionName")
    w.text(it, "OptionComment")
    rest(default)


def option_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Options": w.ref()}
    yield it
    w.many(it, "Options", "NumElements", option)


def vendor_option(w: Walk) -> Iterator[Dict]:
    at = start(w)
    inside = option(w)
    it: Dict = {"Option": next(inside), "VendorName": w.ref(), "ClassName": w.ref()}
    w.fixed(at, 32)
    yield it
    rest(inside)
    w.text(it, "VendorName")
    w.text(it, "ClassName")


def all_options(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"Flags": w.u4(), "NonVendorOptions": w.ref(), "NumVendorOptions": w.u4(), "VendorOptions": w.ref()}
    yield it
    w.one(it, "NonVendorOptions", option_array)
    w.many(it, "VendorOptions", "NumVendorOptions", vendor_option)


def option_value(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"OptionID": w.u4()}
    data = option_data(w)
    it["Value"] = next(data)
    yield it
    rest(data)


def option_value_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Values": w.ref()}
    yield it
    w.many(it, "Values", "NumElements", option_value)


def values_of(owner: str) -> Structure:
    """The unnamed structures of the option values of a class, or of a policy."""

    def values(w: Walk) -> Iterator[Dict]:
        at = start(w)
        it: Dict = {owner: w.ref(), "VendorName": w.ref(), "IsVendor": w.boolean(), "OptionsArray": w.ref()}
        w.fixed(at, 16)
        yield it
        w.text(it, owner)
        w.text(it, "VendorName")
        w.one(it, "OptionsArray", option_value_array)

    return values


def all_values_of(owner: str) -> Structure:
    def all_values(w: Walk) -> Iterator[Dict]:
        start(w)
        it: Dict = {"Flags": w.u4(), "NumElements": w.u4(), "Options": w.ref()}
        yield it
        w.many(it, "Options", "NumElements", values_of(owner))

    return all_values


def option_scope_info(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"ScopeType": w.enum()}
    kind = it["ScopeType"]
    union(w, kind)
    need(kind <= 4)
    arm: Dict = {}
    it["ScopeInfo"] = arm
    if kind == 2:
        arm["SubnetScopeInfo"] = w.u4()
    elif kind == 3:
        arm["ReservedScopeInfo"] = {"ReservedIpAddress": w.u4(), "ReservedIpSubnetAddress": w.u4()}
    elif kind == 4:
        arm["MScopeInfo"] = w.ref()
    w.end(8)
    yield it
    if kind == 4:
        w.text(arm, "MScopeInfo")


# Classes


def class_info(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"ClassName": w.ref(), "ClassComment": w.ref(), "ClassDataLength": w.u4(), "IsVendor": w.boolean()}
    it |= {"Flags": w.u4(), "ClassData": w.ref()}
    w.fixed(at, 24)
    yield it
    w.text(it, "ClassName")
    w.text(it, "ClassComment")
    w.counted(it, "ClassData", "ClassDataLength", 1)


def class_info_array(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Classes": w.ref()}
    yield it
    w.many(it, "Classes", "NumElements", class_info)


# Policies


def condition(w: Walk) -> Iterator[Dict]:
    """The length comes after the pointer to what it counts."""
    at = start(w)
    it: Dict = {"ParentExpr": w.u4(), "Type": w.enum(), "OptionID": w.u4(), "SubOptionID": w.u4()}
    it |= {"VendorName": w.ref(), "Operator": w.enum(), "Value": w.ref(), "ValueLength": w.u4()}
    w.fixed(at, 32)
    w.end(8)
    yield it
    w.text(it, "VendorName")
    w.counted(it, "Value", "ValueLength", 1)


def expression(w: Walk) -> Iterator[Dict]:
    w.align(4)
    yield {"ParentExpr": w.u4(), "Operator": w.enum()}


def elements_of(structure: Structure) -> Structure:
    def array(w: Walk) -> Iterator[Dict]:
        start(w)
        it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
        yield it
        w.many(it, "Elements", "NumElements", structure)

    return array


def a_property(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"ID": w.enum(), "Type": w.enum()}
    kind = it["Type"]
    union(w, kind)
    need(kind <= 4)
    arm: Dict = {}
    it["Value"] = arm
    behind = None
    if kind == 0:
        arm["ByteValue"] = w.u1()
    elif kind == 1:
        arm["WordValue"] = w.u2()
    elif kind == 2:
        arm["DWordValue"] = w.u4()
    elif kind == 3:
        arm["StringValue"] = w.ref()
    else:
        behind = binary_data(w)
        arm["BinaryValue"] = next(behind)
    w.end(8)
    yield it
    if kind == 3:
        w.text(arm, "StringValue")
    if behind:
        rest(behind)


def policy(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"PolicyName": w.ref(), "IsGlobalPolicy": w.boolean(), "Subnet": w.u4(), "ProcessingOrder": w.u4()}
    it |= {name: w.ref() for name in ("Conditions", "Expressions", "Ranges", "Description")}
    it |= {"Enabled": w.boolean(), "Properties": w.ref()}
    w.fixed(at, 40)
    yield it
    w.text(it, "PolicyName")
    w.one(it, "Conditions", elements_of(condition))
    w.one(it, "Expressions", elements_of(expression))
    w.one(it, "Ranges", elements_of(ip_range))
    w.text(it, "Description")
    w.one(it, "Properties", elements_of(a_property))


# Filters


def pattern(w: Walk) -> Iterator[Dict]:
    w.align(4)
    at = w.at
    it = {"MatchHWType": w.boolean(), "HWType": w.u1(), "IsWildcard": w.boolean(), "Length": w.u1()}
    it["Pattern"] = w.raw(255).hex()
    need(w.at - at == 268)
    yield it


def filter_record(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"AddrPatt": w.whole(pattern), "Comment": w.ref()}
    w.fixed(at, 272)
    yield it
    w.text(it, "Comment")


def filter_add_info(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"AddrPatt": w.whole(pattern), "Comment": w.ref(), "ListType": w.enum()}
    w.end(8)
    yield it
    w.text(it, "Comment")


def filter_enum_info(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "pEnumRecords": w.ref()}
    yield it
    w.many(it, "pEnumRecords", "NumElements", filter_record)


def filter_global_info(w: Walk) -> Iterator[Dict]:
    yield {"EnforceAllowList": w.boolean(), "EnforceDenyList": w.boolean()}


# The service


def attribute(w: Walk) -> Iterator[Dict]:
    """Its type and the tag are numbers of 4 bytes; the union has no name."""
    w.align(4)
    it: Dict = {"DhcpAttribId": w.u4(), "DhcpAttribType": w.u4()}
    need(w.u4() == it["DhcpAttribType"] and it["DhcpAttribType"] in (1, 2))
    if it["DhcpAttribType"] == 1:
        it["DhcpAttribBool"] = w.boolean()
    else:
        it["DhcpAttribUlong"] = w.u4()
    yield it


def attributes(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "DhcpAttribs": w.ref()}
    yield it
    w.many(it, "DhcpAttribs", "NumElements", attribute)


def binding(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {"Flags": w.u4(), "fBoundToDHCPServer": w.boolean(), "AdapterPrimaryAddress": w.u4()}
    it |= {"AdapterSubnetAddress": w.u4(), "IfDescription": w.ref(), "IfIdSize": w.u4(), "IfId": w.ref()}
    w.fixed(at, 28)
    yield it
    w.text(it, "IfDescription")
    w.counted(it, "IfId", "IfIdSize", 1)


def bindings(w: Walk) -> Iterator[Dict]:
    start(w)
    it: Dict = {"NumElements": w.u4(), "Elements": w.ref()}
    yield it
    w.many(it, "Elements", "NumElements", binding)


def server_config(w: Walk) -> Iterator[Dict]:
    """The boot table is counted in bytes by C, and by the same number in characters by the IDL."""
    at = start(w)
    it: Dict = {"APIProtocolSupport": w.u4()}
    it |= {name: w.ref() for name in ("DatabaseName", "DatabasePath", "BackupPath")}
    for name in ("BackupInterval", "DatabaseLoggingFlag", "RestoreFlag", "DatabaseCleanupInterval", "DebugFlag"):
        it[name] = w.u4()
    it |= {"dwPingRetries": w.u4(), "cbBootTableString": w.u4(), "wszBootTableString": w.ref()}
    it |= {"fAuditLog": w.boolean(), "QuarantineOn": w.boolean(), "QuarDefFail": w.u4()}
    it["QuarRuntimeStatus"] = w.boolean()
    w.fixed(at, 64)
    yield it
    for name in ("DatabaseName", "DatabasePath", "BackupPath"):
        w.text(it, name)
    w.counted(it, "wszBootTableString", "cbBootTableString", 2)


def scope_counters(w: Walk) -> Iterator[Dict]:
    names = "Subnet NumAddressesInuse NumAddressesFree NumPendingOffers"
    yield {name: w.u4() for name in names.split()}


def counters(w: Walk) -> Iterator[Dict]:
    at = start(w)
    it: Dict = {name: w.u4() for name in ["Discovers", "Offers", "Requests", "Acks", "Naks", "Declines", "Releases"]}
    it["ServerStartTime"] = {"dwLowDateTime": w.u4(), "dwHighDateTime": w.u4()}
    kinds = "NumLeases PctQtnLeases ProbationLeases NonQtnLeases ExemptLeases CapableClients IASErrors"
    it |= {f"Qtn{name}": w.u4() for name in kinds.split()}
    it |= {name: w.u4() for name in ["DelayedOffers", "ScopesWithDelayedOffers", "Scopes"]}
    it["ScopeInfo"] = w.ref()
    w.fixed(at, 80)
    yield it
    w.many(it, "ScopeInfo", "Scopes", scope_counters)
