"""Policies of a server or a scope: conditions on clients, and what applies to the clients that fulfil them."""

import enum
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import Any

from ..enums import Comparator, ConditionType, LogicOperator, PropertyId, PropertyType
from .addresses import AddressLike
from .base import Model, model
from .convert import wrong_type
from .elements import AddressRange
from .names import upper_case

__all__ = ["Policy", "PolicyAttribute", "PolicyCondition", "PolicyExpression", "PolicyGroup", "Property"]


class PolicyAttribute(enum.Enum):
    """What a condition compares: its type, the number of the option and that of the sub-option.

    Attributes:
        MAC_ADDRESS: The client's hardware address.
        VENDOR_CLASS: Option 60; the value is the *data* of a vendor class, not its name.
        CLIENT_ID: Option 61, the client identifier.
        USER_CLASS: Option 77; the value is the *data* of a user class, not its name.
        RELAY_AGENT: Option 82, the whole relay agent information.
        CIRCUIT_ID: Sub-option 1 of option 82.
        REMOTE_ID: Sub-option 2 of option 82.
        SUBSCRIBER_ID: Sub-option 6 of option 82.
        FQDN: The client's full DNS name.
        FQDN_SINGLE_LABEL: Whether that name has a single label; takes no value.
    """

    MAC_ADDRESS = (ConditionType.MAC_ADDRESS, 0, 0)
    VENDOR_CLASS = (ConditionType.OPTION, 60, 0)
    CLIENT_ID = (ConditionType.OPTION, 61, 0)
    USER_CLASS = (ConditionType.OPTION, 77, 0)
    RELAY_AGENT = (ConditionType.OPTION, 82, 0)
    CIRCUIT_ID = (ConditionType.SUB_OPTION, 82, 1)
    REMOTE_ID = (ConditionType.SUB_OPTION, 82, 2)
    SUBSCRIBER_ID = (ConditionType.SUB_OPTION, 82, 6)
    FQDN = (ConditionType.FQDN, 0, 0)
    FQDN_SINGLE_LABEL = (ConditionType.FQDN_SINGLE_LABEL, 0, 0)

    def __str__(self) -> str:
        return self.name


TEXT = (PolicyAttribute.VENDOR_CLASS, PolicyAttribute.USER_CLASS, PolicyAttribute.FQDN)
"""Attributes with values that are text rather than bytes."""

NEGATIVE = (Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH)
"""Comparators that the cmdlets call NE; they call the others EQ, and write ``*`` for the rest of a value."""


@model
class PolicyCondition(Model):
    """One comparison of a policy, as the server stores it (DHCP_POL_COND).

    `of` makes one of an attribute; `attribute` returns it.

    Attributes:
        type: The kind of value that is compared.
        option_id: The number of the option; 0 if it is not about an option.
        sub_option_id: The number of the sub-option, or 0.
        comparator: How the values are compared.
        value: The bytes to compare with.
        vendor_class: The name of a vendor class, or None. Servers check only that it exists.
        parent: The index of the expression that the condition belongs to.
    """

    parent: int = 0
    type: ConditionType
    option_id: int = 0
    sub_option_id: int = 0
    vendor_class: str | None = None
    comparator: Comparator = Comparator.EQUAL
    value: bytes = b""

    @classmethod
    def of(
        cls, attribute: PolicyAttribute, comparator: Comparator = Comparator.EQUAL, value: bytes | str = b""
    ) -> "PolicyCondition":
        """Make a condition.

        Args:
            attribute: What is compared.
            comparator: How it is compared.
            value: The bytes to compare with. Text is encoded in UTF-8 for classes and DNS names. For all others it is
                hexadecimal, with or without dashes or colons.
        """
        if not isinstance(attribute, PolicyAttribute):
            raise wrong_type("attribute", attribute, "PolicyAttribute")
        if isinstance(value, str):
            value = value.encode() if attribute in TEXT else _octets(value)
        kind, option, sub_option = attribute.value
        return cls(type=kind, option_id=option, sub_option_id=sub_option, comparator=comparator, value=value)

    @property
    def attribute(self) -> PolicyAttribute | None:
        """What is compared; None if it is not one of the attributes that servers accept today."""
        return _BY_VALUE.get((self.type, self.option_id, self.sub_option_id))

    def __str__(self) -> str:
        what = self.attribute or f"{self.type} {self.option_id}.{self.sub_option_id}"
        if self.type == ConditionType.FQDN_SINGLE_LABEL and not self.value:
            return f"{what} {self.comparator}"
        return f"{what} {self.comparator} {self._shown()}"

    def _shown(self) -> str:
        text = self.value.decode("utf-8", "replace")
        return f'"{text}"' if self.attribute in TEXT and text.isprintable() else self.value.hex("-")

    def _as_cmdlets(self) -> str:
        """The value as the cmdlets write it."""
        name = self.attribute is PolicyAttribute.FQDN
        text = self.value.decode("utf-8", "replace") if name else self.value.hex().upper()
        if self.comparator in (Comparator.BEGINS_WITH, Comparator.NOT_BEGINS_WITH):
            return f"{text}*"
        return f"*{text}" if self.comparator in (Comparator.ENDS_WITH, Comparator.NOT_ENDS_WITH) else text


