"""The classes and option definitions that scopes need on a server."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from ..enums import ConditionType
from ..models import DhcpClass, OptionDefinition, OptionKey, PolicyCondition
from ..models.names import upper_case
from .config import ScopeConfig, key_to_compare
from .parts import DNS_SETTINGS, Unread
from .read import ServerOverview
from .typed import option_name
from .write import About, Conflict, Write, Writes

if TYPE_CHECKING:
    from .server_level import ServerLevel

__all__ = ["missing_writes", "server_writes"]

USER_CLASS, VENDOR_CLASS = 77, 60

Item = TypeVar("Item")


def server_writes(
    source: ServerOverview, target: ServerOverview, configs: "Iterable[ScopeConfig | ServerLevel]"
) -> Writes:
    """Return the writes that add the classes and option definitions which scopes need and a server lacks.

    Nothing that is there is changed: a class with other data, and a definition of another type, is a conflict.

    Args:
        source: The server that the configurations come from.
        target: The server that is to get them.
        configs: The configurations, of scopes or of the server.

    Raises:
        ValueError: The classes or definitions of a server could not be read.
    """
    configs = list(configs)
    keys = {key_to_compare(key): key for config in configs for key in _keys(config)}
    conditions = [condition for config in configs for policy in config.policies for condition in policy.conditions]
    classes = _Classes(_read(source.classes), _read(target.classes))
    for condition in conditions:
        classes.need_for(condition)
    definitions = _Definitions(_read(source.definitions), _read(target.definitions))
    for key in sorted(keys.values()):
        classes.need(key.vendor_class, is_vendor=True)
        classes.need(key.user_class, is_vendor=False)
        definitions.need(key)
    return Writes([*classes.writes, *definitions.writes], (), [*classes.conflicts, *definitions.conflicts])


def missing_writes(
    wanted: Iterable[DhcpClass], definitions: Iterable[OptionDefinition], target: ServerOverview
) -> Writes:
    """Return the writes that add classes and option definitions which a server lacks.

    Nothing that is there is changed: a class with other data, and a definition of another type, is a conflict.

    Args:
        wanted: The classes.
        definitions: The definitions.
        target: The server.

    Raises:
        ValueError: The classes or definitions of the server could not be read.
    """
    classes = _Classes(tuple(wanted), _read(target.classes))
    for entry in classes.source:
        classes.want(entry)
    given = tuple(definitions)
    needed = _Definitions(given, _read(target.definitions))
    for definition in given:
        needed.need(definition.key)
    return Writes([*classes.writes, *needed.writes], (), [*classes.conflicts, *needed.conflicts])


def _read(part: tuple[Item, ...] | Unread) -> tuple[Item, ...]:
    if isinstance(part, Unread):
        raise ValueError(f"the server was not read completely: {part}")
    return part


def _keys(config: "ScopeConfig | ServerLevel") -> Iterable[OptionKey]:
    yield from config.options
    for level in (config.reservation_options, config.policy_options):
        for values in level.values():
            yield from values


class _Classes:
    def __init__(self, source: tuple[DhcpClass, ...], target: tuple[DhcpClass, ...]) -> None:
        self.source = source
        self.target = {(upper_case(entry.name or ""), entry.is_vendor): entry for entry in target}
        self.by_data = {entry.data: entry for entry in target}
        self.writes: list[Write] = []
        self.conflicts: list[Conflict] = []
        self.seen: set[tuple[str, bool]] = set()

    def need(self, name: str | None, *, is_vendor: bool) -> None:
        """Plan the class of that name, unless the target has it."""
        key = (upper_case(name or ""), is_vendor)
        if not name or key in self.seen:
            return
        found = next((e for e in self.source if (upper_case(e.name or ""), e.is_vendor) == key), None)
        if found is not None:
            self.want(found)
        elif key not in self.target:
            self.seen.add(key)
            self.conflicts.append(Conflict(About("class", None, (name, is_vendor)), None, None, "no server has it"))

    def want(self, entry: DhcpClass) -> None:
        """Plan a class of the source, unless the target has it."""
        key = (upper_case(entry.name or ""), entry.is_vendor)
        if key in self.seen:
            return
        self.seen.add(key)
        about = About("class", None, (entry.name, entry.is_vendor))
        there = self.target.get(key)
        other = self.by_data.get(entry.data)
        if there is not None:
            if there.data != entry.data:
                why = f"it has other data there: {there.data.hex('-')}, not {entry.data.hex('-')}"
                self.conflicts.append(Conflict(about, entry, there, why))
        elif other is not None:
            why = f"its data is that of another class there, {other.name!r}"
            self.conflicts.append(Conflict(about, entry, other, why))
        else:
            self.writes.append(Write(about, None, entry))

    def need_for(self, condition: PolicyCondition) -> None:
        """Plan the classes that a condition is about: the one that it names, and the one that has its value as data."""
        self.need(condition.vendor_class, is_vendor=True)
        if condition.type == ConditionType.OPTION and condition.option_id in (USER_CLASS, VENDOR_CLASS):
            is_vendor = condition.option_id == VENDOR_CLASS
            for entry in self.source:
                same_data = entry.data == condition.value and entry.is_vendor == is_vendor
                if same_data and entry.data not in self.by_data:
                    self.want(entry)


class _Definitions:
    def __init__(self, source: tuple[OptionDefinition, ...], target: tuple[OptionDefinition, ...]) -> None:
        self.source = {key_to_compare(entry.key): entry for entry in source}
        self.target = {key_to_compare(entry.key): entry for entry in target}
        self.writes: list[Write] = []
        self.conflicts: list[Conflict] = []
        self.seen: set[tuple[str, str, int]] = set()

    def need(self, key: OptionKey) -> None:
        """Plan the definition of an option, that of its user class or of the default one, unless it is there."""
        if key.id == DNS_SETTINGS and not key.vendor_class:
            return  # no server defines it
        general = key_to_compare(key._replace(user_class=""))
        exact = key_to_compare(key)
        chosen = exact if exact in self.source else general
        if chosen in self.seen:
            return
        self.seen.add(chosen)
        wanted, found = self.source.get(chosen), self.target.get(chosen)
        about = About("definition", None, key if chosen == exact else key._replace(user_class=""))
        if wanted is None:
            if found is None and general not in self.target:
                self.conflicts.append(Conflict(about, None, None, f"no server defines option {option_name(key)}"))
        elif found is None:
            self.writes.append(Write(about, None, wanted))
        elif (found.type, found.multivalued) != (wanted.type, wanted.multivalued):
            why = f"it has another type there: {_type(found)}, not {_type(wanted)}"
            self.conflicts.append(Conflict(about, wanted, found, why))


def _type(definition: OptionDefinition) -> str:
    return f"{definition.type}{', several values' if definition.multivalued else ''}"
