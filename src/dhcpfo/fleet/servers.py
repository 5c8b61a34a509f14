"""Which servers a pair of a fleet consists of, as data that can travel to another process."""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..arguments import text
from ..pair import Clock, FailoverPair
from ..pair.clock import REAL
from ..server import Server, connect

if TYPE_CHECKING:
    from ..simulator import Lab

__all__ = ["PairRef", "ServerRef"]

Opener = Callable[["PairRef"], FailoverPair]


@dataclass(frozen=True, slots=True)
class ServerRef:
    """A server to connect to: by `dhcpfo.connect`, or in a lab's file. It holds no credentials.

    Attributes:
        name: Its host name or address, or its name in the lab.
        lab: The path of the lab's file; None for a real server.
        route: As for `dhcpfo.connect`.
        address: As for `dhcpfo.connect`.
        port: As for `dhcpfo.connect`.
    """

    name: str
    lab: str | None = None
    route: Literal["dll", "rpc"] | None = None
    address: str | None = None
    port: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What two references to the same server have in common: the name in any case, and the lab."""
        return self.name.casefold(), self.lab or ""

    def connect(self) -> Server:
        """Connect to the server with the credentials of this process."""
        if self.lab is not None:
            return lab_at(self.lab).connect(self.name)
        return connect(self.name, route=self.route, address=self.address, port=self.port)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class PairRef:
    """A pair of a fleet.

    Attributes:
        name: Its name in the fleet.
        primary: The server that becomes the primary of new relationships.
        secondary: The other one.
        primary_address: As for `FailoverPair`.
        secondary_address: As for `FailoverPair`.
        opener: What makes the `FailoverPair`, given this object, on the worker: for credentials or clocks that
            `dhcpfo.connect` does not choose by itself. A function, or ``"module:function"``; other processes import it.
    """

    name: str
    primary: ServerRef
    secondary: ServerRef
    primary_address: str | None = None
    secondary_address: str | None = None
    opener: Opener | str | None = None

    @classmethod
    def of(cls, servers: str, name: str | None = None, *, lab: str | Path | None = None, **options: Any) -> "PairRef":
        """Return a pair from ``"dhcp1,dhcp2"``, the primary first.

        Args:
            servers: The names of the two servers, with a comma between them.
            name: The pair's name; by default ``servers``.
            lab: The lab's file that both are in.
            **options: Other attributes of the pair.

        Raises:
            ValueError: These are not two different names.
        """
        ends = [part.strip() for part in text("servers", servers).split(",")]
        if len(ends) != 2 or not all(ends) or ends[0].casefold() == ends[1].casefold():
            raise ValueError(f"servers must be two different names with a comma between them, got {servers!r}")
        where = None if lab is None else str(lab)
        return cls(name or ",".join(ends), ServerRef(ends[0], where), ServerRef(ends[1], where), **options)

    @property
    def servers(self) -> tuple[ServerRef, ServerRef]:
        """Both servers."""
        return self.primary, self.secondary

    def connect(self, *, calls_at_once: int = 8) -> FailoverPair:
        """Return the pair, connected with the credentials of this process. Nothing is sent.

        Pairs of a lab wait on the lab's clock, which takes no time.
        """
        if self.opener is not None:
            opener = _imported(self.opener) if isinstance(self.opener, str) else self.opener
            pair = opener(self)
            pair.calls_at_once = calls_at_once
            return pair
        clock: Clock = REAL
        if self.primary.lab is not None and self.primary.lab == self.secondary.lab:
            clock = lab_at(self.primary.lab).connect_pair(self.primary.name, self.secondary.name).clock
        return FailoverPair(
            self.primary.connect(),
            self.secondary.connect(),
            primary_address=self.primary_address,
            secondary_address=self.secondary_address,
            calls_at_once=calls_at_once,
            clock=clock,
        )

    def __str__(self) -> str:
        return self.name


def _imported(name: str) -> Opener:
    import pkgutil

    if ":" not in name:
        raise ValueError(f"opener must be 'module:function', got {name!r}")
    found: Opener = pkgutil.resolve_name(name)
    return found


_opening = threading.Lock()


def lab_at(path: str) -> "Lab":
    """Return the lab in a file; each is opened once in a process.

    Raises:
        OSError: The file does not exist.
    """
    with _opening:
        return _lab_at(str(Path(path).absolute()))


@functools.lru_cache(maxsize=64)
def _lab_at(path: str) -> "Lab":
    from ..simulator import Lab

    if not Path(path).is_file():
        raise FileNotFoundError(2, "no lab was found in this file", path)
    return Lab.open(path, create=False)
