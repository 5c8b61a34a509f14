"""What the data says about the wire: NDR's kinds of members, their alignment, and the names of the IDL.

NDR of 32 bits (NDR20) is what travels. The sizes of NDR64 are known too, because a decoder that can read both is
checked by twice as many recorded bytes.
"""

from . import BY_NAME
from .declarations import inside
from .kinds import ENUMS32, NUMBERS, F, Function, Member, Struct, Union
from .layout import basic

ENUMS16 = frozenset(
    {
        "DHCP_FAILOVER_MODE",
        "DHCP_FAILOVER_SERVER",
        "FSM_STATE",
        "DHCP_SEARCH_INFO_TYPE",
        "QuarantineStatus",
        "DHCP_SUBNET_STATE",
        "DHCP_SUBNET_ELEMENT_TYPE",
        "DHCP_OPTION_SCOPE_TYPE",
        "DHCP_OPTION_DATA_TYPE",
        "DHCP_OPTION_TYPE",
        "DHCP_POL_ATTR_TYPE",
        "DHCP_POL_COMPARATOR",
        "DHCP_POL_LOGIC_OPER",
        "DHCP_PROPERTY_ID",
        "DHCP_PROPERTY_TYPE",
        "DHCP_FILTER_LIST_TYPE",
    }
)
"""Enumerations of the IDL: 2 bytes in NDR20, 4 in NDR64. DHCP_ATTRIB_ID is a number there."""

ENUM_PARAMETERS = frozenset({"ForceFlag", "ElementType", "FilterList"})
"""Enumerations of Python that are an enumeration of the IDL where a parameter has them; other flags are numbers."""

WORDS = (4, 8)
"""The size of a referent or a count, in NDR20 and NDR64."""

DEPTH = 7
"""Structures nest at most this deep, and never in a circle: generated code calls itself nowhere."""


def shape(field: F) -> str:
    """How a field travels."""
    if field.pointer:
        if field.type == "LPWSTR":
            return "text"
        if field.kind == "pointers":
            return "pointers"
        if field.kind == "block":
            return "wide"
        if field.count is None:
            return "pointer"
        if field.pointee == "BYTE":
            return "bytes"
        return "array" if inside(field) else "numbers"
    if "[" in field.type:
        return "block"
    if field.type == "PVOID":
        return "nothing"
    if field.type in ENUMS16:
        return "enum"
    if field.type in ENUMS32:
        return "number4"
    return f"number{NUMBERS[field.type]}" if field.type in NUMBERS else "struct"


REFERS = frozenset({"text", "pointer", "pointers", "bytes", "wide", "numbers", "array"})
"""The shapes that are a referent in place, with the data behind."""


def structure(field: F) -> Struct:
    """The structure that a field is or points at."""
    return BY_NAME[basic(field.pointee if field.pointer else field.type)]


def arms(union: Union) -> list[tuple[int, F]]:
    """The arms by their tags on the wire."""
    return [(tag, arm) for tag, arm in union.arms if tag not in union.masked]


def tag_of(struct: Struct, union: Union) -> F:
    """The field that says which arm of a union is used."""
    return next(member for member in struct.fields if isinstance(member, F) and member.name == union.tag)