_BY_VALUE: dict[tuple[int, int, int], PolicyAttribute] = {entry.value: entry for entry in PolicyAttribute}


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace("-", "").replace(":", ""))
    except ValueError:
        raise ValueError(f"value must be valid hexadecimal, got {text!r}") from None


@model(kw_only=False)
class PolicyExpression(Model):
    """One expression of a policy: it joins the conditions and expressions that name it (DHCP_POL_EXPR).

    Attributes:
        operator: How they are joined.
        parent: The index of the expression that this one is a part of. The first expression is the root.
    """

    parent: int
    operator: LogicOperator


@model(kw_only=False)
class PolicyGroup(Model):
    """Conditions joined by AND or OR: the readable form of a policy's conditions.

    Attributes:
        operator: How the parts are joined.
        items: The parts: `PolicyCondition` and `PolicyGroup`.
    """

    operator: LogicOperator
    items: tuple[Any, ...]

    def __str__(self) -> str:
        joint = f" {self.operator} "
        return joint.join(f"({item})" if isinstance(item, PolicyGroup) else str(item) for item in self.items)


@model(kw_only=False)
class Property(Model):
    """A value that later versions of Windows added to a structure (DHCP_PROPERTY).

    Attributes:
        id: What it is.
        type: The type of the value.
        value: The value: a number, text or bytes. None if its type is unknown.
    """

    id: PropertyId
    type: PropertyType
    value: int | str | bytes | None


@model
class Policy(Model):
    """A policy of a server or a scope (DHCP_POLICY_EX, Get-DhcpServerv4Policy).

    ``conditions`` and ``expressions`` are what the server stores, in its order; `condition` is the same as a tree.
    `build` makes a policy from a tree. A policy's option values are read with other methods. Two policies are the same
    one if they have the same ``key``.

    Attributes:
        name: The policy's name, which identifies it on its level; at most 64 characters. Servers ignore case.
        scope: The scope, or None for a policy of the whole server.
        order: The place among the policies of its level, from 1 on; policies are tried in this order. In a new
            policy 0 means the last place.
        conditions: The comparisons.
        expressions: The expressions that join them; the first one is the root.
        ranges: The part of the scope's range that clients of the policy get addresses from; none is all of it.
        description: Description, or None.
        enabled: Whether the policy applies.
        properties: More values; see `dns_suffix`.
    """

    name: str
    scope: IPv4Address | None = None
    order: int = 0
    conditions: tuple[PolicyCondition, ...] = ()
    expressions: tuple[PolicyExpression, ...] = ()
    ranges: tuple[AddressRange, ...] = ()
    description: str | None = None
    enabled: bool = True
    properties: tuple[Property, ...] = ()

    _nullable = ("name",)
    _also = ("dns_suffix",)

    @classmethod
    def build(
        cls,
        name: str,
        condition: "PolicyGroup | PolicyCondition",
        *,
        scope: AddressLike | None = None,
        order: int = 0,
        ranges: Iterable[AddressRange] = (),
        description: str | None = None,
        enabled: bool = True,
        dns_suffix: str | None = None,
    ) -> "Policy":
        """Make a policy from a tree of conditions; the other arguments are as the attributes.

        Args:
            name: The policy's name.
            condition: One condition, or a group. Servers accept at most one level of groups inside it, joined by AND.
            scope: The scope; None is a policy of the whole server.
            order: The place among the policies of its level; 0 is the last one.
            ranges: The addresses that clients of the policy get.
            description: Description.
            enabled: Whether the policy applies.
            dns_suffix: The DNS suffix of the clients.
        """
        conditions, expressions = flatten(condition)
        values: dict[str, Any] = {"name": name, "scope": scope, "order": order, "ranges": ranges}
        values |= {"conditions": conditions, "expressions": expressions, "properties": suffix_properties(dns_suffix)}
        return cls(**values, description=description, enabled=enabled)

    @property
    def key(self) -> tuple[IPv4Address | None, str]:
        """The scope, and the name in a form to compare: what identifies the policy on a server."""
        return self.scope, upper_case(self.name)

    @property
    def condition(self) -> PolicyGroup:
        """The conditions as a tree: the root with its conditions and groups, each in the server's order.

        Parts that name a missing expression as their parent are left out; no server should return any.
        """
        parts: list[list[Any]] = [[] for _ in self.expressions] or [[]]
        for condition in self.conditions:
            if condition.parent < len(parts):
                parts[condition.parent].append(condition)
        operators = [expression.operator for expression in self.expressions] or [LogicOperator.AND]
        groups: list[list[PolicyGroup]] = [[] for _ in parts]
        for index in reversed(range(1, len(parts))):  # children come after their parents
            group = PolicyGroup(operators[index], (*parts[index], *groups[index][::-1]))
            if self.expressions[index].parent < index:
                groups[self.expressions[index].parent].append(group)
        return PolicyGroup(operators[0], (*parts[0], *groups[0][::-1]))

    @property
    def dns_suffix(self) -> str | None:
        """The DNS suffix that the server registers for clients of the policy, or None."""
        for entry in self.properties:
            if entry.id == PropertyId.POLICY_DNS_SUFFIX and isinstance(entry.value, str):
                return entry.value or None
        return None

    def _listed(self, attribute: PolicyAttribute) -> list[str]:
        """The conditions on an attribute as the cmdlets show them: EQ or NE before values."""
        shown: list[str] = []
        before = ""
        for condition in self.conditions:
            if condition.attribute is attribute or _single_label(condition, attribute):
                word = "NE" if condition.comparator in NEGATIVE else "EQ"
                if _single_label(condition, attribute):
                    shown.append("Insl" if word == "NE" else "Isl")
                    continue
                shown += ([] if word == before else [word]) + [condition._as_cmdlets()]
                before = word
        return shown

    @property
    def _operator(self) -> str:
        return str(self.condition.operator)

    _vendor_class = property(lambda self: self._listed(PolicyAttribute.VENDOR_CLASS))
    _user_class = property(lambda self: self._listed(PolicyAttribute.USER_CLASS))
    _mac_address = property(lambda self: self._listed(PolicyAttribute.MAC_ADDRESS))
    _client_id = property(lambda self: self._listed(PolicyAttribute.CLIENT_ID))
    _relay_agent = property(lambda self: self._listed(PolicyAttribute.RELAY_AGENT))
    _circuit_id = property(lambda self: self._listed(PolicyAttribute.CIRCUIT_ID))
    _remote_id = property(lambda self: self._listed(PolicyAttribute.REMOTE_ID))
    _subscriber_id = property(lambda self: self._listed(PolicyAttribute.SUBSCRIBER_ID))
    _fqdn = property(lambda self: self._listed(PolicyAttribute.FQDN))

    _powershell = {
        "Name": "name",
        "ScopeId": "scope",
        "ProcessingOrder": "order",
        "Condition": "_operator",
        "Description": "description",
        "Enabled": "enabled",
        "VendorClass": "_vendor_class",
        "UserClass": "_user_class",
        "MacAddress": "_mac_address",
        "ClientId": "_client_id",
        "RelayAgent": "_relay_agent",
        "CircuitId": "_circuit_id",
        "RemoteId": "_remote_id",
        "SubscriberId": "_subscriber_id",
        "Fqdn": "_fqdn",
        "DnsSuffix": "dns_suffix",
    }


