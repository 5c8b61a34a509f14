"""Policies as a file has them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ...models import DhcpClass, OptionDefinition, OptionKey, OptionValue, Policy, PolicyGroup
from ...scope.config import key_to_compare
from ...scope.frozen import EMPTY
from .building import HasPolicies, other_properties
from .conditions import group_of, said_of
from .models import When
from .options import key_name, texts_of_value, value_of
from .values import span_text
from .yaml_text import Unwritable, comment, flow, quoted, scalar

__all__ = ["Shared", "class_names", "equal_options", "option_lines", "policy_lines", "text_line"]


class Shared(NamedTuple):
    """What servers have for options and conditions.

    Attributes:
        names: The names of the classes that both servers have; see `class_names`.
        definitions: The option definitions of the first server.
    """

    names: Mapping[tuple[bool, bytes], str]
    definitions: tuple[OptionDefinition, ...]


def class_names(one: Iterable[DhcpClass], other: Iterable[DhcpClass]) -> dict[tuple[bool, bytes], str]:
    """Return the names of the classes that two servers have with the same data."""
    there = {(entry.is_vendor, entry.data, entry.name) for entry in other}
    return {
        (entry.is_vendor, entry.data): entry.name or ""
        for entry in one
        if entry.name and (entry.is_vendor, entry.data, entry.name) in there
    }


def equal_options(one: Mapping[OptionKey, OptionValue], other: Mapping[OptionKey, OptionValue]) -> bool:
    """Return whether option values are the same for a server."""
    forms = [
        {key_to_compare(key): (value.type, value.values) for key, value in values.items()} for values in (one, other)
    ]
    return forms[0] == forms[1]


def policy_lines(indent: str, config: HasPolicies, known: Shared, *, differ: Iterable[str] = ()) -> Iterator[str]:
    """Yield the lines for the policies of a server or a scope.

    Args:
        indent: What each line begins with.
        config: What has the policies.
        known: What the servers have for options and conditions.
        differ: The names of those that the other server has otherwise, which are comments.
    """
    skipped = set(differ)
    shown: list[str] = []
    for policy in config.policies:
        if policy.name in skipped:
            shown.append(f"{indent}  # policy {comment(policy.name)} is not the same on the two servers")
            continue
        try:
            shown += _policy(f"{indent}  ", policy, config.policy_options.get(policy.name, EMPTY), known)
        except Unwritable as error:
            shown.append(f"{indent}  # policy {comment(policy.name)} cannot be in a file: {error}")
    if any(not line.lstrip().startswith("#") for line in shown):
        yield f"{indent}policies:"
    yield from shown


def _policy(indent: str, policy: Policy, options: Mapping[OptionKey, OptionValue], known: Shared) -> Iterator[str]:
    when = _when(policy, known.names)
    yield f"{indent}{scalar(policy.name)}:"
    inside = f"{indent}  "
    yield f"{inside}when: {when}"
    yield f"{inside}enabled: {'yes' if policy.enabled else 'no'}"
    yield from text_line(inside, "description", policy.description or "", always=False)
    if policy.ranges:
        yield f"{inside}ranges: [{', '.join(map(span_text, policy.ranges))}]"
    yield from text_line(inside, "dns-suffix", policy.dns_suffix or "", always=False)
    if other_properties(policy):
        yield f"{inside}# a file cannot say all of its values"
    yield from option_lines(inside, options, known.definitions)


def _when(policy: Policy, names: Mapping[tuple[bool, bytes], str]) -> str:
    """Return the conditions of a policy, in the shortest form that the file would read as the same."""
    tree = policy.condition
    classes = [DhcpClass(name=name, data=data, is_vendor=vendor) for (vendor, data), name in names.items()]
    try:
        forms = [said_of(tree, names, short=short) for short in (True, False)]
        for said in (forms[0].get("all", [None])[-1], *forms):
            if _means(said, classes) == tree:
                return _flow(said)
    except ValueError:
        pass
    raise Unwritable("its conditions")


def _means(said: Any, classes: Iterable[DhcpClass]) -> PolicyGroup | None:
    """Return the conditions that a file means; None if it cannot have them."""
    try:
        tree = group_of(When.model_validate(said), lambda one, path: one.condition(classes, ""))
    except ValueError:
        return None
    return Policy.build("policy", tree).condition


def _flow(said: Any) -> str:
    if isinstance(said, str):
        return quoted(said)
    return "{" + ", ".join(f"{key}: [{', '.join(map(_flow, items))}]" for key, items in said.items()) + "}"


def text_line(indent: str, key: str, text: str, *, always: bool = True) -> Iterator[str]:
    """Yield the line for a text; a comment if a file cannot have it."""
    if not text and not always:
        return
    try:
        yield f"{indent}{key}: {scalar(text)}"
    except Unwritable as error:
        yield f"{indent}# {key} cannot be in a file: {error}"


def option_lines(
    indent: str, values: Mapping[OptionKey, OptionValue], definitions: tuple[OptionDefinition, ...]
) -> Iterator[str]:
    """Yield the lines for option values; those that a file cannot have are comments."""
    shown = []
    for key, value in values.items():
        name, texts = key_name(key), texts_of_value(value)
        try:
            if name is None or texts is None:
                raise Unwritable("its type")
            shown.append(f"{indent}  {scalar(name)}: {flow(texts)}")
        except Unwritable as error:
            shown.append(f"{indent}  # option {key.id} cannot be in a file: {error}")
            continue
        if not _is_made(value, texts, definitions):
            shown.append(f"{indent}  # option {key.id} does not fit its definition: another server gets it otherwise")
    if any(not line.lstrip().startswith("#") for line in shown):
        yield f"{indent}options:"
    yield from shown


def _is_made(value: OptionValue, texts: tuple[str, ...], definitions: tuple[OptionDefinition, ...]) -> bool:
    """Return whether a server that does not have a value gets it as it is."""
    try:
        made = value_of(value.key, texts, None, definitions)
    except (TypeError, ValueError):
        return False
    return (made.type, made.values) == (value.type, value.values)
