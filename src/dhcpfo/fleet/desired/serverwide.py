"""User and vendor classes, and option definitions: what a file wants each server of a pair to have."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from ... import arguments
from ...enums import OptionType
from ...models import DhcpClass, OptionDefinition, OptionKey
from ...models.names import upper_case
from ...models.standard_options import USER_CLASSES, VENDOR_CLASSES
from ...pair import Side, Step, Undo
from ...pair.copying import setting, steps_of
from ...pair.errors import Conflict
from ...pair.look import Draft
from ...scope import ServerOverview
from ...scope.config import key_to_compare
from ...scope.needed import missing_writes
from ...scope.parts import DNS_SETTINGS, Unread
from ...scope.write import About
from .ahead import Ahead
from .models import Absent, Definition, OptionClass
from .options import items_of, key_of
from .wanted import Wanted

__all__ = ["NOTHING", "both_ways", "class_of", "definition_of", "plan_removal", "plan_server", "twice"]

NOTHING: dict[OptionType, Any] = {
    OptionType.IP_ADDRESS: IPv4Address(0),
    OptionType.STRING: "",
    OptionType.BINARY: b"",
    OptionType.ENCAPSULATED: b"",
    OptionType.IPV6_ADDRESS: "::",
}
"""The default value of a definition where a file has none; 0 for the types of numbers."""

DELETE = "delete-classes"
"""The guard of deletions."""

HIGHEST = 255
"""The highest number of an option."""

BUILT_IN = frozenset(map(upper_case, (*USER_CLASSES, *VENDOR_CLASSES)))
"""The classes that every server has, in the form in which names are compared."""

WORDS = {kind: kind.name.lower().replace("_", "-") for kind in OptionType}
"""The types as a file has them."""


def class_of(name: str, said: OptionClass) -> DhcpClass:
    """Return the class that a file means.

    Raises:
        ValueError: It cannot be made.
    """
    data = arguments.class_data(said.hex if said.hex is not None else said.data or "")
    made = DhcpClass(name=name, data=data, is_vendor=said.type == "vendor", description=said.description or None)
    return arguments.dhcp_class(made)


def number_of(key: str) -> OptionKey:
    """Return the option that a file names by its number.

    Raises:
        ValueError: It does not.
    """
    if not key.strip()[:1].isdigit():
        raise ValueError("must be the number of an option, with [class] behind it if it is of a class")
    found = key_of(key, ())
    if not 0 < found.id <= HIGHEST:
        raise ValueError(f"must have a number between 1 and {HIGHEST}, got {found.id}")
    return found


def definition_of(key: str, said: Definition) -> OptionDefinition:
    """Return the option definition that a file means.

    Args:
        key: The number, with the class behind it in brackets if the option is of one.
        said: The rest.

    Raises:
        TypeError: The default value does not fit the type.
        ValueError: It cannot be made.
    """
    vendor, user, number = number_of(key)
    if number == DNS_SETTINGS and not vendor:
        raise ValueError(f"option {DNS_SETTINGS} needs no definition")
    kind = OptionType[said.type.upper().replace("-", "_")]
    default = (NOTHING.get(kind, 0),) if said.default is None else items_of(kind, said.default)
    made = OptionDefinition(
        id=number,
        name=said.name,
        type=kind,
        default=default,
        multivalued=said.multivalued,
        description=said.description or None,
        vendor_class=vendor or None,
        user_class=user or None,
    )
    return arguments.option_definition(made)


def both_ways(
    absent: Absent, classes: Mapping[str, DhcpClass], definitions: Mapping[str, OptionDefinition]
) -> Iterator[tuple[str, int, str]]:
    """Yield the key, the index and the mistake of what must not be and cannot be deleted, or must be, too."""
    wanted = {upper_case(name) for name in classes}
    used = {upper_case(name or "") for one in definitions.values() for name in (one.vendor_class, one.user_class)}
    for index, name in enumerate(absent.classes):
        if upper_case(name) in BUILT_IN:
            yield "classes", index, f"{name} is a class that every server has; it cannot be deleted"
        elif upper_case(name) in wanted:
            yield "classes", index, f"{name} is in classes, too"
        elif upper_case(name) in used:
            yield "classes", index, f"definitions has an option of {name}"
    keys = {key_to_compare(one.key) for one in definitions.values()}
    for index, text in enumerate(absent.definitions):
        try:
            key = number_of(text)
        except ValueError as error:
            yield "definitions", index, str(error)
            continue
        if key_to_compare(key) in keys:
            yield "definitions", index, f"{text} is in definitions, too"


def twice(
    classes: Mapping[str, DhcpClass], definitions: Mapping[str, OptionDefinition]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the paths of classes and definitions that a server takes for one before them, and what is wrong."""
    seen: dict[object, str] = {}
    for key, one in classes.items():
        other = seen.setdefault((upper_case(key), one.is_vendor), key)
        if other != key:
            yield ("classes", key), f"given twice, first as {other}"
        elif (other := seen.setdefault(one.data, key)) != key:
            yield ("classes", key), f"its data is that of {other}"
    for key, definition in definitions.items():
        other = seen.setdefault(key_to_compare(definition.key), key)
        if other != key:
            yield ("definitions", key), f"given twice, first as {other}"


