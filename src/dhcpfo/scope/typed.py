"""Option values as people write them, with the types that their definitions give."""

import enum
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .. import arguments
from ..enums import Named, OptionType
from ..models import OptionDefinition, OptionKey, OptionValue
from ..models.names import upper_case
from ..models.standard_options import LEASE, MICROSOFT, STANDARD, VENDOR_CLASSES
from .frozen import FrozenDict
from .parts import DNS_SETTINGS, INFINITE, OptionValues

__all__ = ["NAMES", "DnsSettings", "changed_options", "option_name"]


class DnsSettings(Named, enum.IntFlag, boundary=enum.KEEP):
    """What a server registers in DNS for its clients: the value of option 81.

    Attributes:
        ENABLED: It registers clients in DNS.
        OLDER_CLIENTS: Also those that do not ask for it.
        CLEANUP: It removes the records when the lease ends.
        ALWAYS: It registers both records, whatever the client asks for.
        NAME_PROTECTION: No other client can take over a registered name.
        NO_PTR: It registers no PTR records.
        HAS_SUFFIX: A policy has a DNS suffix.
    """

    ENABLED = 0x01
    OLDER_CLIENTS = 0x02
    CLEANUP = 0x04
    ALWAYS = 0x10
    NAME_PROTECTION = 0x20
    NO_PTR = 0x40
    HAS_SUFFIX = 0x80


NAMES: Mapping[str, int] = {
    "routers": 3,
    "time-servers": 4,
    "dns-servers": 6,
    "log-servers": 7,
    "host-name": 12,
    "domain-name": 15,
    "broadcast-address": 28,
    "ntp-servers": 42,
    "vendor-options": 43,
    "wins-servers": 44,
    "netbios-node-type": 46,
    "lease-time": LEASE,
    "tftp-server-name": 66,
    "bootfile-name": 67,
    "dns-settings": DNS_SETTINGS,
    "classless-routes": 121,
}
"""Short names of options."""

_BY_NUMBER = {number: name for name, number in NAMES.items()}


def option_name(key: OptionKey) -> str:
    """Return how an option is shown: ``6 dns-servers``, ``66 tftp-server-name [Cisco]``."""
    short = "" if key.vendor_class else _BY_NUMBER.get(key.id, "")
    classes = "".join(f" [{name}]" for name in (key.vendor_class, key.user_class) if name)
    return f"{key.id}{short and ' '}{short}{classes}"


@cache
def _standard() -> tuple[OptionDefinition, ...]:
    """Return the definitions that every Windows server has."""
    standard = [
        OptionDefinition(id=number, name=name, type=type_, default=(), multivalued=many)
        for number, (name, type_, many, _) in STANDARD.items()
    ]
    vendor = [
        OptionDefinition(id=number, name=name, type=OptionType.DWORD, default=(), vendor_class=vendor_class)
        for vendor_class in VENDOR_CLASSES
        for number, (name, _) in MICROSOFT.items()
    ]
    return (*standard, *vendor)


_DNS = OptionDefinition(id=DNS_SETTINGS, name="DNS settings", type=OptionType.DWORD, default=())


class _Definitions:
    """Definitions by their keys and names."""

    def __init__(self, definitions: Iterable[OptionDefinition]) -> None:
        self._by_key = {_fold(definition.key): definition for definition in definitions}
        self._by_key.setdefault(_fold(_DNS.key), _DNS)  # no server defines it, and all have it
        self._by_name = {
            upper_case(definition.name or ""): definition
            for definition in self._by_key.values()
            if definition.vendor_class is None and definition.user_class is None
        }

    def key_of(self, option: Any) -> OptionKey:
        """Return the key that the caller means."""
        if isinstance(option, OptionKey):
            return option
        if isinstance(option, tuple) and len(option) == 2:
            vendor_class, number = option
            return OptionKey(arguments.text("vendor_class", vendor_class), "", arguments.number("id", number, INFINITE))
        if isinstance(option, str):
            if option in NAMES:
                return OptionKey("", "", NAMES[option])
            found = self._by_name.get(upper_case(option))
            if found is None:
                raise ValueError(f"no option is called {option!r}")
            return found.key
        return OptionKey("", "", arguments.number("id", option, INFINITE))

    def of(self, key: OptionKey) -> OptionDefinition:
        """Return the definition of an option: that of its user class, or else that of the default one."""
        found = self._by_key.get(_fold(key)) or self._by_key.get(_fold(key._replace(user_class="")))
        if found is None:
            raise ValueError(f"option {option_name(key)} is not defined")
        return found


def _fold(key: OptionKey) -> tuple[str, str, int]:
    return upper_case(key.vendor_class), upper_case(key.user_class), key.id


def changed_options(
    old: OptionValues, changes: Mapping[Any, Any], definitions: Iterable[OptionDefinition] | None
) -> OptionValues:
    """Return option values with changes; see `ScopeConfig.with_options`."""
    known = _Definitions(_standard() if definitions is None else definitions)
    found = dict(old)
    for option, values in changes.items():
        key = known.key_of(option)
        if values is None:
            found.pop(key, None)
        else:
            found[key] = _typed(key, known.of(key), values)
    return FrozenDict(found)


def _typed(key: OptionKey, definition: OptionDefinition, values: Any) -> OptionValue:
    given = values if isinstance(values, list | tuple) else [values]
    name = f"option {option_name(key)}"
    if len(given) > 1 and not definition.multivalued:
        raise ValueError(f"{name} takes one value, got {len(given)}")
    if definition.type is None:
        raise ValueError(f"{name}: its definition does not tell the type")
    try:
        items = arguments.option_values("value", definition.type, [_item(key, value) for value in given])
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name} takes {definition.type}: {problem}") from None
    if not items:
        raise ValueError(f"{name} must have a value; None removes it")
    return OptionValue(
        id=key.id,
        type=definition.type,
        values=items,
        vendor_class=key.vendor_class or None,
        user_class=key.user_class or None,
    )


def _item(key: OptionKey, value: Any) -> int | str | bytes | IPv4Address | IPv6Address:
    if isinstance(value, timedelta) and key.id == LEASE and not key.vendor_class:
        return INFINITE if value == timedelta.max else arguments.seconds("value", value) // timedelta(seconds=1)
    if isinstance(value, bool):
        return int(value)
    return value  # type: ignore[no-any-return]
