"""IPv4 addresses as the API counts them, and the packed sequence that relationships keep their scopes in."""

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, overload

__all__ = ["AddressLike", "Addresses", "to_address", "to_addresses"]

fill = object.__setattr__
type_of_dword = next(code for code in "IL" if array(code).itemsize == 4)

AddressLike = IPv4Address | str
"""An address as users may write it."""


def to_address(value: AddressLike, argument: str = "address") -> IPv4Address:
    """Return ``value`` as an `IPv4Address`.

    Args:
        value: The address as the user gave it.
        argument: What the error message calls it.

    Raises:
        TypeError: ``value`` is neither text nor an `IPv4Address`. Numbers are refused, because their byte order would
            be a guess.
        ValueError: The text is not a valid IPv4 address.
    """
    if type(value) is IPv4Address:
        return value
    if isinstance(value, IPv4Address) and not isinstance(value, IPv4Interface):
        return IPv4Address(int(value))
    # An interface is an address and a network at once; it does not say which of them is meant.
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be IPv4Address or str, not {_type_name(value)}{_advice(value, argument)}")
    with suppress(ValueError):
        return IPv4Address(value)
    # Not in an except clause: a traceback must not lead to the frame of IPv4Address, where its object is half made and
    # cannot be shown.
    raise ValueError(f"{argument} must be a valid IPv4 address, got {value!r}{_advice(value, argument)}")


def _advice(value: object, argument: str) -> str:
    """The address to give in place of a network such as ``"10.0.1.0/24"``."""
    if isinstance(value, str) and "/" in value:
        with suppress(ValueError):
            value = IPv4Interface(value)
    if isinstance(value, IPv4Network):
        value = IPv4Interface(value)
    if not isinstance(value, IPv4Interface):
        return ""
    if argument in ("scope", "scopes"):
        return f"; give the network address {value.network.network_address}"
    return f"; give the address alone: {value.ip}"


def _type_name(value: object) -> str:
    return "None" if value is None else type(value).__name__


def to_addresses(values: Iterable[AddressLike], argument: str = "addresses") -> "Addresses":
    """Return ``values`` as `Addresses`; arguments and errors as with `to_address`."""
    if isinstance(values, Addresses):
        return values
    # Iterating over text gives letters, over a mapping or DataFrame keys, and over a network all its hosts.
    if isinstance(values, str | bytes | IPv4Network | Mapping) or hasattr(values, "columns"):
        raise TypeError(
            f"{argument} must be a list of IPv4 addresses, not {_type_name(values)}{_advice(values, argument)}"
        )
    if not isinstance(values, Iterable):
        raise TypeError(f"{argument} must be a list of IPv4 addresses, not {_type_name(values)}")
    return Addresses._of(tuple([to_address(value, argument) for value in values]))


def _sought(address: object) -> Any:
    """Convert text to an address if possible, for `in`, `index` and `count`."""
    if isinstance(address, str):
        with suppress(ValueError):
            return IPv4Address(address)
    return address


def unpack(packed: bytes) -> tuple[IPv4Address, ...]:
    """Turn native-order 32-bit numbers into addresses."""
    return tuple(map(IPv4Address, array(type_of_dword, packed)))


class Addresses(Sequence[IPv4Address]):
    """An immutable sequence of `IPv4Address`, equal to any sequence of the same addresses.

    Scopes arrive from a server as packed 32-bit numbers. They are converted on first use, because most callers never
    look at most of them.

    Args:
        addresses: Addresses or their text, in the order to keep.
    """

    __slots__ = ("_items", "_packed", "_unpack")
    _items: tuple[IPv4Address, ...] | None
    _packed: bytes | None
    _unpack: Callable[[bytes], tuple[IPv4Address, ...]]

    def __init__(self, addresses: Iterable[AddressLike] = ()) -> None:
        fill(self, "_items", to_addresses(addresses)._addresses())
        fill(self, "_packed", None)

    @classmethod
    def _of(cls, items: tuple[IPv4Address, ...]) -> "Addresses":
        self = cls.__new__(cls)
        fill(self, "_items", items)
        fill(self, "_packed", None)
        return self

    @classmethod
    def from_packed(cls, packed: bytes, unpack: Callable[[bytes], tuple[IPv4Address, ...]] = unpack) -> "Addresses":
        """Make a sequence from native-order 32-bit numbers; ``unpack`` converts them on first use."""
        self = cls.__new__(cls)
        fill(self, "_items", None)
        fill(self, "_packed", packed)
        fill(self, "_unpack", unpack)
        return self

    @property
    def packed(self) -> bytes:
        """The addresses as native-order 32-bit numbers, as the API takes them."""
        packed = self._packed
        if packed is None:
            packed = array(type_of_dword, map(int, self._addresses())).tobytes()
            fill(self, "_packed", packed)
        return packed

    def _addresses(self) -> tuple[IPv4Address, ...]:
        items = self._items
        if items is None:
            # Two threads may both convert; both results are equal.
            packed = self._packed
            assert packed is not None
            items = self._unpack(packed)
            fill(self, "_items", items)
        return items

    def __len__(self) -> int:
        return len(self._packed) // 4 if self._packed is not None else len(self._addresses())

    def __iter__(self) -> Iterator[IPv4Address]:
        return iter(self._addresses())

    def __contains__(self, address: object) -> bool:
        return _sought(address) in self._addresses()

    def index(self, address: object, start: int = 0, stop: int = sys.maxsize) -> int:
        """Return the first position of an address or its text; ValueError if it is not present."""
        return self._addresses().index(_sought(address), start, stop)

    def count(self, address: object) -> int:
        """Return how often an address, or its text, occurs."""
        return self._addresses().count(_sought(address))

    @overload
    def __getitem__(self, index: int) -> IPv4Address: ...
    @overload
    def __getitem__(self, index: slice) -> "Addresses": ...
    def __getitem__(self, index: int | slice) -> "IPv4Address | Addresses":
        if isinstance(index, slice):
            return self._of(self._addresses()[index])
        return self._addresses()[index]

    def __add__(self, other: Iterable[AddressLike]) -> "Addresses":
        return self._of(self._addresses() + to_addresses(other)._addresses())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Addresses):
            return self._addresses() == other._addresses()
        if isinstance(other, tuple):
            return self._addresses() == other
        if isinstance(other, Sequence) and not isinstance(other, str | bytes):
            return self._addresses() == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._addresses())

    def __repr__(self) -> str:
        return f"Addresses({[str(address) for address in self._addresses()]})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Addresses cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("Addresses cannot be changed")

    def __copy__(self) -> "Addresses":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Addresses":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(map(str, self._addresses())),)
