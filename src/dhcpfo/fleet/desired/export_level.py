"""What two servers have for all scopes, as a file has it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...enums import FilterList
from ...errors import NotSupportedError
from ...models import Filter
from ...models.filters import ETHERNET
from ...models.names import upper_case
from ...scope.config import key_to_compare, policy_to_compare
from ...scope.frozen import EMPTY, FrozenDict
from ...scope.server_level import ServerLevel, read_level
from .export_policies import Shared, equal_options, option_lines, policy_lines
from .values import pattern
from .yaml_text import Unwritable, comment, quoted, scalar

if TYPE_CHECKING:
    from ...server import Server

__all__ = ["level_lines", "level_of"]

INDENT = "    "
FIELDS = {
    "options": ("options",),
    "policies": ("policies", "policy_options", "policies_enforced"),
    "filters": ("filters", "filter_lists"),
    "conflict-detection": ("conflict_detection_attempts",),
}
"""The fields of each part."""


def level_of(server: "Server") -> ServerLevel:
    """Return what a server has for all scopes; nothing of what it is too old for.

    Raises:
        DhcpError: A part could not be read.
    """
    values = {}
    for part, names in FIELDS.items():
        try:
            found = read_level(server, [part])
        except NotSupportedError:
            continue
        values.update({name: getattr(found, name) for name in names})
    return ServerLevel(**values)


def level_lines(one: ServerLevel, other: ServerLevel, known: Shared) -> Iterator[str]:
    """Yield the lines for what both servers have; what only one has, or has otherwise, is a comment."""
    yield from _options(one, other, known)
    yield from _policies(one, other, known)
    yield from _filters(one, other)
    attempts = {level.conflict_detection_attempts for level in (one, other)}
    if len(attempts) > 1:
        yield f"{INDENT}# conflict-detection is not the same on the two servers"
    elif attempts != {0}:  # what a new server has
        yield f"{INDENT}conflict-detection: {attempts.pop()}"


def _options(one: ServerLevel, other: ServerLevel, known: Shared) -> Iterator[str]:
    there = {key_to_compare(key): value for key, value in other.options.items()}
    both = {}
    for key, value in one.options.items():
        found = there.pop(key_to_compare(key), None)
        if found is not None and (found.type, found.values) == (value.type, value.values):
            both[key] = value
        else:
            yield f"{INDENT}# option {key.id} of the server is not the same on the two servers"
    for _, _, number in there:
        yield f"{INDENT}# option {number} of the server is not the same on the two servers"
    yield from option_lines(INDENT, FrozenDict(both), known.definitions)


def _policies(one: ServerLevel, other: ServerLevel, known: Shared) -> Iterator[str]:
    there = {upper_case(policy.name): policy for policy in other.policies}
    theirs = {upper_case(name): values for name, values in other.policy_options.items()}
    differ = [
        policy.name
        for policy in one.policies
        if (found := there.get(upper_case(policy.name))) is None
        or policy_to_compare(found) != policy_to_compare(policy)
        or not equal_options(
            one.policy_options.get(policy.name, EMPTY), theirs.get(upper_case(policy.name), FrozenDict())
        )
    ]
    ours = [upper_case(policy.name) for policy in one.policies]
    if [name for name in ours if name in there] != [name for name in there if name in ours]:
        yield f"{INDENT}# the order of the policies is not the same on the two servers"
        differ = [policy.name for policy in one.policies]
    yield from policy_lines(INDENT, one, known, differ=differ)
    for name, policy in there.items():
        if name not in ours:
            yield f"{INDENT}# policy {comment(policy.name)} is not the same on the two servers"
    if one.policies_enforced != other.policies_enforced:
        yield f"{INDENT}# policies-enforced is not the same on the two servers"
    elif one.policies or not one.policies_enforced:
        yield f"{INDENT}policies-enforced: {'yes' if one.policies_enforced else 'no'}"


def _filters(one: ServerLevel, other: ServerLevel) -> Iterator[str]:
    shown: dict[str, list[str]] = {"allow": [], "deny": []}
    for key in dict.fromkeys((*one.filters, *other.filters)):
        entry, found = one.filters.get(key), other.filters.get(key)
        same = entry is not None and found is not None
        if same and (entry.filter_list, entry.comment or "") == (found.filter_list, found.comment or ""):  # type: ignore[union-attr]
            assert entry is not None
            lines = shown["allow" if entry.filter_list == FilterList.ALLOW else "deny"]
            try:
                lines.append(f"{INDENT}    {scalar(_pattern(entry))}: {quoted(entry.comment or '')}")
            except Unwritable as error:
                yield f"{INDENT}# filter {key} cannot be in a file: {error}"
        else:
            yield f"{INDENT}# filter {key} is not the same on the two servers"
    enforced = []
    for kind in shown:
        here, there = getattr(one.filter_lists, kind), getattr(other.filter_lists, kind)
        if here != there:
            yield f"{INDENT}# whether the list {kind} is enforced is not the same on the two servers"
        elif here or shown[kind]:
            enforced.append(f"{kind}: {'yes' if here else 'no'}")
    if not enforced and not any(shown.values()):
        return
    yield f"{INDENT}filters:"
    if enforced:
        yield f"{INDENT}  enabled: {{{', '.join(enforced)}}}"
    for kind, lines in shown.items():
        if lines:
            yield f"{INDENT}  {kind}:"
            yield from lines


def _pattern(entry: Filter) -> str:
    """Return the addresses of a filter as a file has them."""
    text = str(entry.pattern)
    exempt = entry.pattern.hardware_type != ETHERNET
    try:
        same = pattern(text) == entry.pattern
    except ValueError:
        same = False
    if not same or (exempt and entry.filter_list == FilterList.DENY):
        raise Unwritable("its addresses")
    return text
