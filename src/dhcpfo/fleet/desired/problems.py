"""What is wrong with a file, with its place."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FileError", "Mark", "Problem", "did_you_mean"]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file.

    Attributes:
        file: The path as the user or an ``include`` wrote it.
        line: The line, from 1 on; 0 is the file as a whole.
        column: The column, from 1 on.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that is wrong with a file.

    Attributes:
        mark: Where.
        path: The keys that lead there, such as ``pairs.hq.servers``; empty for the file as a whole.
        text: What is wrong.
    """

    mark: Mark
    path: str
    text: str

    def __str__(self) -> str:
        where = str(self.mark) + (f":{self.mark.column}" if self.mark.line else "")
        said = ": ".join(filter(None, (where, self.path, self.text)))
        # One line, whatever is in the names of the file.
        return said if said.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in said)

    def to_dict(self) -> dict[str, str | int]:
        """Return JSON-ready values."""
        return {
            "file": self.mark.file,
            "line": self.mark.line,
            "column": self.mark.column,
            "path": self.path,
            "text": self.text,
        }


class FileError(ValueError):
    """A file that cannot be used. It has all problems at once; nothing was sent to a server.

    Attributes:
        problems: What is wrong, in the order of the places.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean x?" for the most similar known word, or nothing."""
    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""
