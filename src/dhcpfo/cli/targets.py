"""The servers and pairs that the options of a command name."""

import contextlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .named import Named
from .options import Options
from .problems import Problem

if TYPE_CHECKING:
    from ..pair import FailoverPair
    from ..server import Server
    from ..simulator import Lab

__all__ = ["Target", "Targets"]

NOTHING_GIVEN = "no servers given: pass --pair A,B, -s SERVER, -f FILE, or --lab FILE for simulated ones"
ONLY_ALONE = "--only needs -f FILE"


class Target(NamedTuple):
    """A pair that a command works on.

    Attributes:
        name: Its name.
        pair: Both servers.
    """

    name: str
    pair: "FailoverPair"


class Targets:
    """Opens what the options name, each server once; nothing is sent.

    Args:
        options: The options.
        password: Asks for the password of a user.
    """

    def __init__(self, options: Options, password: Callable[[str], Any]) -> None:
        self.options = options
        self._password = password
        self._open: dict[str, Server] = {}

    @cached_property
    def lab(self) -> "Lab | None":
        """The lab of ``--lab``, or None."""
        if self.options.lab is None:
            return None
        from pathlib import Path  # here and below: `dhcpfo check` must start at once

        from ..simulator import Lab

        if Path(self.options.lab).is_dir():
            raise Problem(f"{self.options.lab} is a folder, and a lab is a file")
        if not Path(self.options.lab).is_file():
            raise Problem(f"{self.options.lab}: no such lab", hint=f"dhcpfo lab init {self.options.lab}")
        return Lab.open(self.options.lab, create=False)

    @cached_property
    def credentials(self) -> Any:
        """Who logs on, or None for the user that runs this process."""
        if self.options.user is None:
            return None
        from ..rpc import Credentials

        return Credentials(self.options.user, self._password(self.options.user))

    def named(self) -> list[Named]:
        """Return the pairs that the options name."""
        options = self.options
        for one, other in options.pair:
            if one.casefold() == other.casefold():
                raise Problem(f"--pair must name two different servers, got {one},{other}")
        found = [Named(",".join(names), names) for names in options.pair]
        if options.only and options.file is None:
            raise Problem(ONLY_ALONE)
        if options.file is not None:
            from .fleetfile import read_pairs

            inside = read_pairs(options.file)
            wanted = [one for one in inside if not options.only or any(matches(one.name, p) for p in options.only)]
            if options.only and not wanted:
                raise Problem(f"{options.file} has no pair {' or '.join(options.only)}")
            found += wanted
        if not found and len(options.servers) == 2:
            one, other = options.servers
            if one.casefold() == other.casefold():
                raise Problem(f"-s must name two different servers, got {one} twice")
            found = [Named(f"{one},{other}", (one, other))]
        if not found and options.servers:
            raise Problem(f"this command needs two servers: --pair {options.servers[0]},OTHER")
        if not found and self.lab is not None:
            found = self._of_lab(self.lab)
            if not found:
                raise Problem(f"{options.lab}: no two servers in it are a pair", hint="name two: --pair A,B")
        if not found:
            raise Problem(NOTHING_GIVEN)
        once: dict[str, Named] = {}
        for named in found:
            if once.setdefault(named.name, named) != named:
                raise Problem(f"two pairs have the name {named.name}")
        return list(once.values())

    def _of_lab(self, lab: "Lab") -> list[Named]:
        """Return the pairs of a lab: two servers, or all that share a relationship."""
        from ..errors import DhcpError

        names = lab.servers
        if len(names) == 2:
            return [Named(f"{names[0]},{names[1]}", (names[0], names[1]))]
        pairs: dict[frozenset[str], tuple[str, str]] = {}
        for name in names:
            try:
                for one in self.server(name).relationships():
                    ends = (one.primary_server_name or "", one.secondary_server_name or "")
                    if all(end in names for end in ends):
                        pairs.setdefault(frozenset(ends), ends)
            except DhcpError:
                continue  # its partner names it
        return [Named(",".join(ends), ends) for ends in pairs.values()]

    def server(self, name: str) -> "Server":
        """Return a connection to a server."""
        if name not in self._open:
            if self.lab is not None:
                self._open[name] = self.lab.connect(name)
            else:
                from ..server import connect

                self._open[name] = connect(name, credentials=self.credentials)
        return self._open[name]

    def open(self, named: Named) -> Target:
        """Return a pair, opened."""
        from ..pair import FailoverPair

        one, other = (self.server(name) for name in named.servers)
        if self.lab is not None:
            from ..simulator.connect import LabClock

            return Target(named.name, FailoverPair(one, other, clock=LabClock(self.lab), **dict(named.options)))
        return Target(named.name, FailoverPair(one, other, **dict(named.options)))

    def servers(self) -> "list[Server]":
        """Return the servers of ``-s``, or those of the pairs, each once."""
        options = self.options
        if options.only and options.file is None:
            raise Problem(ONLY_ALONE)
        if options.servers:
            names = list(options.servers)
        elif self.lab is not None and not options.pair and options.file is None:
            names = list(self.lab.servers)
            if not names:
                raise Problem(f"{options.lab}: the lab has no servers", hint="dhcpfo lab init OTHER.lab")
        else:
            names = [name for named in self.named() for name in named.servers]
        return [self.server(name) for name in dict.fromkeys(names)]

    def firsts(self) -> "list[Server]":
        """Return the first server of each pair, each once; of ``-s`` and of a lab without pairs, only the first."""
        names = [server.name or "" for server in self.servers()[:1]]
        if not self.options.servers:
            with contextlib.suppress(Problem):  # a lab without pairs
                names = [named.servers[0] for named in self.named()]
        return [self.server(name) for name in dict.fromkeys(names)]

    def partners(self) -> dict[str, list[str]]:
        """Return the names of the partners of each of `servers`."""
        names = [server.name or "this machine" for server in self.servers()]
        found: dict[str, list[str]] = {name: [] for name in names}
        groups = [tuple(names)]
        if not self.options.servers:
            with contextlib.suppress(Problem):  # a lab without pairs
                groups = [named.servers for named in self.named()]
        for group in groups:
            for name in group:
                found.setdefault(name, []).extend(other for other in group if other != name)
        return found

    def close(self) -> None:
        """Close all connections."""
        for server in self._open.values():
            server.close()
        self._open.clear()
        if self.options.lab is not None and "lab" in self.__dict__ and self.lab is not None:
            self.lab.close()


def matches(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern such as ``branch-*``, in any case."""
    from fnmatch import fnmatchcase

    return fnmatchcase(name.casefold(), pattern.casefold())
