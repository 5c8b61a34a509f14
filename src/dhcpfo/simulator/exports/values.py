"""Values of exports, from their text. Each reader raises ValueError if the text is something else."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from ... import arguments
from ...enums import ClientType, OptionType, RangeType
from ...limits import FILETIME_EPOCH, MAX_DWORD

__all__ = [
    "address",
    "client_id",
    "client_type",
    "data",
    "duration",
    "milliseconds",
    "moment",
    "named",
    "number",
    "option_data",
    "option_type",
    "range_type",
    "truth",
]

NUMBER = re.compile(r"[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}", re.ASCII)

OPTION_TYPES = {
    "BYTE": OptionType.BYTE,
    "WORD": OptionType.WORD,
    "DWORD": OptionType.DWORD,
    "DWORDDWORD": OptionType.DWORD_DWORD,
    "IPV4ADDRESS": OptionType.IP_ADDRESS,
    "IPADDRESS": OptionType.IP_ADDRESS,
    "STRING": OptionType.STRING,
    "BINARYDATA": OptionType.BINARY,
    "BINARY": OptionType.BINARY,
    "ENCAPSULATEDDATA": OptionType.ENCAPSULATED,
    "ENCAPSULATED": OptionType.ENCAPSULATED,
    "IPV6ADDRESS": OptionType.IPV6_ADDRESS,
}
"""The names of both formats, in upper case."""

OF_BYTES = (OptionType.BINARY, OptionType.ENCAPSULATED)

CLIENT_TYPES = {"DHCP": ClientType.DHCP, "BOOTP": ClientType.BOOTP, "BOTH": ClientType.BOTH}
RANGE_TYPES = {"DHCP": RangeType.DHCP, "BOOTP": RangeType.BOOTP, "BOTH": RangeType.BOTH}

TIME_SPAN = re.compile(r"(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,7}))?)?", re.ASCII)
LONGEST = "10675199.02:48:05.4775807"
"""The longest time span that .NET can write: a lease without end."""

LAST_YEAR = 9999


def number(text: str, most: int = MAX_DWORD) -> int:
    """Read a number in decimal or, after 0x, in hexadecimal digits."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return arguments.number("the number", int(text, 16 if text[1:2] in ("x", "X") else 10), most)


def truth(text: str) -> bool:
    """Read true or false, in any case, or 1 or 0."""
    try:
        return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is neither true nor false") from None


def address(text: str) -> IPv4Address:
    """Read an IPv4 address."""
    try:
        return IPv4Address(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv4 address") from None


def client_id(text: str) -> bytes:
    """Read a client identifier in hexadecimal digits."""
    return arguments.client_id(text.strip(), in_scope=True)


def data(text: str) -> bytes:
    """Read bytes in hexadecimal digits, after 0x or not, with or without hyphens."""
    digits = text.strip().removeprefix("0x").removeprefix("0X").replace("-", "").replace(":", "")
    try:
        return bytes.fromhex(digits if len(digits) != 1 else f"0{digits}")
    except ValueError:
        raise ValueError(f"{text!r} is not hexadecimal") from None


def named(text: str, names: Mapping[str, Any], what: str) -> Any:
    """Read a word, in any case; ``names`` has the values by the words in upper case."""
    try:
        return names[text.strip().upper()]
    except KeyError:
        raise ValueError(f"{text!r} is not {what}") from None


def option_type(text: str) -> OptionType:
    """Read the type of an option."""
    found: OptionType = named(text, OPTION_TYPES, "the type of an option")
    return found


def client_type(text: str) -> ClientType:
    """Read which protocol a client may use."""
    found: ClientType = named(text, CLIENT_TYPES, "Dhcp, Bootp or Both")
    return found


def range_type(text: str) -> RangeType:
    """Read which clients a range serves."""
    found: RangeType = named(text, RANGE_TYPES, "Dhcp, Bootp or Both")
    return found


def option_data(type_: OptionType, texts: Sequence[str]) -> tuple[Any, ...]:
    """Read the values of an option; bytes are one value, however many texts they are written in."""
    if type_ in OF_BYTES:
        return (b"".join([data(text) for text in texts]),)
    values: list[Any] = []
    for text in texts:
        match type_:
            case OptionType.STRING:
                values.append(text)
            case OptionType.IP_ADDRESS:
                values.append(address(text))
            case OptionType.IPV6_ADDRESS:
                values.append(str(IPv6Address(text.strip())))
            case _:
                values.append(number(text, arguments.MOST.get(type_, arguments.MAX_DWORD_DWORD)))
    return arguments.option_values("values", type_, values)


def duration(text: str) -> int:
    """Read a time span as .NET writes it, such as 8.00:00:00, and return its seconds."""
    text = text.strip()
    if text == LONGEST:
        return MAX_DWORD
    match = TIME_SPAN.fullmatch(text)
    if match is None or (match[5] and match[5].strip("0")):
        raise ValueError(f"{text!r} is not a time in whole seconds such as 8.00:00:00")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    total = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return arguments.number("the seconds", total.days * 86400 + total.seconds, MAX_DWORD)


def milliseconds(text: str) -> timedelta:
    """Read a number of milliseconds."""
    return timedelta(milliseconds=number(text))


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Read a time as .NET writes it; None is the last one that it can write: never.

    Args:
        text: The text.
        zone: The time zone of a text that names none.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if found.year == LAST_YEAR:
            return None
        found = (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time such as 2026-09-29T08:00:00") from None
    if found < FILETIME_EPOCH:
        raise ValueError(f"{text!r} is before {FILETIME_EPOCH.year}")
    return found
