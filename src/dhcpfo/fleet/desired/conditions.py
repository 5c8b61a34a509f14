"""The conditions of a policy as texts in a file, and back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from ...enums import Comparator, LogicOperator
from ...models import DhcpClass, PolicyAttribute, PolicyCondition, PolicyGroup
from ...models.names import upper_case
from .values import octets, text, wrong

__all__ = ["Comparison", "Condition", "comparison_text", "goes_together", "group_of", "has_dns_name", "said_of"]

ATTRIBUTES = {one.name.lower().replace("_", "-"): one for one in PolicyAttribute}
COMPARATORS = {
    "is": Comparator.EQUAL,
    "is-not": Comparator.NOT_EQUAL,
    "begins-with": Comparator.BEGINS_WITH,
    "not-begins-with": Comparator.NOT_BEGINS_WITH,
    "ends-with": Comparator.ENDS_WITH,
    "not-ends-with": Comparator.NOT_ENDS_WITH,
}
WHOLE = (Comparator.EQUAL, Comparator.NOT_EQUAL)
CLASSES = {PolicyAttribute.VENDOR_CLASS: "vendor", PolicyAttribute.USER_CLASS: "user"}
DNS_NAME = (PolicyAttribute.FQDN, PolicyAttribute.FQDN_SINGLE_LABEL)
DATA, HEX = "data:", "hex:"
MAC_BYTES = 6
OPERATORS = {LogicOperator.AND: "all", LogicOperator.OR: "any"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition as a file has it.

    Attributes:
        attribute: What is compared.
        comparator: How.
        value: The bytes to compare with; None if `name` has them.
        name: The name of a class with the bytes as its data, or "".
    """

    attribute: PolicyAttribute
    comparator: Comparator
    value: bytes | None
    name: str = ""

    def condition(self, classes: Iterable[DhcpClass], server: str) -> PolicyCondition:
        """Return the condition as a server has it.

        Args:
            classes: The classes of the server.
            server: Its name.

        Raises:
            ValueError: The server does not have the class.
        """
        value = self.value
        if value is None:
            is_vendor = self.attribute is PolicyAttribute.VENDOR_CLASS
            same = [one for one in classes if one.is_vendor == is_vendor and _same(one.name, self.name)]
            if not same:
                kind = CLASSES[self.attribute]
                raise ValueError(f"{server} has no {kind} class {self.name!r}: write it in classes, or data:, or hex:")
            value = same[0].data
        return PolicyCondition.of(self.attribute, self.comparator, value)


def _same(name: str | None, other: str) -> bool:
    return upper_case(name or "") == upper_case(other)


def comparison(value: Any) -> Comparison:
    """Return a condition such as ``mac-address begins-with 00-15-5d``."""
    given = text(value)
    name, _, rest = given.partition(" ")
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        raise wrong(f"{name!r} is not one of {', '.join(ATTRIBUTES)}")
    word, _, said = rest.strip().partition(" ")
    said = said.strip()
    if attribute is PolicyAttribute.FQDN_SINGLE_LABEL:
        if word not in ("", "is", "is-not") or said:
            raise wrong(f"must be {name} or {name} is-not, got {given!r}")
        return Comparison(attribute, COMPARATORS[word or "is"], b"")
    comparator = COMPARATORS.get(word)
    if comparator is None:
        raise wrong(f"must be {name}, then one of {', '.join(COMPARATORS)}, and a value, got {given!r}")
    if not said:
        raise wrong(f"must have a value behind {word}")
    if attribute in CLASSES:
        return _of_class(attribute, comparator, said)
    data = said.encode() if attribute is PolicyAttribute.FQDN else octets(said)
    if attribute is PolicyAttribute.MAC_ADDRESS:
        if comparator in WHOLE and len(data) != MAC_BYTES:
            raise wrong(f"must have {MAC_BYTES} bytes behind {word}, got {len(data)}")
        if comparator not in WHOLE and len(data) >= MAC_BYTES:
            raise wrong(f"must have less than {MAC_BYTES} bytes behind {word}, got {len(data)}")
    return Comparison(attribute, comparator, data)


