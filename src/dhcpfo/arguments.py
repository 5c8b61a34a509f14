"""Checks of the arguments that users pass, made before anything is sent.

Each error names the argument, what it must be, and what it was: "percentage must be between 0 and 100, got 130".
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network
from typing import Any, TypeVar

from .enums import FailoverMode, FailoverState, OptionType, ServerType
from .limits import (
    MAX_BYTE,
    MAX_CLASS_DATA,
    MAX_DELAY,
    MAX_DNS_SUFFIX,
    MAX_DWORD,
    MAX_INTERVAL,
    MAX_NAME_UNITS,
    MAX_POLICY_DESCRIPTION,
    MAX_POLICY_NAME,
    MAX_UNIQUE_ID,
    MAX_WORD,
    UNIQUE_ID_PREFIX,
)
from .models import (
    Addresses,
    AddressLike,
    AddressRange,
    DhcpClass,
    OptionDefinition,
    OptionElement,
    OptionValue,
    Policy,
    Relationship,
    Secret,
    to_address,
    to_addresses,
    to_option_values,
    unique_client_id,
)
from .models.convert import to_number, to_timedelta, wrong_type
from .models.secret import to_secret

MIN_CLIENT_ID = 2
"""Bytes in the shortest client identifier that a client can send (RFC 2132, 9.14)."""

CISCO = re.compile(r"(?:[0-9a-f]{4}\.)+(?:[0-9a-f]{2}){1,2}", re.IGNORECASE)
"""Bytes as Cisco's devices print them: 0015.5d01.0203."""

Member = TypeVar("Member", bound=IntEnum)
Value = TypeVar("Value")


def text(argument: str, value: str) -> str:
    """Check a text that is sent NUL-terminated."""
    if not isinstance(value, str):
        raise wrong_type(argument, value, "str")
    if problem := _problem(value):
        raise ValueError(f"{argument} {problem}")
    return value


def _problem(value: str) -> str | None:
    if not value:
        return "must not be empty"
    return "must not contain NUL characters; Windows would cut it off there" if "\0" in value else None


def any_text(argument: str, value: str | None) -> str | None:
    """Check a text that may be None or empty."""
    return value if value == "" else optional_text(argument, value)


def optional_text(argument: str, value: str | None) -> str | None:
    """Check a text that may be None."""
    return None if value is None else text(argument, value)


def shared_secret(value: Any) -> Secret | None:
    """Check a shared secret that is hidden already (`models.secret.hide`); None means no secret."""
    if value is None:
        return None
    secret = to_secret(value)
    if problem := _problem(secret.reveal()):
        raise ValueError(f"shared_secret {problem}")
    return secret


def relationship_name(name: str) -> str:
    """Check a relationship's name: 1 to 126 UTF-16 units."""
    # Most names end here: only a text of more than 63 characters can have more than 126 units.
    if type(name) is str and 0 < len(name) <= 63 and "\0" not in name:
        return name
    if len(text("name", name)) > 63:
        units = len(name.encode("utf-16-le", "surrogatepass")) // 2
        if units > MAX_NAME_UNITS:
            raise ValueError(f"name must have at most {MAX_NAME_UNITS} UTF-16 units, got {units}")
    return name


def address(argument: str, value: AddressLike) -> IPv4Address:
    """Check an IPv4 address."""
    return to_address(value, argument)


def span(start: AddressLike, end: AddressLike) -> tuple[IPv4Address, IPv4Address]:
    """Check the first and the last of consecutive addresses."""
    first, last = address("start", start), address("end", end)
    if last < first:
        raise ValueError(f"end must not be below start, got {first} to {last}")
    return first, last


def network(argument: str, value: IPv4Network | str) -> IPv4Network:
    """Check a network; text with host bits set is refused."""
    if isinstance(value, IPv4Network):
        return value
    if not isinstance(value, str):
        raise wrong_type(argument, value, "IPv4Network or str")
    try:
        return IPv4Network(value)
    except ValueError as problem:
        raise ValueError(f"{argument} must be a network such as 10.0.1.0/24: {problem}") from None


