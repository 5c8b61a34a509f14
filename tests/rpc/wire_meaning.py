"""What the parameters of a call stand for in Python.

It follows from the kinds of fields in the ABI's data; how a value travels does not matter here.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import enums, models
from dhcpfo.enums import RangeType
from dhcpfo.limits import FILETIME_EPOCH, FILETIME_INFINITE, NEVER, UNIX_EPOCH
from dhcpfo.models import Addresses, HostInfo, Page, Secret
from foreign import load_tool

abi = load_tool("abi")
kinds, wire = load_tool("abi.kinds"), load_tool("abi.wire")
FUNCTIONS = {function.method: function for function in abi.FUNCTIONS}


class RefusedError(Exception):
    """The specification answers 87 to a NULL."""


def cut(text: str | None) -> str | None:
    """A text up to its first NUL."""
    return None if text is None else text.partition("\0")[0]


def blob(it: dict[str, Any] | None) -> bytes:
    """DHCP_BINARY_DATA."""
    return b"" if it is None else bytes.fromhex(it["Data"] or "")


def moment(seconds: int) -> datetime:
    return UNIX_EPOCH + timedelta(seconds=seconds)


def file_time(it: dict[str, Any]) -> datetime | None:
    ticks = it["dwHighDateTime"] << 32 | it["dwLowDateTime"]
    if ticks == FILETIME_INFINITE:
        return None
    try:
        return FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def addresses(it: dict[str, Any] | None) -> Addresses:
    return Addresses([IPv4Address(number) for number in (it or {}).get("Elements") or ()])


PLAIN: dict[str, Callable[[Any], Any]] = {
    "num": int,
    "bool": bool,
    "ip": IPv4Address,
    "seconds": lambda number: timedelta(seconds=number),
    "milliseconds": lambda number: timedelta(milliseconds=number),
    "minutes": lambda number: timedelta(minutes=number),
    "interval": lambda number: None if number == NEVER else timedelta(seconds=number),
    "unix": lambda number: moment(number) if number else None,
    "clock": moment,
    "filetime": file_time,
    "text": cut,
    "name": lambda text: cut(text) or "",
    "secret": lambda text: None if text is None else Secret(cut(text)),
    "binary": blob,
    "bytes": lambda digits: bytes.fromhex(digits or ""),
    "addresses": addresses,
}


def made_of(cls: Any, **values: Any) -> Any:
    """A model with these fields, unchecked; others are None."""
    model = object.__new__(cls)
    for name in cls._names:
        object.__setattr__(model, name, values.get(name))
    return model


def value_of(kind: str, value: Any) -> Any:
    """The Python value of a number or a text of a kind."""
    if ":" in kind:
        return getattr(enums, kind.partition(":")[2])(value)
    return PLAIN[kind](value)


def field_value(struct: Any, field: Any, it: dict[str, Any]) -> Any:
    value = it[wire.idl(struct, field.name)]
    if field.kind == "level":
        return None if it[field.count] else IPv4Address(value)
    if field.kind == "block":
        return bytes.fromhex(value or "")[: it[field.count]]
    if field.kind in ("struct", "pointer", "array", "pointers"):
        inside = wire.structure(field)
        if field.kind in ("array", "pointers"):
            return tuple(model_of(inside.name, each) for each in value or () if each is not None)
        if value is None:
            return () if inside.items else None
        return model_of(inside.name, value)
    return value_of(field.kind, value)


def model_of(name: str, it: dict[str, Any]) -> Any:
    """The model of a structure."""
    if name in BY_HAND:
        return BY_HAND[name](it)
    struct = abi.BY_NAME[name]
    if struct.items is not None:
        items = it[wire.idl(struct, struct.items.name)] or ()
        if struct.items.kind == "ip":
            return tuple(map(IPv4Address, items))
        return tuple(model_of(wire.structure(struct.items).name, each) for each in items if each is not None)
    values = {}
    for member in struct.fields:
        if member.py and isinstance(member, kinds.Union):
            arm = dict(member.arms)[it[member.tag]]
            values[member.py] = field_value(struct, arm, it[member.name])
            if member.refuse and it[member.name][arm.name] is None:
                raise RefusedError
        elif member.py:
            values[member.py] = field_value(struct, member, it)
    return made_of(getattr(models, struct.model), **values)


# The structures that have other shapes than their models


def host(it: dict[str, Any]) -> HostInfo:
    return made_of(
        HostInfo,
        address=IPv4Address(it["IpAddress"]),
        netbios_name=cut(it["NetBiosName"]),
        host_name=cut(it["HostName"]),
    )


def scope_element(it: dict[str, Any]) -> models.ScopeElement:
    kind, ((_, arm),) = it["ElementType"], it["Element"].items()
    value = None
    if arm is not None and kind == 1:
        value = host(arm)
    elif arm is not None and kind == 2:
        value = made_of(
            models.Reservation,
            address=IPv4Address(arm["ReservedIpAddress"]),
            client_id=blob(arm["ReservedForClient"]),
            type=enums.ClientType(arm["bAllowedClientTypes"]),
            has_options=False,
        )
    elif arm is not None and kind == 3:
        value = model_of("DHCP_IP_RANGE", arm)
    elif arm is not None and kind in (0, 5, 6, 7):
        value = made_of(
            models.ScopeRange,
            start=IPv4Address(arm["StartAddress"]),
            end=IPv4Address(arm["EndAddress"]),
            type=RangeType(kind),
            bootp_allocated=arm["BootpAllocated"],
            max_bootp=arm["MaxBootpAllowed"],
        )
    return made_of(models.ScopeElement, type=enums.ElementType(kind), value=value)


def option_value(kind: int, it: dict[str, Any]) -> Any:
    ((_, value),) = it.items()
    if kind == 3:
        return value["DWord1"] << 32 | value["DWord2"]
    if kind == 4:
        return IPv4Address(value)
    if kind in (5, 8):
        return cut(value) or ""
    return blob(value) if kind in (6, 7) else value


def option_values(it: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    elements = it["Elements"] or []
    if not elements:
        return None, ()
    first, values = elements[0]["OptionType"], []
    for each in elements:
        value = option_value(each["OptionType"], each["Element"])
        if each["OptionType"] != first:
            value = made_of(models.OptionElement, type=enums.OptionType(each["OptionType"]), value=value)
        values.append(value)
    return enums.OptionType(first), tuple(values)


def option_data(it: dict[str, Any]) -> models.OptionData:
    kind, values = option_values(it)
    return made_of(models.OptionData, type=kind, values=values)


def option(it: dict[str, Any]) -> models.OptionDefinition:
    kind, values = option_values(it["DefaultValue"])
    return made_of(
        models.OptionDefinition,
        id=it["OptionID"],
        name=cut(it["OptionName"]),
        description=cut(it["OptionComment"]),
        type=kind,
        default=values,
        multivalued=bool(it["OptionType"]),
    )


def option_of_level(it: dict[str, Any]) -> models.OptionValue:
    kind, values = option_values(it["Value"])
    return made_of(models.OptionValue, id=it["OptionID"], type=kind, values=values)


def level(it: dict[str, Any]) -> models.OptionLevel:
    scope = reservation = None
    if it["ScopeType"] == 2:
        scope = IPv4Address(it["ScopeInfo"]["SubnetScopeInfo"])
    elif it["ScopeType"] == 3:
        arm = it["ScopeInfo"]["ReservedScopeInfo"]
        scope = IPv4Address(arm["ReservedIpSubnetAddress"])
        reservation = IPv4Address(arm["ReservedIpAddress"])
    return made_of(
        models.OptionLevel, type=enums.OptionLevelType(it["ScopeType"]), scope=scope, reservation=reservation
    )


def pattern(it: dict[str, Any]) -> models.FilterPattern:
    return made_of(
        models.FilterPattern,
        match_hardware_type=bool(it["MatchHWType"]),
        hardware_type=it["HWType"],
        wildcard=bool(it["IsWildcard"]),
        octets=bytes.fromhex(it["Pattern"])[: it["Length"]],
    )


def attribute(it: dict[str, Any]) -> models.ServerAttribute:
    value = bool(it["DhcpAttribBool"]) if it["DhcpAttribType"] == 1 else it["DhcpAttribUlong"]
    return made_of(models.ServerAttribute, id=enums.AttributeId(it["DhcpAttribId"]), value=value)


BY_HAND: dict[str, Callable[[dict[str, Any]], Any]] = {
    "DHCP_HOST_INFO": host,
    "DHCP_SUBNET_ELEMENT_DATA_V5": scope_element,
    "DHCP_OPTION_DATA": option_data,
    "DHCP_OPTION": option,
    "DHCP_OPTION_VALUE": option_of_level,
    "DHCP_OPTION_SCOPE_INFO": level,
    "DHCP_ADDR_PATTERN": pattern,
    "DHCP_ATTRIB": attribute,
}


# Calls


def arguments_of(method: str, it: dict[str, Any]) -> tuple[Any, ...] | None:
    """The arguments of a request; None where its NULLs are refused."""
    try:
        return accepted_arguments(method, it)
    except RefusedError:
        return None


def accepted_arguments(method: str, it: dict[str, Any]) -> tuple[Any, ...]:
    function, values = FUNCTIONS[method], {}
    for parameter in function.takes:
        found = it.get(wire.idl(function, getattr(parameter, "name", "")))
        match parameter:
            case kinds.In(kind="text", py=py, null=null, ref=ref):
                if found is None and null == "refuse" and not ref:
                    raise RefusedError
                values[py] = cut(found)
            case kinds.In(kind=kind, py=py):
                values[py] = value_of(kind, found)
            case kinds.InStruct(struct=struct, py=py, needed=needed):
                if any(found[name] is None for name in needed):
                    raise RefusedError
                values[py] = model_of(struct, found)
                named = next((f for f in abi.BY_NAME[struct].fields if getattr(f, "kind", "") == "name"), None)
                if named and found[wire.idl(abi.BY_NAME[struct], named.name)] is None:
                    values[py] = made_of(
                        type(values[py]),
                        **{n: getattr(values[py], n) for n in type(values[py])._names} | {"name": None},
                    )
            case kinds.Parts(struct=struct, fields=fields, needed=needed, rest=rest):
                inside = abi.BY_NAME[struct]
                if found[wire.idl(inside, needed)] is None:
                    raise RefusedError
                by_name = {field.name: field for field in inside.fields}
                values |= {py: field_value(inside, by_name[name], found) for name, py in fields}
                values |= {rest[1]: shared_of(rest[0], found)} if rest else {}
            case kinds.Level(whole=whole, py=py):
                if it[wire.idl(function, whole)] and found:
                    raise RefusedError
                values[py] = None if it[wire.idl(function, whole)] else IPv4Address(found)
            case kinds.Const(value=value, checked=True):
                if found != value:
                    raise RefusedError
            case kinds.Array(kind=kind, py=py):
                values[py] = tuple(value_of(kind, number) for number in found)
            case kinds.Resume(struct=str(struct)):
                start = not found["MatchHWType"] and not found["Length"]
                values["resume"] = None if start else model_of(struct, found)
            case kinds.Resume():
                values["resume"] = found
            case kinds.Maximum():
                values["preferred_maximum"] = found
    listed = load_tool("abi.calls").arguments(function)
    return tuple(values[name] for name in listed + (["resume", "preferred_maximum"] if function.enumeration else []))


def shared_of(name: str, it: dict[str, Any]) -> Any:
    """Another model for some members of a structure."""
    struct = abi.BY_NAME[name]
    owner = abi.BY_NAME[struct.c]
    values = {field.py: value_of(field.kind, it[wire.idl(owner, field.name)]) for field in struct.fields}
    return made_of(getattr(models, struct.model), **values)


def answer_of(method: str, it: dict[str, Any], given: tuple[Any, ...]) -> Any:
    """The answer in a response, or the code of the error."""
    function, code = FUNCTIONS[method], it["Return"]
    out = function.answer
    found = it[wire.idl(function, out.name)] if out else None
    if function.enumeration:
        if code not in (0, 234, 259):
            return code
        items = () if found is None else model_of(out.struct, found)
        parameter = {type(each).__name__: each for each in function.takes}
        if it[wire.idl(function, parameter["Read"].name)] > len(items):
            return 13
        if method == "enum_filters":
            items = tuple(made_of(type(i), pattern=i.pattern, comment=i.comment, filter_list=given[0]) for i in items)
        resume = it["ResumeHandle"]
        return Page(
            items,
            model_of("DHCP_ADDR_PATTERN", resume) if isinstance(resume, dict) else resume,
            it[wire.idl(function, parameter["Total"].name)],
            code,
        )
    if out is not None:
        if code and (code != out.also or found is None):
            return code
        if found is None:
            return () if out.empty else 13
        return model_of(out.struct, found)
    if code:
        return code
    for parameter in function.takes:
        match parameter:
            case kinds.Filled(name=name, struct=struct):
                return model_of(struct, it[name])
            case kinds.Numbers(model=model, outs=outs, unsent=unsent):
                values = {
                    py: None if name in unsent else value_of(kind, it[wire.idl(function, name)])
                    for name, kind, py, _ in outs
                }
                return values[""] if "" in values else made_of(getattr(models, model), **values)
    return None
