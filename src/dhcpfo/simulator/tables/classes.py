"""The user and vendor classes of a server."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..journal import Recorded
from ..switches import upper_case

__all__ = ["ClassTable", "StoredClass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClass:
    """A class.

    Attributes:
        name: Its name.
        data: The bytes that its clients send.
        is_vendor: Whether it is a vendor class.
        description: A comment, or None.
        flags: Undocumented.
    """

    name: str
    data: bytes
    is_vendor: bool
    description: str | None = None
    flags: int = 0

    @property
    def key(self) -> str:
        """What identifies it on its server."""
        return class_key(self.name, self.is_vendor)


def class_key(name: str, is_vendor: bool) -> str:
    """Return the key of a class: its kind, and its name in the form in which names are compared."""
    return f"{'vendor' if is_vendor else 'user'} {upper_case(name)}"


BUILT_IN = (
    ("Default Routing and Remote Access Class", b"RRAS.Microsoft", False, "User class for remote access clients"),
    ("Default BOOTP Class", b"BOOTP.Microsoft", False, "User class for BOOTP clients"),
    ("Default Network Access Protection Class", b"MSFT Quarantine", False, "Special user class for restricted clients"),
    ("Microsoft Windows 2000 Options", b"MSFT 5.0", True, "Vendor class of Windows 2000 and later clients"),
    ("Microsoft Windows 98 Options", b"MSFT 98", True, "Vendor class of Windows 98 clients"),
    ("Microsoft Options", b"MSFT", True, "Vendor class of all Microsoft clients"),
)
"""The classes that every server has: name, data, whether it is a vendor class, comment."""


@functools.cache
def built_in() -> Mapping[str, StoredClass]:
    """Return the built-in classes by key."""
    made = [StoredClass(name=name, data=data, is_vendor=kind, description=text) for name, data, kind, text in BUILT_IN]
    return {entry.key: entry for entry in made}


@dataclass(slots=True, kw_only=True)
class ClassTable(Recorded):
    """The classes of a server. Stored are those that differ from the built-in ones.

    Attributes:
        own: The classes by key.
    """

    own: Mapping[str, StoredClass] = field(default_factory=dict)

    def get(self, name: str, is_vendor: bool) -> StoredClass | None:
        """Return the class of that name and kind, or None."""
        key = class_key(name, is_vendor)
        return self.own.get(key) or built_in().get(key)

    def put(self, entry: StoredClass) -> None:
        """Add a class, or replace the one with its key."""
        self.own = {**self.own, entry.key: entry}

    def delete(self, key: str) -> None:
        """Remove a class that is not a built-in one."""
        self.own = {other: entry for other, entry in self.own.items() if other != key}

    def scan(self) -> Iterator[StoredClass]:
        """Yield all classes, the built-in ones first."""
        for key, entry in built_in().items():
            yield self.own.get(key, entry)
        for key, entry in self.own.items():
            if key not in built_in():
                yield entry