def truth(argument: str, value: bool) -> bool:
    """Check a truth value; numbers are not."""
    if not isinstance(value, bool):
        raise wrong_type(argument, value, "bool")
    return value


def scopes(values: Iterable[AddressLike]) -> Addresses:
    """Check a list of one or more scopes."""
    checked = to_addresses(values, "scopes")
    if not checked:
        raise ValueError("scopes must contain at least one scope")
    return checked


def number(argument: str, value: int, most: int, least: int = 0) -> int:
    """Check a whole number from ``least`` to ``most``. NumPy's integers are accepted; `bool` and fractions are not."""
    value = to_number(value, argument)
    if not least <= value <= most:
        raise ValueError(f"{argument} must be between {least} and {most}, got {value}")
    return value


def percentage(value: int) -> int:
    """Check a percentage."""
    return number("percentage", value, 100)


def seconds(argument: str, value: timedelta, most: int = MAX_DWORD) -> timedelta:
    """Check a time that is sent as whole seconds."""
    value = to_timedelta(value, argument)
    if value.microseconds:
        raise ValueError(f"{argument} must be whole seconds, got {value}")
    if not 0 <= (total := value.days * 86400 + value.seconds) <= most:
        raise ValueError(f"{argument} must be between 0 and {most} seconds, got {total}")
    return value


def delay(argument: str, value: timedelta) -> timedelta:
    """Check a delay of offers, which is sent as whole milliseconds."""
    value = to_timedelta(value, argument)
    if value % timedelta(milliseconds=1):
        raise ValueError(f"{argument} must be whole milliseconds, got {value}")
    if not timedelta(0) <= value <= MAX_DELAY:
        raise ValueError(f"{argument} must be between 0 and {MAX_DELAY}, got {value}")
    return value


def state_switch_interval(value: timedelta | None) -> timedelta | None:
    """Check a state switch interval. The largest number of seconds means "never", which is None here."""
    return None if value is None else seconds("state_switch_interval", value, MAX_DWORD - 1)


def member(argument: str, value: Member, kind: type[Member]) -> Member:
    """Check a member of an enumeration. Unknown ones pass, because they may mean something to the server."""
    if not isinstance(value, kind):
        raise wrong_type(argument, value, kind.__name__)
    if not 0 <= value <= MAX_DWORD:
        raise ValueError(f"{argument} must be between 0 and {MAX_DWORD}, got {int(value)}")
    return value


def client_id(value: bytes | str, *, in_scope: bool = False) -> bytes:
    """Check a client identifier: bytes, or hexadecimal text with or without dashes, colons or Cisco's dots.

    Args:
        value: The client identifier.
        in_scope: Whether a scope will be put in front of it.
    """
    most = MAX_UNIQUE_ID - in_scope * UNIQUE_ID_PREFIX
    if isinstance(value, str):
        digits = value.replace(".", "") if CISCO.fullmatch(value) else value.replace("-", "").replace(":", "")
        try:
            value = bytes.fromhex(digits)
        except ValueError:
            raise ValueError(f"client_id must be valid hexadecimal, got {value!r}") from None
    if not isinstance(value, bytes | bytearray | memoryview):
        raise wrong_type("client_id", value, "bytes or str")
    value = bytes(value)
    if not 0 < len(value) <= most:
        raise ValueError(f"client_id must have 1 to {most} bytes, got {len(value)}")
    return value


def unique_id(value: bytes | str, scope: IPv4Address | None) -> bytes:
    """Return the unique ID under which a server keeps a client.

    Args:
        value: The client identifier, or the unique ID itself.
        scope: The client's scope; may be None with a unique ID.
    """
    key = client_id(value)
    if scope is None:
        if len(key) < UNIQUE_ID_PREFIX + MIN_CLIENT_ID or key[UNIQUE_ID_PREFIX - 1] != 1:
            raise ValueError(
                f"client_id must be a unique ID if no scope is given, got {key.hex('-')}: a server keeps a client "
                "under its scope, the byte 1 and its client identifier; pass scope= together with a client identifier "
                "or MAC address, or pass the client_id of a FailoverClient"
            )
        return key
    if key.startswith(unique_client_id(scope, b"")) and len(key) > UNIQUE_ID_PREFIX:
        return key
    return unique_client_id(scope, client_id(key, in_scope=True))


