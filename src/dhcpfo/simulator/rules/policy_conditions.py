"""The rules about the conditions and expressions of a policy, which a server refuses with 20109."""

from collections.abc import Sequence

from ...enums import Comparator, ConditionType, LogicOperator
from ...models import PolicyCondition, PolicyExpression

__all__ = ["are_valid"]

OPTIONS = frozenset({60, 61, 77, 82})
RELAY_AGENT = 82
SUB_OPTIONS = frozenset({1, 2, 6})
MAC_LENGTH = 6

POSITIVE = frozenset({Comparator.EQUAL, Comparator.BEGINS_WITH, Comparator.ENDS_WITH})
NEGATIVE = frozenset({Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH})
WHOLE_VALUE = frozenset({Comparator.EQUAL, Comparator.NOT_EQUAL})


def are_valid(conditions: Sequence[PolicyCondition], expressions: Sequence[PolicyExpression]) -> bool:
    """Return whether a server accepts these conditions and expressions."""
    if any(condition.parent >= len(expressions) or not _is_valid(condition) for condition in conditions):
        return False
    for index, expression in enumerate(expressions):
        mine = [condition for condition in conditions if condition.parent == index]
        if not mine and not (index == 0 and len(expressions) > 1):
            return False  # nothing belongs to it
        if expression.operator not in tuple(LogicOperator) or expression.parent != 0:
            return False
        if index > 0 and expression.operator != LogicOperator.AND:
            return False
        if len(mine) > 1 and not _go_together(mine):
            return False
    return True


def _is_valid(condition: PolicyCondition) -> bool:
    """Check one condition: its type, its option, the length of a MAC address."""
    kind, option, sub_option = condition.type, condition.option_id, condition.sub_option_id
    if condition.comparator not in POSITIVE | NEGATIVE:
        return False
    if kind == ConditionType.OPTION:
        return option in OPTIONS and sub_option == 0
    if kind == ConditionType.SUB_OPTION:
        return option == RELAY_AGENT and sub_option in SUB_OPTIONS
    if option or sub_option or kind not in tuple(ConditionType):
        return False
    if kind != ConditionType.MAC_ADDRESS:
        return True
    length = len(condition.value)
    return length == MAC_LENGTH if condition.comparator in WHOLE_VALUE else length < MAC_LENGTH


def _go_together(conditions: Sequence[PolicyCondition]) -> bool:
    """Check several conditions of one expression: one attribute, comparators of one family, not option 82."""
    attributes = {(one.type, one.option_id, one.sub_option_id) for one in conditions}
    comparators = {one.comparator for one in conditions}
    relay = (ConditionType.OPTION, RELAY_AGENT, 0) in attributes
    return len(attributes) == 1 and not relay and (comparators <= POSITIVE or comparators <= NEGATIVE)
