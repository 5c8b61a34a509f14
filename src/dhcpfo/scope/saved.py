"""Scope configurations as JSON-ready values, in one canonical form."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, TypeVar

from ..enums import (
    ClientType,
    Comparator,
    ConditionType,
    LogicOperator,
    OptionType,
    PropertyId,
    PropertyType,
    RangeType,
    ScopeState,
)
from ..errors import from_code
from ..limits import MAX_DWORD
from ..models import (
    AddressRange,
    OptionElement,
    OptionValue,
    Policy,
    PolicyCondition,
    PolicyExpression,
    Property,
    Reservation,
    ScopeRange,
)
from ..models.convert import plain, timespan
from .frozen import EMPTY
from .parts import OptionValues, Unread

if TYPE_CHECKING:
    from .config import ScopeConfig

__all__ = ["FORMAT", "from_dict", "to_dict", "to_powershell"]

FORMAT = 1
MILLISECOND = timedelta(milliseconds=1)

Member = TypeVar("Member", bound=Enum)


def to_dict(config: "ScopeConfig") -> dict[str, Any]:
    """Return a configuration as JSON-ready values."""
    of_reservations, of_policies = config.reservation_options, config.policy_options
    return {
        "format": FORMAT,
        "network": str(config.network),
        "name": config.name,
        "comment": config.comment,
        "state": str(config.state),
        "range": None if config.range is None else _range(config.range),
        "exclusions": [_span(span) for span in config.exclusions],
        "reservations": [
            {
                "address": str(entry.address),
                "client_id": entry.client_id.hex("-"),
                "name": entry.name,
                "description": entry.description,
                "type": str(entry.type),
                "options": options_to_list(of_reservations.get(entry.address, EMPTY)),
            }
            for entry in config.reservations.values()
        ],
        "options": options_to_list(config.options),
        "policies": [
            {
                **policy_to_dict(policy),
                "options": options_to_list(of_policies.get(policy.name, EMPTY)),
            }
            for policy in config.policies
        ],
        "policies_enforced": config.policies_enforced,
        "offer_delay": plain(config.offer_delay),
        "superscope": config.superscope,
        "quarantine": config.quarantine,
        "unread": [entry.to_dict() for entry in config.unread],
    }


def to_powershell(config: "ScopeConfig") -> dict[str, Any]:
    """Return what Get-DhcpServerv4Scope shows of a configuration."""
    found, lease = config.range, config.lease_duration
    return {
        "ScopeId": str(config.scope_id),
        "SubnetMask": str(config.network.netmask),
        "Name": config.name,
        "Description": config.comment,
        "SuperscopeName": config.superscope,
        "Delay": config.offer_delay // MILLISECOND,
        "State": "Active" if config.enabled else "InActive",
        "StartRange": None if found is None else str(found.start),
        "EndRange": None if found is None else str(found.end),
        "LeaseDuration": None if lease is None else timespan(lease),
        "Type": None if found is None else plain(found.type, True),
        "MaxBootpClients": None if found is None else found.max_bootp,
        "NapEnable": config.properties.nap_enabled,
        "ActivatePolicies": config.policies_enforced,
    }


def _range(value: ScopeRange) -> dict[str, Any]:
    return {
        "start": str(value.start),
        "end": str(value.end),
        "type": str(value.type),
        "max_bootp": value.max_bootp,
    }


def _span(value: AddressRange) -> dict[str, str]:
    return {"start": str(value.start), "end": str(value.end)}


def options_to_list(values: OptionValues) -> list[dict[str, Any]]:
    """Return option values as JSON-ready values, by number and then by class."""
    ordered = sorted(values.values(), key=lambda value: (value.id, value.key))
    return [option_to_dict(value) for value in ordered]


def option_to_dict(value: OptionValue) -> dict[str, Any]:
    """Return the value of an option as JSON-ready values."""
    return {
        "id": value.id,
        "vendor_class": value.vendor_class,
        "user_class": value.user_class,
        "type": None if value.type is None else str(value.type),
        "values": [_item(item) for item in value.values],
    }


def _item(value: Any) -> Any:
    return {"type": str(value.type), "value": plain(value.value)} if isinstance(value, OptionElement) else plain(value)


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Return a policy as JSON-ready values, without its place, scope and options."""
    return {
        "name": policy.name,
        "description": policy.description,
        "enabled": policy.enabled,
        "ranges": [_span(span) for span in policy.ranges],
        "conditions": [
            {
                "parent": condition.parent,
                "type": str(condition.type),
                "option_id": condition.option_id,
                "sub_option_id": condition.sub_option_id,
                "vendor_class": condition.vendor_class,
                "comparator": str(condition.comparator),
                "value": condition.value.hex("-"),
            }
            for condition in policy.conditions
        ],
        "expressions": [
            {"parent": expression.parent, "operator": str(expression.operator)} for expression in policy.expressions
        ],
        "properties": [
            {"id": str(entry.id), "type": str(entry.type), "value": plain(entry.value)} for entry in policy.properties
        ],
    }