def relationship(value: Relationship) -> Relationship:
    """Check a relationship that is to be created, and return it in the form to send.

    Servers return "" for a host name that is not set, but do not accept it: it becomes None.
    """
    relationship_name(value.name)
    shared_secret(value.shared_secret)
    member("mode", value.mode, FailoverMode)
    member("server_type", value.server_type, ServerType)
    member("state", value.state, FailoverState)
    member("previous_state", value.previous_state, FailoverState)
    seconds("mclt", value.mclt)
    state_switch_interval(value.state_switch_interval)
    percentage(value.percentage)
    scopes(value.scopes)
    changes: dict[str, Any] = {}
    for key in ("primary_server_name", "secondary_server_name"):
        if getattr(value, key) == "":
            changes[key] = None
        else:
            optional_text(key, getattr(value, key))
    if value.primary_server == value.secondary_server:
        raise ValueError(f"secondary_server must not be the primary server, got {value.secondary_server} for both")
    return value.replace(**changes) if changes else value


MOST = {OptionType.BYTE: MAX_BYTE, OptionType.WORD: MAX_WORD, OptionType.DWORD: MAX_DWORD}
MAX_DWORD_DWORD = 0xFFFFFFFF_FFFFFFFF


def option_values(argument: str, type_: OptionType | None, values: Any) -> tuple[Any, ...]:
    """Check the values of an option: their Python types, the size of numbers, and text that can be sent."""
    if type_ is not None and not isinstance(type_, OptionType):
        raise wrong_type("type", type_, "OptionType")
    checked = to_option_values(type_, values, argument)
    for value in checked:
        if isinstance(value, OptionElement):
            _option_element(argument, value.type, value.value)
        else:
            _option_element(argument, type_, value)
    return checked


def _option_element(argument: str, type_: OptionType | None, value: Any) -> None:
    if type_ is None or type_ not in OptionType.__members__.values():
        known = ", ".join(OptionType.__members__)
        raise ValueError(f"type must be one of {known}, got {type_!s}")
    if isinstance(value, int):
        number(argument, value, MOST.get(type_, MAX_DWORD_DWORD))
    elif isinstance(value, str) and "\0" in value:
        raise ValueError(f"{argument} must not contain NUL characters; Windows would cut it off there")


def _several(argument: str, values: Iterable[Value], kind: type[Value]) -> tuple[Value, ...]:
    """Check that an argument is a list or the like; texts and dictionaries are not meant."""
    if isinstance(values, str | bytes | bytearray | dict) or not isinstance(values, Iterable):
        raise wrong_type(argument, values, f"a sequence of {kind.__name__}")
    return tuple(values)


def options(values: Iterable[OptionValue]) -> tuple[OptionValue, ...]:
    """Check values of options that are to be set."""
    return tuple([option_value(value) for value in _several("values", values, OptionValue)])


def option_value(value: OptionValue) -> OptionValue:
    """Check a value of an option that is to be set."""
    if not isinstance(value, OptionValue):
        raise wrong_type("values", value, "OptionValue")
    number("id", value.id, MAX_DWORD)
    if not value.values:
        raise ValueError(f"values must contain at least one value, got none for option {value.id}")
    option_values("values", value.type, value.values)
    for key in ("vendor_class", "user_class", "policy"):
        optional_text(key, getattr(value, key))
    return value


def option_definition(value: OptionDefinition) -> OptionDefinition:
    """Check the definition of an option that is to be created or changed."""
    if not isinstance(value, OptionDefinition):
        raise wrong_type("definition", value, "OptionDefinition")
    number("id", value.id, MAX_DWORD)
    if not value.default:
        raise ValueError("default must contain at least one value: servers refuse a definition without")
    option_values("default", value.type, value.default)
    text("name", value.name or "")
    for key in ("vendor_class", "user_class"):
        optional_text(key, getattr(value, key))
    if value.description and "\0" in value.description:
        raise ValueError("description must not contain NUL characters; Windows would cut it off there")
    return value


