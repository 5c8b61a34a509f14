"""Checks of what users pass, made before any call: each error names the argument, what was given, what is allowed."""

from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum
from ipaddress import IPv4Address
from typing import TypeVar

from .enums import FailoverMode, FailoverState, ServerType
from .models import Addresses, AddressLike, Relationship, Secret, to_address, to_addresses

MAX_NAME_UNITS = 126
MAX_DWORD = 0xFFFFFFFF
MAX_UNIQUE_ID = 255
UNIQUE_ID_PREFIX = 5

Member = TypeVar("Member", bound=IntEnum)


def wrong_type(argument: str, value: object, wanted: str) -> TypeError:
    """Make the error for a value of a wrong type; it shows the type only, for the value may be a secret."""
    return TypeError(f"{argument}: {wanted} expected, {type(value).__name__} given")


def text(argument: str, value: str) -> str:
    """Check a text that is to travel NUL-terminated."""
    if not isinstance(value, str):
        raise wrong_type(argument, value, "text")
    if fault := _fault_of(value):
        raise ValueError(f"{argument}: {fault}")
    return value


def _fault_of(value: str) -> str | None:
    if not value:
        return "empty text given; at least one character is needed"
    return "the text holds a NUL character, where Windows would cut it off" if "\0" in value else None


def optional_text(argument: str, value: str | None) -> str | None:
    """Check a text that may be None."""
    return None if value is None else text(argument, value)


def shared_secret(value: str | Secret | None) -> Secret | None:
    """Check a shared secret; None is none."""
    if value is None:
        return None
    value = Secret(value)  # no variable of this frame is to hold the text
    if fault := _fault_of(value.reveal()):
        raise ValueError(f"shared_secret: {fault}")
    return value


def relationship_name(name: str) -> str:
    """Check a relationship's name: 1 to 126 UTF-16 units."""
    # Nearly every name ends here; only a text of more than 63 characters can have more than 126 units.
    if type(name) is str and 0 < len(name) <= 63 and "\0" not in name:
        return name
    if len(text("name", name)) > 63:
        units = len(name.encode("utf-16-le", "surrogatepass")) // 2
        if units > MAX_NAME_UNITS:
            raise ValueError(f"name: {units} UTF-16 units given; at most {MAX_NAME_UNITS} are allowed")
    return name


def address(argument: str, value: AddressLike) -> IPv4Address:
    """Check an IPv4 address."""
    return to_address(value, argument)


def scopes(values: Iterable[AddressLike]) -> Addresses:
    """Check a list of scopes: one or more addresses."""
    checked = to_addresses(values, "scopes")
    if not checked:
        raise ValueError("scopes: an empty list given; at least one scope is needed")
    return checked


def percentage(value: int) -> int:
    """Check a percentage."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type("percentage", value, "a whole number")
    if not 0 <= value <= 100:
        raise ValueError(f"percentage: {value} given; 0 to 100 are allowed")
    return value


def seconds(argument: str, value: timedelta, most: int = MAX_DWORD) -> timedelta:
    """Check a time that travels as whole seconds."""
    if not isinstance(value, timedelta):
        raise wrong_type(argument, value, "a timedelta")
    if value.microseconds or value < timedelta(0) or value > timedelta(seconds=most):
        raise ValueError(f"{argument}: {value!r} given; whole seconds from 0 to {most} are allowed")
    return value


def state_switch_interval(value: timedelta | None) -> timedelta | None:
    """Check a state switch interval; the largest number of seconds is taken by "never"."""
    return None if value is None else seconds("state_switch_interval", value, MAX_DWORD - 1)


def member(argument: str, value: Member, kind: type[Member]) -> Member:
    """Check a member of an enumeration; an unknown one may mean something to the server."""
    if not isinstance(value, kind):
        raise wrong_type(argument, value, f"a {kind.__name__}")
    if not 0 <= value <= MAX_DWORD:
        raise ValueError(f"{argument}: {int(value)} given; 0 to {MAX_DWORD} can be sent")
    return value


def client_id(value: bytes | str, *, in_scope: bool = False) -> bytes:
    """Check a client identifier: bytes, or their hexadecimal text with or without dashes or colons.

    With ``in_scope`` there must be room for the prefix that makes it a unique ID.
    """
    most = MAX_UNIQUE_ID - in_scope * UNIQUE_ID_PREFIX
    if isinstance(value, str):
        try:
            value = bytes.fromhex(value.replace("-", "").replace(":", ""))
        except ValueError:
            raise ValueError(f"client_id: {value!r} is no hexadecimal text") from None
    if not isinstance(value, bytes):
        raise wrong_type("client_id", value, "bytes or hexadecimal text")
    if not 0 < len(value) <= most:
        raise ValueError(f"client_id: {len(value)} bytes given; 1 to {most} are allowed")
    return value


def relationship(value: Relationship) -> Relationship:
    """Check a relationship that is to be created."""
    if not isinstance(value, Relationship):
        raise wrong_type("relationship", value, "a Relationship")
    relationship_name(value.name)
    optional_text("primary_server_name", value.primary_server_name)
    optional_text("secondary_server_name", value.secondary_server_name)
    shared_secret(value.shared_secret)
    member("mode", value.mode, FailoverMode)
    member("server_type", value.server_type, ServerType)
    member("state", value.state, FailoverState)
    member("previous_state", value.previous_state, FailoverState)
    seconds("mclt", value.mclt)
    state_switch_interval(value.state_switch_interval)
    percentage(value.percentage)
    scopes(value.scopes)
    return value
