"""The option definitions of a server, and option values: of the server, of a scope, its reservations and policies."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Any

from ...enums import OptionType
from ...models import OptionElement
from ...models.standard_options import MICROSOFT, STANDARD, VENDOR_CLASSES
from ..journal import Recorded
from ..switches import upper_case

__all__ = ["DefinitionTable", "OptionTable", "StoredDefinition", "StoredValue", "pack", "unpack"]

SEPARATOR = "\x1f"
"""Between the parts of a key; sorts before everything that a name contains."""


def pack(type_: OptionType | None, values: Iterable[Any]) -> tuple[str, ...]:
    """Return an option's data as texts, each of them the number of its type, a colon and its value."""
    return tuple(
        [
            _pack(value.type, value.value) if isinstance(value, OptionElement) else _pack(type_ or 0, value)
            for value in values
        ]
    )


def _pack(type_: int, value: Any) -> str:
    return f"{int(type_)}:{value.hex() if isinstance(value, bytes) else value}"


READERS: Mapping[int, Callable[[str], Any]] = {
    **dict.fromkeys((OptionType.BYTE, OptionType.WORD, OptionType.DWORD, OptionType.DWORD_DWORD), int),
    OptionType.IP_ADDRESS: IPv4Address,
    OptionType.STRING: str,
    OptionType.IPV6_ADDRESS: str,
}


def unpack(elements: Iterable[str]) -> tuple[OptionType | None, tuple[Any, ...]]:
    """Return the type and the values that `pack` made ``elements`` from."""
    first: OptionType | None = None
    values: list[Any] = []
    for element in elements:
        number, _, text = element.partition(":")
        type_ = OptionType(int(number))
        value = READERS.get(type_, bytes.fromhex)(text)
        first = type_ if first is None else first
        values.append(value if type_ == first else OptionElement(type_, value))
    return first, tuple(values)


