"""Option values, policies, filters, conflict detection: what a file wants both servers to have for all scopes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ... import arguments
from ...enums import FilterList
from ...models import Filter, FilterLists, FilterPattern
from ...models.names import upper_case
from ...pair import Side
from ...pair.copying import steps_of
from ...pair.errors import Conflict
from ...pair.look import Draft
from ...scope import server_writes
from ...scope.server_level import ServerLevel, server_level_writes
from .ahead import Ahead
from .building import Builder, Server, counted
from .models import Absent, ServerWide
from .problems import FileError
from .values import pattern
from .wanted import Wanted

__all__ = ["bad_names", "level_mistakes", "plan_level"]

LISTS = {"allow": FilterList.ALLOW, "deny": FilterList.DENY}
Path = tuple[object, ...]


def level_mistakes(said: ServerWide, absent: Absent) -> Iterator[tuple[Path, str]]:
    """Yield the paths of what a file says twice, or what a server cannot have, and what is wrong."""
    policies = {} if said.policies is None else said.policies.items
    for name, policy in policies.items():
        if policy.ranges:
            yield ("policies", "list", name, "ranges"), "is for the policies of a scope"
    seen: dict[FilterPattern, str] = {}
    for kind in LISTS:
        listed = getattr(said.filters, kind, None)
        for text in () if listed is None else listed.items:
            found = pattern(text)
            first = seen.setdefault(found, f"{kind} as {text}")
            if first != f"{kind} as {text}":
                yield ("filters", kind, "list", text), f"given twice, first in {first}"
            elif found.hardware_type != 1 and kind == "deny":
                yield ("filters", kind, "list", text), "a hardware type can only be in allow"
    for index, text in enumerate(absent.filters):
        if (there := seen.get(pattern(text))) is not None:
            yield ("absent", "filters", index), f"{text} is in filters, too: {there}"


def bad_names(names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names of policies that a server does not take, or takes for others before them, and the mistake."""
    seen: dict[str, str] = {}
    for name in names:
        try:
            arguments.policy_name(name)
        except ValueError as error:
            yield name, str(error)
        first = seen.setdefault(upper_case(name), name)
        if first != name:
            yield name, f"given twice, first as {first}"


def parts_of(wanted: Wanted) -> list[str]:
    """Return what of the servers must be read: only what the file is about."""
    said, absent = wanted.server, wanted.absent
    parts = {
        "options": said.options is not None or absent.options,
        "policies": said.policies is not None or absent.policies or said.policies_enforced is not None,
        "filters": said.filters is not None or absent.filters,
        "conflict-detection": said.conflict_detection is not None,
    }
    return [part for part, is_named in parts.items() if is_named]


def plan_level(look: Ahead, wanted: Wanted) -> Iterator[Draft]:
    """Yield the steps that give each server what the file says, first those of the first server.

    What the file does not say of a policy that it names is taken from the first server.

    Args:
        look: What both servers show.
        wanted: The pair.

    Raises:
        FileError: Something in the file does not fit a server.
        Conflict: A server cannot have it.
        DhcpError: A server could not be read.
    """
    parts = parts_of(wanted)
    if not parts:
        return
    source: ServerLevel | None = None
    for side in Side:
        draft, where = Draft(), look.pair.names[side]
        old = look.level(side, parts)
        builder = _Builder(wanted, Server.of(where, look.overview(side)), old, source)
        new = builder.build()
        writes = server_level_writes(old, new)
        needed = server_writes(look.overview(side.other), look.overview(side), [new]) if writes else ()
        conflicts = [*writes.conflicts, *getattr(needed, "conflicts", ())]
        if conflicts:
            shown = "; ".join(map(str, conflicts[:5]))
            raise Conflict(f"{where} cannot get what the file says of the server: {shown}", side=side)
        if needed:
            draft.steps += steps_of(needed, side)
        draft.steps += steps_of(writes, side)
        if builder.left:
            nor = "" if source is None else f", nor on {look.pair.names[side.other]}"
            draft.note("left-alone", f"{where}: {', '.join(builder.left)} not in the file{nor}")
        allowed = [one for one in new.filters.values() if one.filter_list == FilterList.ALLOW]
        if new.filter_lists.allow and not allowed and any(one.about.kind.startswith("filter") for one in writes):
            text = f"no client gets an address from {where}: its list of allowed addresses is enforced and empty"
            draft.note("empty", f"{text} ({wanted.place('filters')})", "empty")
        source = new if source is None else source
        yield draft


class _Builder(Builder):
    def __init__(self, pair: Wanted, server: Server, old: ServerLevel, source: ServerLevel | None) -> None:
        super().__init__(pair, (), server)
        self.said = pair.server
        self.old = old
        self.source = source

    def build(self) -> ServerLevel:
        said, old, gone = self.said, self.old, self.pair.absent
        options = old.options
        if said.options is not None:
            first = None if self.source is None else self.source.options
            options = self.options(options, said.options, ("options",), first)  # type: ignore[assignment]
        options = self.without(options, gone.options)  # type: ignore[assignment]
        policies, of_policies = self.policies(said.policies, gone.policies, old, self.source)
        filters = self.filters()
        if self.problems:
            raise FileError(self.problems)
        enforced = old.policies_enforced if said.policies_enforced is None else said.policies_enforced
        return ServerLevel(
            options=options,
            policies=policies,
            policy_options=of_policies,
            policies_enforced=enforced,
            filters=filters,
            filter_lists=self.lists(),
            conflict_detection_attempts=old.conflict_detection_attempts
            if said.conflict_detection is None
            else said.conflict_detection,
        )

    def filters(self) -> dict[FilterPattern, Filter]:
        """Return the filters; one that the file has in the other list moves there."""
        found: dict[FilterPattern, Filter] = dict(self.old.filters)
        for text in self.pair.absent.filters:
            found.pop(pattern(text), None)
        if self.said.filters is None:
            return found
        for kind, which in LISTS.items():
            listed = getattr(self.said.filters, kind)
            if listed is None:
                continue
            named = {pattern(text): comment for text, comment in listed.items.items()}
            others = [one for one, entry in found.items() if entry.filter_list == which and one not in named]
            if listed.only:
                for one in others:
                    del found[one]
            elif named and (more := [one for one in others if self.source is None or one not in self.source.filters]):
                self.left.append(counted(len(more), f"filter of {kind}"))
            for one, comment in named.items():
                found[one] = Filter(pattern=one, filter_list=which, comment=comment or None)
        return found

    def lists(self) -> FilterLists:
        """Return which lists are in force."""
        enabled = None if self.said.filters is None else self.said.filters.enabled
        if enabled is None:
            return self.old.filter_lists
        now = {kind: getattr(self.old.filter_lists, kind) for kind in LISTS}
        return FilterLists(
            **{kind: old if (new := getattr(enabled, kind)) is None else new for kind, old in now.items()}
        )