class _Fields:
    """The keys of one object; each must be taken, and no other may be there."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{where} must be an object, not {type(data).__name__}")
        self._data = dict(data)
        self._where = where

    def take(self, key: str, read: Callable[[Any], Any], default: Any = ...) -> Any:
        """Return the value of a key as ``read`` converts it; null stays None where that is the default."""
        where = f"{self._where}.{key}"
        if key not in self._data:
            if default is ...:
                raise ValueError(f"{where} is missing")
            return default
        value = self._data.pop(key)
        if value is None and default is None:
            return None
        try:
            return read(value)
        except _WhereError:
            raise
        except (TypeError, ValueError) as problem:
            raise _WhereError(f"{where}: {problem}") from None

    def each(self, key: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        """Return what ``read`` makes of each item of a list; a missing list is an empty one."""
        values = self.take(key, _list, ())
        return tuple([read(value, f"{self._where}.{key}[{index}]") for index, value in enumerate(values)])

    def end(self) -> None:
        """Refuse keys that are left."""
        if self._data:
            raise _WhereError(f"{self._where} has unknown keys: {', '.join(sorted(map(str, self._data)))}")


class _WhereError(ValueError):
    """It says where the error is."""


def _list(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise TypeError(f"must be a list, not {type(value).__name__}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"must be text, not {type(value).__name__}")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"must be a whole number, not {type(value).__name__}")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"must be true or false, not {type(value).__name__}")
    return value


def _octets(value: Any) -> bytes:
    return bytes.fromhex(_text(value).replace("-", "").replace(":", ""))


def _address(value: Any) -> IPv4Address:
    return IPv4Address(_text(value))


def _seconds(value: Any) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"must be a number of seconds, not {type(value).__name__}")
    return timedelta(seconds=value)


def _member(kind: type[Member]) -> Callable[[Any], Member]:
    def read(value: Any) -> Member:
        name = _text(value)
        if name.startswith("UNKNOWN_"):
            return kind(int(name.removeprefix("UNKNOWN_")))
        if name not in kind.__members__:
            raise ValueError(f"{name!r} is not one of {', '.join(kind.__members__)}")
        return kind[name]

    return read


def from_dict(cls: "type[ScopeConfig]", data: Mapping[str, Any]) -> "ScopeConfig":
    """Make a configuration from what `to_dict` returned."""
    fields = _Fields(data, "scope")
    number = fields.take("format", _number)
    if number != FORMAT:
        raise ValueError(f"format must be {FORMAT}, got {number}; it may be of another version of dhcpfo")
    reservations = fields.each("reservations", _read_reservation)
    policies = fields.each("policies", _read_policy)
    config = cls(
        network=fields.take("network", _text),
        name=fields.take("name", _text, None),
        comment=fields.take("comment", _text, None),
        state=fields.take("state", _member(ScopeState), ScopeState.ENABLED),
        range=fields.take("range", _read_range, None),
        exclusions=fields.each("exclusions", _read_span),
        reservations=[entry for entry, _ in reservations],
        options=fields.each("options", _read_option),
        reservation_options={entry.address: options for entry, options in reservations},
        policies=[policy for policy, _ in policies],
        policy_options={policy.name: options for policy, options in policies},
        policies_enforced=fields.take("policies_enforced", _truth, True),
        offer_delay=fields.take("offer_delay", _seconds, timedelta(0)),
        superscope=fields.take("superscope", _text, None),
        quarantine=fields.take("quarantine", _number, 0),
        unread=fields.each("unread", _read_unread),
    )
    fields.end()
    return config


def _read_range(data: Any) -> ScopeRange:
    fields = _Fields(data, "scope.range")
    value = ScopeRange(
        start=fields.take("start", _address),
        end=fields.take("end", _address),
        type=fields.take("type", _member(RangeType), RangeType.DHCP),
        max_bootp=fields.take("max_bootp", _number, MAX_DWORD),
    )
    fields.end()
    return value


def _read_span(data: Any, where: str) -> AddressRange:
    fields = _Fields(data, where)
    value = AddressRange(fields.take("start", _address), fields.take("end", _address))
    fields.end()
    return value


def _read_reservation(data: Any, where: str) -> tuple[Reservation, tuple[OptionValue, ...]]:
    fields = _Fields(data, where)
    options = fields.each("options", _read_option)
    entry = Reservation(
        address=fields.take("address", _address),
        client_id=fields.take("client_id", _octets),
        name=fields.take("name", _text, None),
        description=fields.take("description", _text, None),
        type=fields.take("type", _member(ClientType), ClientType.BOTH),
        has_options=bool(options),
    )
    fields.end()
    return entry, options


def _read_option(data: Any, where: str) -> OptionValue:
    fields = _Fields(data, where)
    kind = fields.take("type", _member(OptionType), None)
    value = OptionValue(
        id=fields.take("id", _number),
        type=kind,
        values=fields.each("values", lambda item, at: _read_item(kind, item, at)),
        vendor_class=fields.take("vendor_class", _text, None),
        user_class=fields.take("user_class", _text, None),
    )
    fields.end()
    return value


READERS: Mapping[OptionType, Callable[[Any], Any]] = {
    **dict.fromkeys((OptionType.BYTE, OptionType.WORD, OptionType.DWORD, OptionType.DWORD_DWORD), _number),
    OptionType.IP_ADDRESS: _address,
    OptionType.STRING: _text,
    OptionType.IPV6_ADDRESS: _text,
}


def _read_item(kind: OptionType | None, item: Any, where: str) -> Any:
    if isinstance(item, Mapping):
        fields = _Fields(item, where)
        own = fields.take("type", _member(OptionType))
        value = fields.take("value", READERS.get(own, _octets))
        fields.end()
        return OptionElement(own, value)
    if kind is None:
        raise _WhereError(f"{where}: a value needs a type")
    return _Fields({"value": item}, where).take("value", READERS.get(kind, _octets))


def _read_policy(data: Any, where: str) -> tuple[Policy, tuple[OptionValue, ...]]:
    fields = _Fields(data, where)
    options = fields.each("options", _read_option)
    policy = Policy(
        name=fields.take("name", _text),
        description=fields.take("description", _text, None),
        enabled=fields.take("enabled", _truth, True),
        ranges=fields.each("ranges", _read_span),
        conditions=fields.each("conditions", _read_condition),
        expressions=fields.each("expressions", _read_expression),
        properties=fields.each("properties", _read_property),
    )
    fields.end()
    return policy, options


def _read_condition(data: Any, where: str) -> PolicyCondition:
    fields = _Fields(data, where)
    value = PolicyCondition(
        parent=fields.take("parent", _number, 0),
        type=fields.take("type", _member(ConditionType)),
        option_id=fields.take("option_id", _number, 0),
        sub_option_id=fields.take("sub_option_id", _number, 0),
        vendor_class=fields.take("vendor_class", _text, None),
        comparator=fields.take("comparator", _member(Comparator), Comparator.EQUAL),
        value=fields.take("value", _octets, b""),
    )
    fields.end()
    return value


def _read_expression(data: Any, where: str) -> PolicyExpression:
    fields = _Fields(data, where)
    value = PolicyExpression(fields.take("parent", _number, 0), fields.take("operator", _member(LogicOperator)))
    fields.end()
    return value


def _read_property(data: Any, where: str) -> Property:
    fields = _Fields(data, where)
    kind = fields.take("type", _member(PropertyType))
    number = kind in (PropertyType.BYTE, PropertyType.WORD, PropertyType.DWORD)
    read = _number if number else _octets if kind == PropertyType.BINARY else _text
    value = Property(fields.take("id", _member(PropertyId)), kind, fields.take("value", read, None))
    fields.end()
    return value


def _read_unread(data: Any, where: str) -> Unread:
    fields = _Fields(data, where)
    fields.take("name", _text, None)
    error = from_code(
        fields.take("code", _number),
        fields.take("function", _text),
        fields.take("server", _text, None),
        detail=fields.take("text", _text, None),
    )
    value = Unread(fields.take("part", _text), error)
    fields.end()
    return value
