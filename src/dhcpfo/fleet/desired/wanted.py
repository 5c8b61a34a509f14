"""A pair as its file wants it, merged from all levels."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from ...models import DhcpClass, OptionDefinition
from .models import Absent, Limits, Relationship, Scope, ServerWide
from .nodes import Hidden, Map, Node, Text, path_text, place
from .problems import FileError, Mark, Problem
from .values import ScopeId

__all__ = ["Wanted", "WantedScope"]


@dataclass(frozen=True, slots=True)
class WantedScope:
    """The contents of a scope that a file names, or that a profile has for each scope of a pair."""

    id: ScopeId
    contents: Scope
    path: tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A pair as a file wants it. It can be pickled; the text of a secret in the file itself stays behind.

    Attributes:
        name: The name of the pair in the file.
        servers: The two servers.
        addresses: The addresses by which they reach each other, or None.
        classes: The user and vendor classes by name.
        definitions: The option definitions, as a file names them.
        server: What both servers have for all scopes.
        relationships: The relationships by name.
        only: Whether there must be no others between the two.
        scopes: The contents of scopes.
        absent: The relationships that must not be, and the server that keeps their scopes.
        limits: How much a run may delete and change.
        tree: The merged values, with their places.
        directory: What the paths of secret files are relative to.
    """

    name: str
    servers: tuple[str, str]
    addresses: tuple[IPv4Address, IPv4Address] | None
    classes: Mapping[str, DhcpClass]
    definitions: Mapping[str, OptionDefinition]
    server: ServerWide
    relationships: Mapping[str, Relationship]
    only: bool
    scopes: Mapping[IPv4Address, WantedScope]
    absent: Absent
    limits: Limits
    tree: Map = field(repr=False)
    directory: Path = field(repr=False)

    @property
    def mark(self) -> Mark:
        """Where the pair is written."""
        return self.tree.mark

    def place(self, *path: object) -> Mark:
        """Return where a value is written."""
        return place(self.tree, path).value

    def error(self, text: str, *path: object) -> FileError:
        """Return the error for a value that turns out wrong when the servers are read."""
        found = place(self.tree, path)
        keys = path_text(("pairs", self.name, *found.path))
        return FileError([Problem(found.value, keys, text)])

    def to_dict(self) -> dict[str, Any]:
        """Return the merged values as JSON-ready texts. A secret is there as its source."""
        shown: dict[str, Any] = _shown(self.tree)
        return {"pair": self.name, **shown}

    def _canonical(self) -> str:
        return json.dumps(self.to_dict(), sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return self._canonical() == other._canonical() if isinstance(other, Wanted) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._canonical())


def _shown(node: Node) -> Any:
    match node:
        case Text():
            return node.text
        case Hidden():
            return {"inline": str(node.mark)}
        case Map():
            return {key: _shown(item) for key, item in node.items.items()}
    return [_shown(item) for item in node.items]
