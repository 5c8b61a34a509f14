"""What `Lab.load_export` reports: how much it read, and each part that it did not read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace

from ...errors import DhcpError

__all__ = ["NOT_READ", "ExportReport", "Findings", "Unread", "Unusable"]

SHOWN = 120
"""How many characters of a part the report shows."""

NOT_READ = (ValueError, TypeError, OverflowError)
"""What the checks of values raise."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of an export that the lab does not have.

    Attributes:
        line: Its line in the file, from 1 on.
        text: What the part is: the element with its text, or the line of a dump; long ones are cut.
        reason: Why it was not read.
        count: How many parts with the same problem there are; ``line`` is that of the first.
    """

    line: int
    text: str
    reason: str
    count: int = 1

    def __str__(self) -> str:
        times = "" if self.count == 1 else f" ({self.count} times)"
        return f"line {self.line}: {self.text}: {self.reason}{times}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What `Lab.load_export` read; it prints as a summary with a line for each part that was not read.

    Attributes:
        server: The server of the lab that has it now.
        source: What the file is: ``"Export-DhcpServer"`` or ``"netsh dhcp server dump"``.
        classes: How many user and vendor classes the file has; like all numbers, without those that were not read.
        option_definitions: Option definitions.
        option_values: Option values of the server, scopes, reservations and policies.
        policies: Policies of the server and of scopes.
        filters: Link-layer filters.
        scopes: Scopes.
        superscopes: Superscopes.
        exclusions: Exclusions.
        reservations: Reservations.
        leases: Records of clients, without those of reservations that no client uses.
        unread: The parts that were not read, by line.
    """

    server: str
    source: str
    classes: int = 0
    option_definitions: int = 0
    option_values: int = 0
    policies: int = 0
    filters: int = 0
    scopes: int = 0
    superscopes: int = 0
    exclusions: int = 0
    reservations: int = 0
    leases: int = 0
    unread: tuple[Unread, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything in the file was read."""
        return not self.unread

    def __str__(self) -> str:
        counts = {entry.name.replace("_", " "): getattr(self, entry.name) for entry in fields(self)}
        numbers = [f"{count} {_noun(name, count)}" for name, count in counts.items() if type(count) is int and count]
        lines = [f"{self.source} -> {self.server}: {', '.join(numbers) or 'nothing'}"]
        if self.unread:
            lines += ["not read:", *(f"  {part}" for part in self.unread)]
        return "\n".join(lines)


def _noun(plural: str, count: int) -> str:
    if count != 1:
        return plural
    return {"classes": "class", "policies": "policy"}.get(plural, plural.removesuffix("s"))


class Unusable(Exception):  # noqa: N818  ends the reading of one part
    """A part cannot be read because of one of its values.

    Attributes:
        line: The line of the value.
        reason: What is wrong with it.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class Findings:
    """Collects a report.

    Attributes:
        counts: How much was read, by the attribute of the report.
    """

    counts: dict[str, int] = field(default_factory=dict)
    _unread: list[Unread] = field(default_factory=list)
    _repeated: dict[object, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        """Count a part that was read."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def unread(self, line: int, text: str, reason: str, *, alike: object = None) -> None:
        """Note a part that was not read.

        Args:
            line: Its line.
            text: What it is.
            reason: Why it was not read.
            alike: Parts with the same value become one entry with a count.
        """
        place = self._repeated.get(alike) if alike is not None else None
        if place is not None:
            entry = self._unread[place]
            self._unread[place] = replace(entry, count=entry.count + 1)
            return
        if alike is not None:
            self._repeated[alike] = len(self._unread)
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
        self._unread.append(Unread(line, shown, reason))

    @contextmanager
    def part(self, line: int, text: object, kind: str | None = None, *, contents: bool = False) -> Iterator[None]:
        """Read one part: count it, or note why it was not read.

        Args:
            line: Its line.
            text: What it is; an object that prints as that.
            kind: What it counts as.
            contents: Whether it has parts, which are not read either if it is not.
        """
        try:
            yield
        except Unusable as problem:
            line, reason = problem.line, problem.reason
        except DhcpError as error:
            reason = f"the server refuses it: {error.strerror} [{error.code_name} {error.winerror}]"
        except NOT_READ as error:
            reason = str(error)
        else:
            if kind is not None:
                self.count(kind)
            return
        self.unread(line, str(text), f"{reason}; nothing in it was read" if contents else reason)

    def report(self, server: str, source: str) -> ExportReport:
        """Return the report."""
        unread = tuple(sorted(self._unread, key=lambda part: part.line))
        return ExportReport(server=server, source=source, unread=unread, **self.counts)
