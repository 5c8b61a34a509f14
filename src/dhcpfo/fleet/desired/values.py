"""Values as people write them in a file. Every check takes text, and says what it wants and what it got."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from ... import arguments
from ...limits import MAX_BYTE, MAX_DELAY, MAX_DWORD, MAX_PING_ATTEMPTS
from ...models import AddressRange, FilterPattern

__all__ = [
    "Address",
    "Attempts",
    "Bytes",
    "ClientId",
    "Clients",
    "Count",
    "Delay",
    "Lease",
    "Mclt",
    "Name",
    "Pattern",
    "Percentage",
    "PolicyWords",
    "RelationshipName",
    "ScopeId",
    "ScopeKey",
    "Span",
    "Suffix",
    "Switch",
    "Texts",
    "Title",
    "Truth",
    "Words",
    "choice",
    "clients_text",
    "duration",
    "duration_text",
    "octets",
    "pattern",
    "span",
    "span_text",
]

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
DURATION = re.compile(r"(?:\d+(?:ms|[wdhms]))+", re.ASCII)
PART = re.compile(r"(\d+)(ms|[wdhms])", re.ASCII)
HARDWARE = re.compile(r"\* \(hardware type (\d{1,3})\)", re.ASCII)
MAC_BYTES = 6
NEVER = "never"
UNLIMITED = "unlimited"
TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def wrong(text: str) -> PydanticCustomError:
    """Return the error for a value; braces in it are not placeholders."""
    return PydanticCustomError("value", "{text}", {"text": text})


def exact(value: Any) -> str:
    """Return a value that must be a single text, with the spaces around it that somebody put in quotes."""
    if not isinstance(value, str):
        kind = "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "a secret"
        raise wrong(f"must be a single value, not {kind}")
    if "\0" in value:
        raise wrong("must not contain NUL characters; Windows would cut it off there")
    return value


def text(value: Any) -> str:
    """Return a value that must be a single text, without spaces around it."""
    return exact(value).strip()


def duration(value: Any) -> timedelta:
    """Return a duration such as ``45m`` or ``1h30m``."""
    given = text(value)
    if not DURATION.fullmatch(given):
        raise wrong(f"must be a duration such as 45m or 1h30m, got {given!r}")
    try:
        seconds = sum(int(number) * UNITS[unit] for number, unit in PART.findall(given) if unit != "ms")
        thousandths = sum(int(number) for number, unit in PART.findall(given) if unit == "ms")
        return timedelta(seconds=seconds, milliseconds=thousandths)
    except (OverflowError, ValueError):
        raise wrong(f"must be a shorter duration, got {given[:40]!r}") from None


def _seconds(value: timedelta, given: Any) -> timedelta:
    """Return a duration of whole seconds, as far as a server can keep it."""
    if value % timedelta(seconds=1) or not timedelta(seconds=1) <= value <= timedelta(seconds=MAX_DWORD):
        raise wrong(f"must be whole seconds, from 1s on and below 136 years, got {text(given)!r}")
    return value


def duration_text(value: timedelta) -> str:
    """Return a duration as `duration` takes it."""
    rest, parts = value // timedelta(milliseconds=1), []
    for unit, seconds in UNITS.items():
        count, rest = divmod(rest, seconds * 1000)
        parts += [f"{count}{unit}"] if count else []
    parts += [f"{rest}ms"] if rest else []
    return "".join(parts) or "0s"


def _switch(value: Any) -> timedelta | None:
    return None if text(value) == NEVER or not (found := duration(value)) else _seconds(found, value)


def _mclt(value: Any) -> timedelta:
    return _seconds(duration(value), value)


def _delay(value: Any) -> timedelta:
    if (found := duration(value)) > MAX_DELAY:
        raise wrong(f"must be {duration_text(MAX_DELAY)} at most, got {text(value)!r}")
    return found


def _lease(value: Any) -> timedelta:
    return timedelta.max if text(value) in ("infinite", "unlimited") else _seconds(duration(value), value)


def _percentage(value: Any) -> int:
    given = text(value).removesuffix("%").strip()
    if not (given.isascii() and given.isdigit() and len(given) < 4 and int(given) <= 100):
        raise wrong(f"must be a percentage between 0 and 100, got {text(value)!r}")
    return int(given)


def _count(value: Any) -> int:
    given = text(value)
    if not (given.isascii() and given.isdigit() and len(given) < 11):
        raise wrong(f"must be a whole number, got {given!r}")
    return int(given)


def _clients(value: Any) -> int:
    if text(value) == UNLIMITED:
        return MAX_DWORD
    if (found := _count(value)) > MAX_DWORD:
        raise wrong(f"must be {UNLIMITED}, or at most {MAX_DWORD}, got {found}")
    return found


def clients_text(value: int) -> str:
    """Return a number of clients as `Clients` takes it."""
    return UNLIMITED if value == MAX_DWORD else str(value)


def _attempts(value: Any) -> int:
    if (found := _count(value)) > MAX_PING_ATTEMPTS:
        raise wrong(f"must be between 0 and {MAX_PING_ATTEMPTS}, got {found}")
    return found


def _truth(value: Any) -> bool:
    found = TRUTHS.get(text(value).lower())
    if found is None:
        raise wrong(f"must be yes or no, got {text(value)!r}")
    return found


def _name(value: Any) -> str:
    given = text(value)
    if not given:
        raise wrong("must not be empty")
    return given


def _title(value: Any) -> str:
    if not exact(value):
        raise wrong("must not be empty")
    return exact(value)


def _limited(check: Callable[[str], object]) -> Callable[[Any], str]:
    """Return a check of a text, which may be empty, by one of `dhcpfo.arguments`."""

    def checked(value: Any) -> str:
        given = exact(value)
        try:
            if given:
                check(given)
        except ValueError as error:
            raise wrong(str(error)) from None
        return given

    return checked


def _relationship(value: Any) -> str:
    return _limited(arguments.relationship_name)(_title(value))


def _client(value: Any) -> bytes:
    found = octets(value)
    try:
        return arguments.client_id(found, in_scope=True)
    except ValueError as error:
        raise wrong(str(error)) from None


def _texts(value: Any) -> tuple[str, ...]:
    found = tuple(map(exact, value)) if isinstance(value, list) else (exact(value),)
    if not found:
        raise wrong("must have a value")
    return found


def _address(value: Any) -> IPv4Address:
    given = text(value)
    try:
        return IPv4Address(given)
    except ValueError:
        raise wrong(f"{given!r} is not a valid IPv4 address") from None


def span(value: Any) -> AddressRange:
    """Return a range of addresses such as ``10.0.1.10-10.0.1.20``, or a single address."""
    first, dash, last = text(value).partition("-")
    start = _address(first)
    end = _address(last) if dash else start
    if end < start:
        raise wrong(f"the end must not be below the start, got {text(value)!r}")
    return AddressRange(start, end)


def span_text(value: AddressRange) -> str:
    """Return a range as `span` takes it."""
    return str(value.start) if value.start == value.end else f"{value.start}-{value.end}"


def octets(value: Any) -> bytes:
    """Return bytes such as ``00-15-5d-01-02-03``."""
    given = text(value)
    try:
        found = bytes.fromhex(re.sub(r"[-:.]", "", given))
    except ValueError:
        raise wrong(f"must be hexadecimal such as 00-15-5d-01-02-03, got {given!r}") from None
    if not found:
        raise wrong("must not be empty")
    return found


def pattern(value: Any) -> FilterPattern:
    """Return the addresses that a filter is about: ``00-15-5d-01-02-03``, ``00-15-5d-*``, ``* (hardware type 6)``."""
    given = text(value)
    exempt = HARDWARE.fullmatch(given)
    if exempt is not None and 1 < int(exempt[1]) <= MAX_BYTE:
        return FilterPattern(wildcard=True, hardware_type=int(exempt[1]))
    try:
        found = FilterPattern.parse(given)
    except ValueError:
        found = None
    most = MAC_BYTES - 1 if found is not None and found.wildcard else MAC_BYTES
    least = 1 if most < MAC_BYTES else MAC_BYTES
    if found is None or not least <= len(found.octets) <= most:
        raise wrong(f"must be {MAC_BYTES} bytes such as 00-15-5d-01-02-03, or less with -* behind them, got {given!r}")
    return found


def _pattern(value: Any) -> str:
    pattern(value)
    return text(value)


@dataclass(frozen=True, slots=True)
class ScopeId:
    """A scope as a file names it.

    Attributes:
        address: The scope's network address.
        network: The network, if the file gives the mask.
    """

    address: IPv4Address
    network: IPv4Network | None = None

    def __str__(self) -> str:
        return str(self.network or self.address)


def scope_id(value: Any) -> ScopeId:
    """Return a scope: ``10.0.1.0`` or ``10.0.1.0/24``."""
    given = text(value)
    address, slash, _ = given.partition("/")
    if not slash:
        return ScopeId(_address(address))
    try:
        network = IPv4Network(given)
    except ValueError as problem:
        reason = "has host bits set" if "host bits" in str(problem) else "is not a valid IPv4 network"
        raise wrong(f"{given!r} {reason}") from None
    return ScopeId(network.network_address, network)


def choice(*words: str) -> Any:
    """Return the type of a value that must be one of some words."""

    def check(value: Any) -> str:
        given = text(value)
        if given not in words:
            raise wrong(f"{given!r} is not one of {', '.join(words)}")
        return given

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"enum": list(words)})]


def _typed(check: Callable[[Any], Any], **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(check), WithJsonSchema({"type": "string", **schema})


SINGLE = {"type": ["string", "integer", "boolean"]}
ADDRESS = r"^\d+\.\d+\.\d+\.\d+$"
TIME = r"^(\d+(ms|[wdhms]))+$"

Name = Annotated[str, *_typed(_name, minLength=1)]
Title = Annotated[str, *_typed(_title, minLength=1)]
RelationshipName = Annotated[str, *_typed(_relationship, minLength=1)]
Words = Annotated[str, *_typed(exact)]
PolicyWords = Annotated[str, *_typed(_limited(arguments.policy_description))]
Suffix = Annotated[str, *_typed(_limited(arguments.dns_suffix))]
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [SINGLE, {"type": "array", "items": SINGLE, "minItems": 1}]}),
]
Address = Annotated[IPv4Address, *_typed(_address, pattern=ADDRESS)]
Span = Annotated[AddressRange, *_typed(span, pattern=r"^\d+\.\d+\.\d+\.\d+(-\d+\.\d+\.\d+\.\d+)?$")]
ScopeKey = Annotated[ScopeId, *_typed(scope_id, pattern=r"^\d+\.\d+\.\d+\.\d+(/\d+)?$")]
Mclt = Annotated[timedelta, *_typed(_mclt, pattern=TIME)]
Delay = Annotated[timedelta, *_typed(_delay, pattern=TIME)]
Switch = Annotated[timedelta | None, *_typed(_switch, pattern=rf"{TIME}|^never$")]
Lease = Annotated[timedelta, *_typed(_lease, pattern=rf"{TIME}|^infinite$")]
Bytes = Annotated[bytes, *_typed(octets)]
ClientId = Annotated[bytes, *_typed(_client)]
Pattern = Annotated[str, *_typed(_pattern)]
Percentage = Annotated[
    int, BeforeValidator(_percentage), WithJsonSchema({"type": ["string", "integer"], "minimum": 0, "maximum": 100})
]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": ["string", "integer"], "minimum": 0})]
Clients = Annotated[
    int, BeforeValidator(_clients), WithJsonSchema({"type": ["string", "integer"], "minimum": 0, "maximum": MAX_DWORD})
]
Attempts = Annotated[
    int,
    BeforeValidator(_attempts),
    WithJsonSchema({"type": ["string", "integer"], "minimum": 0, "maximum": MAX_PING_ATTEMPTS}),
]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"type": ["boolean", "string"]})]