def plan_server(look: Ahead, wanted: Wanted, side: Side) -> Draft:
    """Return the steps that give a server the classes and definitions which it lacks. What is there stays as it is.

    Args:
        look: What both servers show.
        wanted: The pair.
        side: The server.

    Raises:
        FileError: A definition is of a class that the server will not have.
        Conflict: The server has another class or definition under the same name or number.
        DhcpError: The classes or definitions of the server could not be read.
    """
    draft, where, overview = Draft(), look.pair.names[side], look.overview(side)
    for part in (overview.classes, overview.definitions):
        if isinstance(part, Unread):
            raise part.error
    _check_classes(wanted, overview, where)
    writes = missing_writes(wanted.classes.values(), wanted.definitions.values(), overview)
    if writes.conflicts:
        said = [f"{one} ({wanted.place(*_path(wanted, one.about))})" for one in writes.conflicts]
        raise Conflict(f"{where} cannot get the classes and definitions: {'; '.join(said[:5])}", side=side)
    draft.steps += steps_of(writes, side)
    for words in _other_words(wanted, overview):
        draft.note("words-differ", f"{words} on {where}; that is not changed")
    return draft


def plan_removal(look: Ahead, wanted: Wanted, side: Side) -> Draft:
    """Return the steps that delete from a server the classes and definitions which a file does not allow.

    Args:
        look: What both servers show.
        wanted: The pair.
        side: The server.

    Raises:
        FileError: A class is one that every server has.
        DhcpError: The classes or definitions of the server could not be read.
    """
    draft, absent = Draft(), wanted.absent
    if not absent.classes and not absent.definitions:
        return draft
    overview = look.overview(side)
    if isinstance(overview.classes, Unread):
        raise overview.classes.error
    if isinstance(overview.definitions, Unread):
        raise overview.definitions.error
    definitions = {key_to_compare(one.key): one for one in overview.definitions}
    for key in absent.definitions:
        found = definitions.get(key_to_compare(number_of(key)))
        if found is not None:
            about = About("definition", None, found.key)
            draft.steps.append(Step(side=side, about=setting(about), before=found, after=None, guard=DELETE))
    names = set(map(upper_case, absent.classes))
    for one in overview.classes:
        if upper_case(one.name or "") in names:
            about = About("class", None, (one.name, one.is_vendor))
            step = Step(
                side=side, about=setting(about), before=one, after=None, undo=Undo.RECREATES, guard=DELETE
            )  # its option values and policies go with it
            draft.steps.append(step)
    return draft


def _check_classes(wanted: Wanted, overview: ServerOverview, where: str) -> None:
    known = {
        (upper_case(one.name or ""), one.is_vendor)
        for one in (*wanted.classes.values(), *overview.classes)  # type: ignore[misc]
    }
    for key, one in wanted.definitions.items():
        for name, is_vendor in ((one.vendor_class, True), (one.user_class, False)):
            if name and (upper_case(name), is_vendor) not in known:
                text = f"{where} has no {'vendor' if is_vendor else 'user'} class {name!r}: write it in classes"
                raise wanted.error(text, "definitions", key)


def _path(wanted: Wanted, about: Any) -> tuple[str, ...]:
    """Return where a file has what a conflict is about."""
    if about.kind == "class":
        return "classes", about.key[0]
    key = next((key for key, one in wanted.definitions.items() if one.key == about.key), "")
    return "definitions", key


def _other_words(wanted: Wanted, overview: ServerOverview) -> list[str]:
    """Return which names and descriptions of a server are not those of the file."""
    classes = {(upper_case(one.name or ""), one.is_vendor): one for one in overview.classes}  # type: ignore[union-attr]
    found = []
    for name, one in wanted.classes.items():
        there = classes.get((upper_case(name), one.is_vendor))
        if there is not None and one.description and there.description != one.description:
            found.append(f"class {name} has another description")
    definitions = {key_to_compare(one.key): one for one in overview.definitions}  # type: ignore[union-attr]
    for key, definition in wanted.definitions.items():
        same = definitions.get(key_to_compare(definition.key))
        if same is None:
            continue
        if same.name != definition.name:
            found.append(f"option {key} has another name, {same.name!r},")
        elif definition.description and same.description != definition.description:
            found.append(f"option {key} has another description")
    return found