def class_data(value: bytes | str, argument: str = "data") -> bytes:
    """Check the data of a class: 1 to 255 bytes, or ASCII text."""
    if isinstance(value, str):
        if not value.isascii():
            raise ValueError(f"{argument} must be ASCII text or bytes, got {value!r}")
        value = value.encode("ascii")
    if not isinstance(value, bytes | bytearray | memoryview):
        raise wrong_type(argument, value, "bytes or str")
    value = bytes(value)
    if not 0 < len(value) <= MAX_CLASS_DATA:
        raise ValueError(f"{argument} must have 1 to {MAX_CLASS_DATA} bytes, got {len(value)}")
    return value


def dhcp_class(value: DhcpClass) -> DhcpClass:
    """Check a class that is to be created or changed."""
    if not isinstance(value, DhcpClass):
        raise wrong_type("dhcp_class", value, "DhcpClass")
    text("name", value.name or "")
    class_data(value.data)
    number("flags", value.flags, MAX_DWORD)
    if value.description and "\0" in value.description:
        raise ValueError("description must not contain NUL characters; Windows would cut it off there")
    return value


def optional_address(argument: str, value: AddressLike | None) -> IPv4Address | None:
    """Check an IPv4 address that may be None."""
    return None if value is None else to_address(value, argument)


def minutes(argument: str, value: timedelta, most: timedelta = MAX_INTERVAL) -> timedelta:
    """Check an interval of the service, which is sent as whole minutes."""
    value = to_timedelta(value, argument)
    if value % timedelta(minutes=1):
        raise ValueError(f"{argument} must be whole minutes, got {value}")
    if not timedelta(0) < value <= most:
        raise ValueError(f"{argument} must be between 1 and {most // timedelta(minutes=1)} minutes, got {value}")
    return value


def _short_text(argument: str, value: str, most: int) -> str:
    """Check a text of a limited number of characters; a server counts UTF-16 units."""
    units = len(text(argument, value).encode("utf-16-le", "surrogatepass")) // 2
    if units > most:
        raise ValueError(f"{argument} must have at most {most} UTF-16 units, got {units}")
    return value


def policy_name(name: str, argument: str = "name") -> str:
    """Check a policy's name: 1 to 64 characters."""
    return _short_text(argument, name, MAX_POLICY_NAME)


def policy_description(value: str | None) -> str | None:
    """Check a policy's description: at most 255 characters, or None."""
    return None if value is None else _short_text("description", value, MAX_POLICY_DESCRIPTION)


def dns_suffix(value: str | None) -> str | None:
    """Check the DNS suffix of a policy: at most 255 characters, or None."""
    return None if value is None else _short_text("dns_suffix", value, MAX_DNS_SUFFIX)


def policy_order(value: int) -> int:
    """Check the place of a policy: from 1 on."""
    value = to_number(value, "order")
    if not 1 <= value <= MAX_DWORD:
        raise ValueError(f"order must be between 1 and {MAX_DWORD}, got {value}")
    return value


def address_ranges(values: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Check ranges of addresses."""
    checked = _several("ranges", values, AddressRange)
    for value in checked:
        if not isinstance(value, AddressRange):
            raise wrong_type("ranges", value, "AddressRange")
        if value.end < value.start:
            raise ValueError(f"ranges must end after they start, got {value}")
    return checked


def policy(value: Policy) -> Policy:
    """Check a policy that is to be created."""
    if not isinstance(value, Policy):
        raise wrong_type("policy", value, "Policy")
    policy_name(value.name)
    policy_description(value.description or None)
    dns_suffix(value.dns_suffix)
    address_ranges(value.ranges)
    number("order", value.order, MAX_DWORD)
    if not value.conditions:
        raise ValueError("conditions must contain at least one condition")
    for condition in value.conditions:
        if condition.parent >= len(value.expressions):
            raise ValueError(f"conditions must name an expression of the policy, got {condition.parent}")
    return value