def _of_class(attribute: PolicyAttribute, comparator: Comparator, said: str) -> Comparison:
    if said.startswith(HEX):
        return Comparison(attribute, comparator, octets(said.removeprefix(HEX)))
    if said.startswith(DATA):
        data = said.removeprefix(DATA).strip()
        if not data:
            raise wrong(f"must have a value behind {DATA}")
        return Comparison(attribute, comparator, data.encode())
    return Comparison(attribute, comparator, None, said)


Condition = Annotated[Comparison, BeforeValidator(comparison), WithJsonSchema({"type": "string"})]


def goes_together(conditions: Iterable[Comparison]) -> bool:
    """Return whether a server takes conditions side by side: one attribute, and all or none of them negated."""
    found = list(conditions)
    if len(found) < 2:
        return True
    negated = {one.comparator.name.startswith("NOT_") for one in found}
    attributes = {one.attribute for one in found}
    return len(negated) == len(attributes) == 1 and PolicyAttribute.RELAY_AGENT not in attributes


def group_of(when: Any, make: Callable[[Comparison, tuple[object, ...]], Any]) -> PolicyGroup:
    """Return conditions as a server has them; those that do not go side by side get a group each.

    Args:
        when: A `dhcpfo.fleet.desired.models.When`.
        make: Returns the condition of a server for a comparison, which it gets with its path.
    """
    return _group(when, make, ())


def _group(when: Any, make: Callable[..., Any], path: tuple[object, ...]) -> PolicyGroup:
    if when.condition is not None:
        return PolicyGroup(LogicOperator.AND, (make(when.condition, path),))
    key, operator = ("all", LogicOperator.AND) if when.all_ is not None else ("any", LogicOperator.OR)
    together = goes_together(one.condition for one in when.parts if one.condition is not None)
    items = []
    for index, one in enumerate(when.parts):
        group = _group(one, make, (*path, key, index))
        items.append(group.items[0] if one.condition is not None and together else group)
    return PolicyGroup(operator, tuple(items))


def has_dns_name(when: Any) -> bool:
    """Return whether one of the conditions is about the DNS name."""
    if when.condition is not None:
        return when.condition.attribute in DNS_NAME
    return any(has_dns_name(one) for one in when.parts)


# Back


def said_of(group: PolicyGroup, names: Mapping[tuple[bool, bytes], str], *, short: bool) -> Any:
    """Return conditions as a file has them: a text, or a mapping with a list.

    Args:
        group: The tree of a policy.
        names: The names of classes by whether they are vendor classes, and their data.
        short: Whether a group of one condition inside another group is written as the condition.

    Raises:
        ValueError: A file cannot say it.
    """
    items: list[Any] = []
    for one in group.items:
        if not isinstance(one, PolicyGroup):
            items.append(comparison_text(one, names))
        elif short and len(one.items) == 1 and isinstance(one.items[0], PolicyCondition):
            items.append(comparison_text(one.items[0], names))
        else:
            items.append(said_of(one, names, short=short))
    if group.operator not in OPERATORS or not items:
        raise ValueError("its conditions")
    return {OPERATORS[group.operator]: items}


def comparison_text(one: PolicyCondition, names: Mapping[tuple[bool, bytes], str]) -> str:
    """Return a condition as a file has it.

    Raises:
        ValueError: A file cannot say it.
    """
    attribute = one.attribute
    word = next((word for word, comparator in COMPARATORS.items() if comparator == one.comparator), None)
    if attribute is None or word is None or one.vendor_class:
        raise ValueError("its conditions")
    name = attribute.name.lower().replace("_", "-")
    if attribute is PolicyAttribute.FQDN_SINGLE_LABEL:
        return name if word == "is" else f"{name} {word}"
    if attribute in CLASSES:
        known = names.get((attribute is PolicyAttribute.VENDOR_CLASS, one.value))
        plain = known is not None and known == known.strip() and not known.startswith((DATA, HEX))
        return f"{name} {word} {known if plain else HEX + one.value.hex('-')}"
    value = one.value.decode("utf-8", "replace") if attribute is PolicyAttribute.FQDN else one.value.hex("-")
    return f"{name} {word} {value}"
