"""The examples of policies; `examples` has those of all families."""

from ipaddress import IPv4Address
from typing import Any

from dhcpfo.enums import Comparator, ConditionType, LogicOperator, PolicyFields, PropertyId, PropertyType
from dhcpfo.models import AddressRange, Page, Policy, PolicyAttribute, PolicyCondition, PolicyGroup, Property

SCOPE = IPv4Address("10.0.1.0")
NAME = "Phones"

CONDITION = PolicyGroup(
    LogicOperator.OR,
    (
        PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, Comparator.BEGINS_WITH, "00-1c-25"),
        PolicyGroup(
            LogicOperator.AND,
            (
                PolicyCondition.of(PolicyAttribute.CIRCUIT_ID, Comparator.NOT_EQUAL, b"\x00\x04port").replace(
                    vendor_class="Microsoft Options"
                ),
            ),
        ),
    ),
)
POLICY = Policy.build(
    NAME,
    CONDITION,
    scope=SCOPE,
    order=1,
    ranges=[AddressRange("10.0.1.100", "10.0.1.110"), AddressRange("10.0.1.120", "10.0.1.121")],
    description="desk phones",
    enabled=False,
    dns_suffix="phones.example.com",
)
OTHER_CONDITION = PolicyCondition.of(PolicyAttribute.VENDOR_CLASS, Comparator.EQUAL, "MSFT 5.0")
CHANGES: dict[str, Any] = {
    "new_name": "Desk phones",
    "order": 2,
    "condition": OTHER_CONDITION,
    "ranges": [AddressRange("10.0.1.130", "10.0.1.140")],
    "description": "all phones",
    "enabled": True,
    "dns_suffix": "desk.example.com",
}
"""One value for each keyword of `Server.set_policy`."""

CHANGED = Policy.build(
    "Desk phones",
    OTHER_CONDITION,
    scope=SCOPE,
    order=2,
    ranges=CHANGES["ranges"],
    description="all phones",
    enabled=True,
    dns_suffix="desk.example.com",
)
ADDED = AddressRange("10.0.1.150", "10.0.1.160")
PROPERTY = Property(PropertyId.CLIENT_ADDRESS_STATE_EX, PropertyType.DWORD, 7)

RAW_CONDITION = PolicyCondition(
    parent=3,
    type=ConditionType.SUB_OPTION,
    option_id=82,
    sub_option_id=6,
    vendor_class="Microsoft Options",
    comparator=Comparator.ENDS_WITH,
    value=b"port",
)

MODELS = (POLICY, RAW_CONDITION, POLICY.expressions[1], POLICY.ranges[0], CONDITION, PROPERTY)

CALLS: dict[str, dict[str, Any]] = {
    "enum_policies": {
        "arguments": (SCOPE, 0, 1000),
        "answer": Page((POLICY,), 8, 0, 259),
        "method": "policies",
        "keywords": {"scope": "10.0.1.0"},
        "result": [POLICY],
    },
    "get_policy": {
        "arguments": (NAME, SCOPE),
        "answer": POLICY,
        "method": "get_policy",
        "given": (NAME,),
        "keywords": {"scope": "10.0.1.0"},
        "result": POLICY,
    },
    "create_policy": {"arguments": (POLICY,), "answer": None, "method": "create_policy", "given": (POLICY,)},
    "set_policy": {
        "arguments": (NAME, SCOPE, PolicyFields(0x7F), CHANGED),
        "answer": None,
        "method": "set_policy",
        "given": (NAME,),
        "keywords": {"scope": "10.0.1.0", **CHANGES},
    },
    "delete_policy": {
        "arguments": (NAME, SCOPE),
        "answer": None,
        "method": "delete_policy",
        "given": (NAME,),
        "keywords": {"scope": "10.0.1.0"},
    },
    "get_policy_enforcement": {
        "arguments": (SCOPE,),
        "answer": True,
        "method": "get_policy_enforcement",
        "keywords": {"scope": "10.0.1.0"},
        "result": True,
    },
    "set_policy_enforcement": {
        "arguments": (SCOPE, False),
        "answer": None,
        "method": "set_policy_enforcement",
        "keywords": {"scope": "10.0.1.0", "enabled": False},
    },
    "add_policy_range": {
        "arguments": (NAME, SCOPE, ADDED),
        "answer": None,
        "method": "add_policy_ranges",
        "given": (NAME, [ADDED]),
        "keywords": {"scope": "10.0.1.0"},
    },
    "remove_policy_range": {
        "arguments": (NAME, SCOPE, POLICY.ranges[0]),
        "answer": None,
        "method": "remove_policy_ranges",
        "given": (NAME, [POLICY.ranges[0]]),
        "keywords": {"scope": "10.0.1.0"},
    },
}