def align(member: Member | Struct, word: int, struct: Struct | None = None) -> int:
    """The alignment of a member or a structure."""
    if isinstance(member, Struct):
        return max(align(each, word, member) for each in member.fields)
    if isinstance(member, Union):
        assert struct is not None
        return max(align(each, word) for each in (tag_of(struct, member), *member.fields))
    kind = shape(member)
    if kind in REFERS:
        return word
    if kind == "struct":
        return align(structure(member), word)
    return {"enum": word // 2, "block": 1, "nothing": 1}.get(kind) or int(kind[-1])


def aligned(member: Member | Struct, struct: Struct | None = None) -> str:
    """An alignment as an expression: NDR64 doubles it where there is a pointer or an enumeration."""
    narrow, wide = (align(member, word, struct) for word in WORDS)
    if narrow == wide:
        return str(narrow)
    assert (narrow, wide) == WORDS
    return "it.word"


def least(struct: Struct) -> int:
    """The least bytes that the fixed part of a structure takes."""
    end = 0
    for member in struct.fields:
        if isinstance(member, Union):
            tag = tag_of(struct, member)
            end = up(end, align(tag, 4)) + align(tag, 4)
            end = min(up(end, align(arm, 4)) + size(arm) for _, arm in member.arms)
        else:
            end = up(end, align(member, 4)) + size(member)
    return end


def up(end: int, to: int) -> int:
    """The next multiple."""
    return -(-end // to) * to


def size(field: F) -> int:
    """The bytes of a field's fixed part in NDR20."""
    kind = shape(field)
    if kind == "struct":
        return least(structure(field))
    if kind == "block":
        return int(field.type.partition("[")[2][:-1])
    if kind.startswith("number") and kind != "numbers":
        return int(kind[-1])
    return {"enum": 2, "nothing": 0}.get(kind, WORDS[0])


def refers(member: Member | Struct) -> bool:
    """Whether something follows behind the fixed part."""
    match member:
        case Struct(fields=fields):
            return any(map(refers, fields))
        case Union(fields=fields):
            return any(map(refers, fields))
        case F():
            return shape(member) in REFERS or (shape(member) == "struct" and refers(structure(member)))


def depth(struct: Struct) -> int:
    """How deep structures nest; a circle does not end."""
    fields = [each for member in struct.fields for each in (member.fields if isinstance(member, Union) else (member,))]
    return 1 + max((depth(found) for field in fields if (found := inside(field))), default=0)


# The names of the IDL, where they are not those of the SDK's header

LOWERED = {
    "DHCP_FAILOVER_RELATIONSHIP": None,
    "DHCP_FAILOVER_RELATIONSHIP_ARRAY": ("NumElements",),
    "DHCP_FAILOVER_STATISTICS": None,
    "DHCPV4_FAILOVER_CLIENT_INFO": ("BndMsgStatus", "Flags"),
}
"""Structures with members that begin with a small letter in the IDL: all, or these."""

RENAMED = {
    ("DHCP_FAILOVER_RELATIONSHIP", "SharedSecret"): "pSharedSecret",
    ("DhcpV4FailoverEnumRelationship", "PreferredMaximum"): "preferredMaximum",
    ("DhcpV4FailoverEnumRelationship", "RelationshipRead"): "relationshipRead",
    ("DhcpV4FailoverEnumRelationship", "RelationshipTotal"): "relationshipTotal",
    ("DhcpV4FailoverGetScopeRelationship", "ScopeId"): "scopeId",
    ("DhcpV4FailoverGetScopeStatistics", "ScopeId"): "scopeId",
    ("DhcpV4FailoverTriggerAddrAllocation", "pFailRelName"): "FailRelName",
    ("DhcpGetSubnetInfoVQ", "SubnetInfo"): "SubnetInfoVQ",
    ("DhcpCreateSubnetVQ", "SubnetInfo"): "SubnetInfoVQ",
    ("DhcpSetSubnetInfoVQ", "SubnetInfo"): "SubnetInfoVQ",
    ("DhcpV4GetFreeIPAddress", "StartIP"): "startIP",
    ("DhcpV4GetFreeIPAddress", "EndIP"): "endIP",
    ("DhcpV4GetFreeIPAddress", "NumFreeAddrReq"): "numFreeAddr",
    ("DhcpCreateOptionV5", "OptionID"): "OptionId",
    ("DhcpSetOptionValueV5", "OptionID"): "OptionId",
    ("DhcpEnumOptionValuesV5", "Options"): "OptionValues",
    ("DhcpV4CreatePolicyEx", "PolicyEx"): "pPolicy",
    ("DhcpServerBackupDatabase", ""): "R_DhcpBackupDatabase",
}
"""Other names, by the structure or the function and the name there."""


def idl(owner: Struct | Function, name: str) -> str:
    """The IDL's name of a member or a parameter."""
    if (owner.name, name) in RENAMED:
        return RENAMED[owner.name, name]
    if name == "GlobalPolicy":
        return "ServerPolicy"
    if owner.name in LOWERED and name not in ("pScopes", "pRelationships"):
        listed = LOWERED[owner.name]
        return name[0].lower() + name[1:] if listed is None or name in listed else name
    return name


def method(function: Function) -> str:
    """The IDL's name of a function."""
    return RENAMED.get((function.name, ""), f"R_{function.name}")