def _key(user_class: str | None, vendor_class: str | None, vendor: bool, number: int) -> str:
    names = (upper_case(name or "") for name in (vendor_class, user_class))
    return SEPARATOR.join((*names, "vendor" if vendor else "", f"{number:010}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDefinition:
    """The definition of an option.

    Attributes:
        number: The option's number.
        vendor: Whether the call that made it had the flag for the options of a vendor class.
        vendor_class: The vendor class; None is the default class.
        user_class: The user class; None is the default class.
        name: Its name.
        description: A comment, or None.
        multivalued: Whether it takes several values.
        default: The default values, packed.
    """

    number: int
    vendor: bool = False
    vendor_class: str | None = None
    user_class: str | None = None
    name: str | None = None
    description: str | None = None
    multivalued: bool = False
    default: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What identifies it on its server."""
        return _key(self.user_class, self.vendor_class, self.vendor, self.number)


EMPTY: Mapping[OptionType, Any] = {OptionType.STRING: "", OptionType.IP_ADDRESS: IPv4Address(0), OptionType.BINARY: b""}


@functools.cache
def built_in() -> Mapping[str, StoredDefinition]:
    """Return the definitions that every server has, by key."""
    standard = [
        StoredDefinition(number=number, name=name, multivalued=many, default=pack(type_, [first]))
        for number, (name, type_, many, default) in STANDARD.items()
        for first in [EMPTY.get(type_, 0) if default is None else default]
    ]
    vendor = [
        StoredDefinition(
            number=number, vendor=True, vendor_class=name, name=text, default=pack(OptionType.DWORD, [default])
        )
        for name in VENDOR_CLASSES
        for number, (text, default) in MICROSOFT.items()
    ]
    return {entry.key: entry for entry in (*standard, *vendor)}


@dataclass(slots=True, kw_only=True)
class DefinitionTable(Recorded):
    """The option definitions of a server. Stored is how they differ from the built-in ones.

    Attributes:
        own: Definitions by key.
        removed: The keys of built-in definitions that were removed.
    """

    own: Mapping[str, StoredDefinition] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    def get(
        self, number: int, vendor: bool, user_class: str | None, vendor_class: str | None
    ) -> StoredDefinition | None:
        """Return a definition, or None."""
        key = _key(user_class, vendor_class, vendor, number)
        found = self.own.get(key)
        return found if found is not None or key in self.removed else built_in().get(key)

    def put(self, entry: StoredDefinition) -> None:
        """Add a definition, or replace the one with its key."""
        self.own = {**self.own, entry.key: entry}

    def delete(self, keys: Iterable[str]) -> None:
        """Remove definitions."""
        gone = frozenset(keys)
        self.own = {key: entry for key, entry in self.own.items() if key not in gone}
        self.removed |= gone & built_in().keys()

    def scan(self) -> list[StoredDefinition]:
        """Return all definitions: by vendor class, user class, and number."""
        standard = {key: entry for key, entry in built_in().items() if key not in self.removed}
        return [entry for _, entry in sorted((standard | dict(self.own)).items())]

    def delete_class(self, name: str, is_vendor: bool) -> None:
        """Remove the definitions of a class that is deleted."""
        self.delete(entry.key for entry in self.scan() if _of_class(entry, name, is_vendor))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """The value of an option.

    Attributes:
        number: The option's number.
        vendor: Whether the call that set it had the flag for the options of a vendor class.
        vendor_class: The vendor class; None is the default class.
        user_class: The user class; None is the default class.
        policy: The policy that it belongs to, or None.
        reservation: The reserved address that it belongs to, or None.
        data: The values, packed.
    """

    number: int
    vendor: bool = False
    vendor_class: str | None = None
    user_class: str | None = None
    policy: str | None = None
    reservation: IPv4Address | None = None
    data: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What identifies it in its table."""
        owner = f"reservation {int(self.reservation):010}" if self.reservation is not None else ""
        if self.policy is not None:
            owner = f"policy {upper_case(self.policy)}"
        return owner + SEPARATOR + _key(self.user_class, self.vendor_class, self.vendor, self.number)

    @property
    def group(self) -> str:
        """What the values of the same owner and classes share."""
        return replace(self, number=0, vendor=False).key


@dataclass(slots=True, kw_only=True)
class OptionTable(Recorded):
    """The option values of a server and its policies, or of a scope with its reservations and policies.

    Attributes:
        values: The values by key.
    """

    values: Mapping[str, StoredValue] = field(default_factory=dict)

    def get(self, wanted: StoredValue) -> StoredValue | None:
        """Return the value with the key of ``wanted``, or None."""
        return self.values.get(wanted.key)

    def put(self, entry: StoredValue) -> None:
        """Set a value."""
        self.values = {**self.values, entry.key: entry}

    def delete(self, wanted: StoredValue) -> None:
        """Remove the value with the key of ``wanted``."""
        self._keep(lambda entry: entry.key != wanted.key)

    def scan(self, *, reservation: IPv4Address | None = None) -> Iterator[StoredValue]:
        """Yield the values of the table's owner itself, or of one reservation: by vendor and user class, and number."""
        for _, entry in sorted(self.values.items()):
            if entry.policy is None and entry.reservation == reservation:
                yield entry

    def scan_policies(self) -> Iterator[StoredValue]:
        """Yield the values of all policies: by policy, vendor class and number."""
        for _, entry in sorted(self.values.items()):
            if entry.policy is not None:
                yield entry

    def reservations(self) -> frozenset[IPv4Address]:
        """Return the reserved addresses that have values."""
        return frozenset(entry.reservation for entry in self.values.values() if entry.reservation is not None)

    def delete_reservation(self, address: IPv4Address) -> None:
        """Remove the values of a reservation that is removed."""
        self._keep(lambda entry: entry.reservation != address)

    def delete_policy(self, name: str) -> None:
        """Remove the values of a policy that is deleted."""
        gone = upper_case(name)
        self._keep(lambda entry: entry.policy is None or upper_case(entry.policy) != gone)

    def rename_policy(self, name: str, new_name: str) -> None:
        """Let the values of a policy belong to its new name."""
        old = upper_case(name)
        renamed = (
            replace(entry, policy=new_name) if entry.policy is not None and upper_case(entry.policy) == old else entry
            for entry in self.values.values()
        )
        self.values = {entry.key: entry for entry in renamed}

    def has_policy_values(self, name: str, allowed: Iterable[int]) -> bool:
        """Return whether a policy has a value of an option that is not among the allowed ones."""
        wanted, numbers = upper_case(name), frozenset(allowed)
        mine = (entry for entry in self.scan_policies() if upper_case(entry.policy or "") == wanted)
        return any(entry.vendor or entry.number not in numbers for entry in mine)

    def delete_class(self, name: str, is_vendor: bool) -> None:
        """Remove the values of a class that is deleted."""
        self._keep(lambda entry: not _of_class(entry, name, is_vendor))

    def _keep(self, wanted: Callable[[StoredValue], bool]) -> None:
        kept = {key: entry for key, entry in self.values.items() if wanted(entry)}
        if len(kept) != len(self.values):
            self.values = kept


def _of_class(entry: StoredDefinition | StoredValue, name: str, is_vendor: bool) -> bool:
    found = entry.vendor_class if is_vendor else entry.user_class
    return found is not None and upper_case(found) == upper_case(name)
