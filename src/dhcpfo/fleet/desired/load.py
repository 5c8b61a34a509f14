"""Reads a file with everything that it includes: pairs, or all that is wrong with them."""

import glob
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from ...models.names import upper_case
from .across import check_across
from .across_scopes import check_scopes
from .across_servers import check_servers
from .check import check
from .level import bad_names, level_mistakes
from .merge import WITHIN, level, listed, merged
from .models import (
    Absent,
    Definition,
    Document,
    Limits,
    OptionClass,
    Pair,
    Policies,
    Relationship,
    Scope,
    ServerWide,
)
from .nodes import Hidden, Map, Node, Seq, Text, documents, path_text, place
from .problems import FileError, Mark, Problem, did_you_mean
from .serverwide import both_ways, class_of, definition_of, twice
from .values import ScopeId, scope_id
from .wanted import Wanted, WantedScope

__all__ = ["Fleet", "read_fleet"]

Said = TypeVar("Said", bound=BaseModel)
Made = TypeVar("Made")

MOST_FILES = 20_000
KEEPERS = ("both",)
SERVER = tuple(field.alias or name for name, field in ServerWide.model_fields.items())
"""The keys for what both servers have for all scopes."""


@dataclass(frozen=True, slots=True)
class Fleet(Mapping[str, Wanted]):
    """The pairs of a file, by name, in the order of the file.

    Attributes:
        path: The file.
        pairs: The pairs.
        warnings: What should be mended but does not stop anything.
        files: The file and those that it includes.
    """

    path: str
    pairs: dict[str, Wanted] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = field(default=(), repr=False)

    def __getitem__(self, name: str) -> Wanted:
        return self.pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


def read_fleet(path: str | Path) -> Fleet:
    """Read a file that says how pairs should be, and check it. No server is asked.

    Args:
        path: The file. It may include others.

    Raises:
        FileError: Something is wrong; the error has all problems with their places.
    """
    loader = _Loader()
    loader.file(Path(path), str(path), None, {}, ())
    if not loader.problems:
        check_across(loader.pairs.values(), loader.problems)
        check_servers(loader.pairs.values(), loader.problems)
        check_scopes(loader.pairs.values(), loader.problems, loader.warnings)
    if loader.problems:
        raise FileError(loader.problems)
    return Fleet(str(path), loader.pairs, tuple(loader.warnings), tuple(loader.files))