def _single_label(condition: PolicyCondition, attribute: PolicyAttribute) -> bool:
    return attribute is PolicyAttribute.FQDN and condition.attribute is PolicyAttribute.FQDN_SINGLE_LABEL


def suffix_properties(dns_suffix: str | None) -> tuple[Property, ...]:
    """Return the properties of a policy with that DNS suffix."""
    if dns_suffix is None:
        return ()
    return (Property(PropertyId.POLICY_DNS_SUFFIX, PropertyType.STRING, dns_suffix),)


def flatten(tree: PolicyGroup | PolicyCondition) -> tuple[tuple[PolicyCondition, ...], tuple[PolicyExpression, ...]]:
    """Return the conditions and expressions of a tree, the root first.

    Raises:
        TypeError: A part is neither a condition nor a group.
    """
    root = PolicyGroup(LogicOperator.AND, (tree,)) if isinstance(tree, PolicyCondition) else tree
    if not isinstance(root, PolicyGroup):
        raise wrong_type("condition", tree, "PolicyGroup or PolicyCondition")
    conditions: list[PolicyCondition] = []
    expressions = [PolicyExpression(0, root.operator)]
    for group, index in _numbered(root, expressions):
        for item in group.items:
            if isinstance(item, PolicyCondition):
                conditions.append(item.replace(parent=index))
            elif not isinstance(item, PolicyGroup):
                raise wrong_type("items", item, "PolicyCondition or PolicyGroup")
    return tuple(conditions), tuple(expressions)


def _numbered(root: PolicyGroup, expressions: list[PolicyExpression]) -> Iterator[tuple[PolicyGroup, int]]:
    """Yield each group with its index, parents first; append the expressions of the inner ones."""
    waiting = [(root, 0)]
    for group, index in waiting:
        yield group, index
        for item in group.items:
            if isinstance(item, PolicyGroup):
                waiting.append((item, len(expressions)))
                expressions.append(PolicyExpression(index, item.operator))
