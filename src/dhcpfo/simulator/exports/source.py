"""The bytes of an export: opened, rewound, told apart, and decoded line by line."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from os import PathLike
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from ...models.convert import wrong_type

__all__ = ["CHUNK", "MAX_TEXT", "Source", "opened"]

CHUNK = 1 << 16
"""How many bytes are in memory at a time."""

MAX_TEXT = 1 << 20
"""Characters in the longest text or line that is read."""

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

DECLARATION = 100
"""Characters in which an XML file declares its encoding."""

BREAK = re.compile("\r\n|\r|\n")


class Source:
    """An open export that can be read several times.

    Args:
        file: The file; it is read from its present position on.
        name: What errors call it.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._start = file.tell()
        self.name = name
        head = self._read_head()
        self.mark = next((mark for mark in MARKS if head.startswith(mark)), b"")
        self.encoding = MARKS.get(self.mark) or _utf_16(head)
        text = head[len(self.mark) :].decode(self.encoding or "latin-1", "replace")
        self.is_xml = text.lstrip().startswith("<")
        if self.encoding is None and self.is_xml and "utf-16" in text[:DECLARATION].lower():
            self.encoding = "utf-8"  # it was converted, but still declares what it was

    def _read_head(self) -> bytes:
        head = self._file.read(CHUNK)
        if not isinstance(head, bytes | bytearray | memoryview):
            raise TypeError(f"file must be open in binary mode, but its read() returned {type(head).__name__}")
        return bytes(head)

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes, from the start on, without the mark of the encoding."""
        self._file.seek(self._start + len(self.mark))
        while chunk := self._file.read(CHUNK):
            yield chunk

    def lines(self, code_page: str) -> Iterator[tuple[int, str]]:
        """Yield the lines of a text with their numbers.

        Args:
            code_page: The encoding of a text that is neither UTF-16 nor UTF-8.

        Raises:
            ValueError: The text is not in this encoding, or not a text.
        """
        decoder = codecs.getincrementaldecoder(self.encoding or self._find_encoding(code_page))()
        number, rest = 1, ""
        for chunk in chain(self.chunks(), [None]):
            try:
                text = rest + (decoder.decode(b"", True) if chunk is None else decoder.decode(chunk))
            except UnicodeDecodeError as error:
                before = bytes(error.object)[: error.start].decode(error.encoding, "ignore")
                line = number + len(BREAK.findall(before))
                raise ValueError(f"line {line} of {self.name} is not valid {error.encoding} text") from None
            *ready, rest = BREAK.split(text.removesuffix("\r") if chunk is not None else text)
            if chunk is None:
                ready.append(rest)
            elif text.endswith("\r"):
                rest += "\r"  # the next character may belong to the same line break
            for line_text in ready:
                if "\0" in line_text:
                    raise ValueError(f"line {number} of {self.name} is not text")
                yield number, line_text
                number += 1
            if len(rest) > MAX_TEXT:
                raise ValueError(f"line {number} of {self.name} has more than {MAX_TEXT} characters")

    def _find_encoding(self, code_page: str) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for chunk in self.chunks():
                decoder.decode(chunk)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return code_page
        return "utf-8"


def _utf_16(head: bytes) -> str | None:
    """Return which UTF-16 a text without a mark is in, or None; it begins with ASCII characters."""
    if head[1:2] == b"\0" and head[:1] != b"\0":
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" and head[1:2] not in (b"", b"\0") else None


@contextmanager
def opened(file: str | PathLike[str] | BinaryIO) -> Iterator[Source]:
    """Open a path, or use an open binary file, which stays open; one that cannot be rewound is copied to the disk.

    Raises:
        OSError: The file cannot be read.
        TypeError: It is neither a path nor a file in binary mode.
    """
    if isinstance(file, str | PathLike):
        with Path(file).open("rb") as found:
            yield Source(found, str(file))
        return
    if not hasattr(file, "read"):
        raise wrong_type("file", file, "a path or a binary file")
    name = getattr(file, "name", None)
    shown = name if isinstance(name, str) else "the file"
    if hasattr(file, "seekable") and file.seekable():
        yield Source(file, shown)
        return
    with TemporaryFile() as copy:
        try:
            copyfileobj(file, copy, CHUNK)
        except TypeError:
            raise TypeError("file must be open in binary mode") from None
        copy.seek(0)
        yield Source(copy, shown)