class _Loader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.pairs: dict[str, Wanted] = {}
        self.places: dict[str, Mark] = {}
        self.files: dict[Path, Mark] = {}

    def problem(self, mark: Mark, path: tuple[object, ...], text: str) -> None:
        self.problems.append(Problem(mark, path_text(path), text))

    def file(
        self, path: Path, shown: str, defaults: Map | None, profiles: Mapping[str, Map], asked: tuple[Mark, ...]
    ) -> None:
        """Read a file.

        Args:
            path: The file.
            shown: What messages call it.
            defaults: The defaults of the document that includes it.
            profiles: Its profiles.
            asked: Where it is included, the last place last.
        """
        mark = asked[-1] if asked else Mark(shown)
        key = path.resolve()
        if key in self.files:
            first = self.files[key]
            self.problem(mark, ("include",), f"{shown} is read twice{f', first by {first}' if first.line else ''}")
            return
        self.files[key] = mark
        if len(self.files) > MOST_FILES:
            self.problem(mark, ("include",), f"must not include more than {MOST_FILES} files")
            return
        try:
            data = path.read_bytes()
        except OSError as error:
            text = f"{shown} cannot be read: {error.strerror}" if asked else f"cannot be read: {error.strerror}"
            self.problem(mark, ("include",) if asked else (), text)
            return
        for tree in documents(data, shown, self.problems):
            self.document(tree, path, shown, defaults, profiles, asked)

    def document(
        self,
        tree: Map,
        path: Path,
        shown: str,
        defaults: Map | None,
        profiles: Mapping[str, Map],
        asked: tuple[Mark, ...],
    ) -> None:
        """Check a document, merge its pairs, and read what it includes."""
        document = check(Document, tree, (), self.problems)
        self.inline(tree, ())
        own, more = level(tree, "defaults"), level(tree, "profiles")
        below = Map(tree.mark)
        for kind in WITHIN:
            found = merged(kind, level(defaults, kind), level(own, kind))
            if found is not None:
                _set(below, kind, found)
        for key, value in server_keys(defaults, own).items.items():
            _set(below, key, value)
        known = dict(profiles)
        known.update({name: one for name, one in more.items.items() if isinstance(one, Map)} if more else {})
        for name, node in (found.items if (found := level(tree, "pairs")) is not None else {}).items():
            if not isinstance(node, Map):
                continue
            mark = tree_key(tree, name)
            if name in self.places:
                self.problem(mark, ("pairs", name), f"given twice, first in {self.places[name]}")
                continue
            self.places[name] = mark
            model = document.pairs[name] if document is not None and document.pairs else None
            self.pair(name, node, model, below, known, path.parent)
        self.include(tree, path, shown, below, known, asked)

    def include(
        self,
        tree: Map,
        path: Path,
        shown: str,
        defaults: Map,
        profiles: Mapping[str, Map],
        asked: tuple[Mark, ...],
    ) -> None:
        """Read the files that a document includes, each pattern in the order of the names."""
        node = tree.items.get("include")
        for item in node.items if isinstance(node, Seq) else [node]:
            if not isinstance(item, Text):
                continue
            pattern = item.text.strip()
            try:
                found = sorted(glob.glob(pattern, root_dir=path.parent, recursive=True))  # noqa: PTH207  Path keeps no "../"
            except (OSError, ValueError):
                found = []
            if not found:
                self.problem(item.mark, ("include",), f"no file matches {pattern!r}")
            folder = Path(shown).parent
            for name in found:
                self.file(path.parent / name, str(folder / name), defaults, profiles, (*asked, item.mark))

    def inline(self, node: Node, path: tuple[object, ...]) -> None:
        """Warn of secrets that are written in a file."""
        if isinstance(node, Hidden):
            text = "a secret in the file can be read by everybody who reads the file; use env, file, keyring or prompt"
            self.warnings.append(Problem(node.mark, path_text(path), text))
        elif isinstance(node, Map):
            for key, item in node.items.items():
                self.inline(item, (*path, key))

    # One pair

    def pair(
        self, name: str, node: Map, model: Pair | None, defaults: Map, profiles: Mapping[str, Map], directory: Path
    ) -> None:
        """Merge a pair, and check what only the merged values tell."""
        at: tuple[object, ...] = ("pairs", name)
        profile: Map | None = None
        chosen = node.items.get("profile")
        if isinstance(chosen, Text):
            profile = profiles.get(chosen.text)
            if profile is None:
                text = f"profile {chosen.text!r} is not in the file{did_you_mean(chosen.text, profiles)}"
                self.problem(chosen.mark, (*at, "profile"), text)
                return
        if model is None:
            return
        before = len(self.problems)
        tree = Map(node.mark, dict(node.items), dict(node.keys))
        relationships = self.relationships(tree, at, defaults, profile)
        self.servers_named(model, tree, at, relationships)
        scopes = self.scopes(tree, at, defaults, profile, relationships)
        classes = self.server_wide("classes", OptionClass, class_of, tree, at, (defaults, profile, node))
        definitions = self.server_wide("definitions", Definition, definition_of, tree, at, (defaults, profile, node))
        for path, text in twice(classes, definitions):
            holder = level(tree, path[0])
            assert holder is not None
            self.problem(holder.keys[path[1]], (*at, *path), text)
        absent = model.absent or Absent()
        for key, index, text in both_ways(absent, classes, definitions):
            gone = level(tree, "absent")
            names = gone.items.get(key) if gone is not None else None
            mark = names.items[index].mark if isinstance(names, Seq) else tree.mark
            self.problem(mark, (*at, "absent", key, index), text)
        server = self.for_all_scopes(tree, at, (defaults, profile, node), absent)
        limits = merged("limits", level(defaults, "limits"), level(profile, "limits"), level(node, "limits"))
        if limits is not None:
            _set(tree, "limits", limits)
        allowed = Limits() if limits is None else check(Limits, limits, (*at, "limits"), self.problems)
        if len(self.problems) > before:
            return
        assert allowed is not None
        assert server is not None
        self.pairs[name] = Wanted(
            name=name,
            servers=(model.servers[0], model.servers[1]),
            addresses=None if model.addresses is None else (model.addresses[0], model.addresses[1]),
            classes=classes,
            definitions=definitions,
            server=server,
            relationships=relationships,
            only=model.relationships is not None and model.relationships.only,
            scopes=scopes,
            absent=absent,
            limits=allowed,
            tree=tree,
            directory=directory,
        )

    def server_wide(
        self,
        kind: str,
        model: type[Said],
        make: Callable[[str, Said], Made],
        tree: Map,
        at: tuple[object, ...],
        levels: tuple[Map | None, ...],
    ) -> dict[str, Made]:
        """Merge the classes or definitions of a pair into its tree, and return them."""
        found: dict[str, Made] = {}
        whole = merged(kind, *(level(one, kind) for one in levels))
        if whole is None:
            return found
        _set(tree, kind, whole)
        for key, node in whole.items.items():
            here = (*at, kind, key)
            said = check(model, node, here, self.problems)
            if said is None:
                continue
            try:
                found[key] = make(key, said)
            except (TypeError, ValueError) as error:
                self.problem(whole.keys[key], here, str(error))
        return found

    def for_all_scopes(
        self, tree: Map, at: tuple[object, ...], levels: tuple[Map | None, ...], absent: Absent
    ) -> ServerWide | None:
        """Merge what a pair has for all scopes into its tree, and return it."""
        whole = server_keys(*levels)
        for key, value in whole.items.items():
            _set(tree, key, value)
        said = check(ServerWide, whole, at, self.problems)
        if said is not None:
            for path, text in level_mistakes(said, absent):
                found = place(tree, path)
                self.problem(found.value if path[0] == "absent" else found.key, (*at, *found.path), text)
            self.policies(said.policies, tree, at)
        return said

    def policies(self, listed: Policies | None, tree: Map, at: tuple[object, ...]) -> None:
        """Check the names of policies."""
        for name, text in () if listed is None else bad_names(listed.items):
            found = place(tree, ("policies", "list", name))
            self.problem(found.key, (*at, *found.path), text)

    def relationships(
        self, tree: Map, at: tuple[object, ...], defaults: Map, profile: Map | None
    ) -> dict[str, Relationship]:
        """Merge the relationships of a pair into its tree, and return them."""
        found: dict[str, Relationship] = {}
        holder = tree.items.get("relationships")
        given = listed(holder)
        if not isinstance(given, Map):
            return found
        whole = Map(given.mark, {}, dict(given.keys))
        for name, node in given.items.items():
            if not isinstance(node, Map):
                continue
            here = (*at, "relationships", name)
            one = merged("relationship", level(defaults, "relationship"), level(profile, "relationship"), node)
            assert one is not None
            model = check(Relationship, one, here, self.problems)
            whole.items[name] = one
            if model is not None:
                self.terms(one, model, here)
                found[name] = model
        if holder is given:
            _set(tree, "relationships", whole)
        elif isinstance(holder, Map):
            long = Map(holder.mark, {**holder.items, "list": whole}, dict(holder.keys))
            _set(tree, "relationships", long)
        return found

    def terms(self, tree: Map, model: Relationship, at: tuple[object, ...]) -> None:
        """Check what the terms of a relationship say together."""
        share = {"load-balance": "reserve", "hot-standby": "percent"}
        if model.percent is not None and model.reserve is not None:
            self.problem(tree.keys["reserve"], (*at, "reserve"), "must not be given together with percent")
        elif model.mode is not None and getattr(model, share[model.mode]) is not None:
            wrong = share[model.mode]
            text = f"is for {'hot-standby' if wrong == 'reserve' else 'load-balance'}, but mode is {model.mode}"
            self.problem(tree.keys[wrong], (*at, wrong), text)
        seen: dict[IPv4Address, int] = {}
        for index, scope in enumerate(model.scopes.items if model.scopes is not None else ()):
            if scope.address in seen:
                node = listed(tree.items.get("scopes"))
                assert isinstance(node, Seq)
                text = f"{scope.address} is given twice"
                self.problem(node.items[index].mark, (*at, "scopes", index), text)
            seen[scope.address] = index

    def servers_named(
        self, model: Pair, tree: Map, at: tuple[object, ...], relationships: Mapping[str, Relationship]
    ) -> None:
        """Check that keys which name a server name one of the two."""
        servers = [server.casefold() for server in model.servers]
        holder = listed(tree.items.get("relationships"))

        def one_of(node: Node | None, key: str, path: tuple[object, ...], more: tuple[str, ...] = ()) -> None:
            value = node.items.get(key) if isinstance(node, Map) else None
            if isinstance(value, Text) and value.text.strip().casefold() not in (*servers, *more):
                known = " or ".join((*model.servers, *more))
                self.problem(value.mark, (*path, key), f"must be {known}, got {value.text!r}")

        for name in relationships:
            node = holder.items.get(name) if isinstance(holder, Map) else None
            one_of(node, "primary", (*at, "relationships", name))
            one_of(node, "keep", (*at, "relationships", name), KEEPERS)
        one_of(tree.items.get("absent"), "keep", (*at, "absent"), KEEPERS)
        for index, name in enumerate(model.absent.relationships if model.absent is not None else ()):
            if upper_case(name) in map(upper_case, relationships):
                absent = level(tree, "absent")
                node = absent.items.get("relationships") if absent is not None else None
                mark = node.items[index].mark if isinstance(node, Seq) else tree.mark
                path = (*at, "absent", "relationships", index)
                self.problem(mark, path, f"{name} is in relationships, too")

    def scopes(
        self,
        tree: Map,
        at: tuple[object, ...],
        defaults: Map,
        profile: Map | None,
        relationships: Mapping[str, Relationship],
    ) -> dict[IPv4Address, WantedScope]:
        """Merge the contents of scopes into the tree of a pair, and return them.

        What defaults and the profile say of scopes is meant for all that the pair names.
        """
        general = merged("scope", level(defaults, "scope"), level(profile, "scope"))
        common = None if general is None else check(Scope, general, (*at, "scopes"), self.problems)
        if general is not None and common is not None:
            self.policies(common.policies, general, (*at, "scopes"))
        found: dict[IPv4Address, WantedScope] = {}
        given = level(tree, "scopes")
        for key, node in (given.items if given is not None else {}).items():
            if not isinstance(node, Map):
                continue
            here = (*at, "scopes", key)
            one = merged("scope", general, node)
            assert one is not None
            assert given is not None
            model = check(Scope, one, here, self.problems)
            named: ScopeId = scope_id(key)
            if named.address in found:
                first = found[named.address].id
                self.problem(given.keys[key], here, f"given twice, first as {first}")
            elif model is not None:
                self.policies(model.policies, one, here)
                found[named.address] = WantedScope(named, model, ("scopes", key))
                given.items[key] = one
        for relationship in relationships.values() if general is not None else ():
            for scope in relationship.scopes.items if relationship.scopes is not None else ():
                if scope.address not in found and common is not None:
                    found[scope.address] = WantedScope(scope, common, ("scopes", "*"))
        if general is not None:
            holder = Map(general.mark) if given is None else Map(given.mark, dict(given.items), dict(given.keys))
            holder.items["*"], holder.keys["*"] = general, general.mark
            _set(tree, "scopes", holder)
        return found


def tree_key(tree: Map, name: str) -> Mark:
    """Return the place of a pair's name."""
    pairs = tree.items["pairs"]
    assert isinstance(pairs, Map)
    return pairs.keys[name]


def server_keys(*levels: Map | None) -> Map:
    """Return the keys of several levels that are about whole servers, as one level."""
    holders = [
        Map(one.mark, {key: one.items[key] for key in SERVER if key in one.items}, one.keys)
        for one in levels
        if one is not None
    ]
    return merged("server", *holders) or Map(Mark(""))


def _set(tree: Map, key: str, value: Any) -> None:
    tree.items[key] = value
    tree.keys.setdefault(key, value.mark)
