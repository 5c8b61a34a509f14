"""Reads the policies of an `Export-DhcpServer` file, with their conditions in the form of the cmdlets."""

from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import IPv4Address

from ...enums import Comparator, LogicOperator
from ...models import AddressRange, Policy, PolicyAttribute, PolicyCondition, PolicyGroup
from . import values
from .documents import Fields, Node
from .report import Findings, Unusable
from .writer import Writer

__all__ = ["read_policies"]

ATTRIBUTES = {
    "VendorClass": PolicyAttribute.VENDOR_CLASS,
    "UserClass": PolicyAttribute.USER_CLASS,
    "MacAddress": PolicyAttribute.MAC_ADDRESS,
    "ClientId": PolicyAttribute.CLIENT_ID,
    "RelayAgent": PolicyAttribute.RELAY_AGENT,
    "CircuitId": PolicyAttribute.CIRCUIT_ID,
    "RemoteId": PolicyAttribute.REMOTE_ID,
    "SubscriberId": PolicyAttribute.SUBSCRIBER_ID,
    "Fqdn": PolicyAttribute.FQDN,
}
CLASSES = {PolicyAttribute.VENDOR_CLASS: True, PolicyAttribute.USER_CLASS: False}
"""The attributes that are compared with a class, and whether it is a vendor class."""

SINGLE_LABEL = {"ISL": Comparator.EQUAL, "INSL": Comparator.NOT_EQUAL}

COMPARATORS = {
    "EQ": (Comparator.EQUAL, Comparator.BEGINS_WITH, Comparator.ENDS_WITH),
    "NE": (Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH),
}
"""What the words mean: for a value, one with ``*`` behind it, one with ``*`` in front."""

OPERATORS = {"AND": LogicOperator.AND, "OR": LogicOperator.OR}

Groups = dict[tuple[PolicyAttribute, str], list[PolicyCondition]]
"""The conditions by attribute and family of comparators: the API joins only such ones in one expression."""


def read_policies(
    nodes: Sequence[Node], scope: IPv4Address | None, writer: Writer, findings: Findings
) -> Iterator[tuple[str, Fields]]:
    """Read policies, in their order.

    Args:
        nodes: Their elements.
        scope: Their scope; None is the server.
        writer: Writes into the server.
        findings: Collects the report.

    Yields:
        The name of each policy that was read, and what is left in its element.
    """
    found: list[tuple[int, Policy, Node, Fields]] = []
    for node in nodes:
        fields = Fields(node, findings)
        with findings.part(node.line, node, contents=True):
            order = fields.need("ProcessingOrder", values.number)
            found.append((order, _policy(node, fields, scope, writer), node, fields))
    for order, policy, node, fields in sorted(found, key=lambda entry: entry[0]):
        written = None
        with findings.part(node.line, node, "policies", contents=True):
            written = writer.add_policy(policy)
        if written is None:
            continue
        if written != order:
            reason = f"its place is {written} now; a server creates policies without gaps"
            findings.unread(node.line, f"ProcessingOrder {order} of policy {policy.name!r}", reason)
        yield policy.name, fields


def _policy(node: Node, fields: Fields, scope: IPv4Address | None, writer: Writer) -> Policy:
    groups = _conditions(node, fields, writer)
    operator = fields.need("Condition", partial(values.named, names=OPERATORS, what="AND or OR"))
    if len(groups) == 1:
        (items,) = groups.values()
        tree = PolicyGroup(operator, tuple(items))
    else:
        inner = [PolicyGroup(LogicOperator.AND, tuple(items)) for items in groups.values()]
        tree = PolicyGroup(operator, tuple(inner))
    ranges = []
    for child in fields.each("IPRanges", "IPRange"):
        span = Fields(child, fields.findings)
        ranges.append(AddressRange(span.need("StartRange", values.address), span.need("EndRange", values.address)))
        span.finish()
    return Policy.build(
        fields.need("Name", str),
        tree,
        scope=scope,
        ranges=ranges,
        description=fields.text("Description"),
        enabled=fields.get("Enabled", values.truth, True),
        dns_suffix=fields.text("DnsSuffix"),
    )


def _conditions(node: Node, fields: Fields, writer: Writer) -> Groups:
    groups: Groups = {}
    for name, attribute in ATTRIBUTES.items():
        word = None
        for child in fields.all(name):
            text = child.text.strip()
            upper = text.upper()
            if not text:
                continue
            if upper in COMPARATORS:
                word = upper
                continue
            if attribute is PolicyAttribute.FQDN and upper in SINGLE_LABEL:
                single = PolicyCondition.of(PolicyAttribute.FQDN_SINGLE_LABEL, SINGLE_LABEL[upper])
                groups.setdefault((PolicyAttribute.FQDN_SINGLE_LABEL, upper), []).append(single)
                continue
            if word is None:
                raise Unusable(child.line, f"{name}: {text!r} must follow EQ or NE")
            try:
                condition = _condition(attribute, word, text, writer)
            except ValueError as error:
                raise Unusable(child.line, f"{name}: {error}") from None
            groups.setdefault((attribute, word), []).append(condition)
    if not groups:
        raise Unusable(node.line, "it has no condition")
    return groups


def _condition(attribute: PolicyAttribute, word: str, text: str, writer: Writer) -> PolicyCondition:
    """Read one value, with an asterisk behind or in front of it."""
    whole, begins, ends = COMPARATORS[word]
    is_vendor = CLASSES.get(attribute)
    if is_vendor is not None:
        exact = writer.class_data(text, is_vendor)
        found = exact if exact is not None else writer.class_data(text.removesuffix("*"), is_vendor)
        if found is None:
            raise ValueError(f"the server has no {'vendor' if is_vendor else 'user'} class {text!r}")
        return PolicyCondition.of(attribute, whole if exact is not None else begins, found)
    if text.startswith("*") and text.endswith("*"):
        raise ValueError(f"{text!r} must not have an asterisk on both sides")
    comparator = begins if text.endswith("*") else ends if text.startswith("*") else whole
    if attribute is not PolicyAttribute.FQDN:
        return PolicyCondition.of(attribute, comparator, values.data(text.strip("-:*")))
    name = text.removesuffix("*") if comparator == begins else text.removeprefix("*")
    if "*" in name:
        raise ValueError(f"{text!r} must have one asterisk at most")
    return PolicyCondition.of(attribute, comparator, name)
