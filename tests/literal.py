"""The Python side of the providers of literal bytes (native/literal.h)."""

import ctypes
import struct
from collections.abc import Iterator

from foreign import library, native_api

WIDE = struct.calcsize("P") == 8
GIVEN = b"\xff" * (8 if WIDE else 4)
"""What stands in the record for a pointer that is not NULL."""
NULL = bytes(len(GIVEN))
PAD4 = bytes(4) if WIDE else b""


class Witness:
    """A provider of literal bytes, and the API over it."""

    def __init__(self, name: str) -> None:
        self.library = library(name)
        self.library.seen_bytes.restype = ctypes.c_void_p
        self.library.forget()
        self.api = native_api(self.library, "srv")

    @property
    def seen(self) -> list[bytes]:
        """What the last call gave, after the server's name."""
        library = self.library
        everything = [
            ctypes.string_at(library.seen_bytes(index), library.seen_size(index))
            for index in range(library.seen_count())
        ]
        assert everything.pop(0) == b"s\0r\0v\0\0\0"
        return everything


def provided(name: str) -> Iterator[Witness]:
    """Yield the provider of that name; afterwards, everything that it handed out must be free."""
    it = Witness(name)
    before = it.library.live_blocks()
    yield it
    assert it.library.live_blocks() == before
