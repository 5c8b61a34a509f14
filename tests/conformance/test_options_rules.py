"""Every rule that refuses a call for options or classes, on every backend, and the order of the rules.

A case is named after its rule: the function, then the number of the check. Each refusal is tested twice: alone, and
together with all later rules of its function broken too.
"""

import inspect
from ipaddress import IPv4Address
from typing import Any

import pytest
from worlds import Rights, World, add_policy, prepare_example

import examples
from dhcpfo.api import ManagementApi
from dhcpfo.enums import OptionLevelType
from dhcpfo.errors import DhcpError
from dhcpfo.models import DhcpClass, OptionData, OptionLevel, OptionValue

NOWHERE = OptionLevel(OptionLevelType.SCOPE, IPv4Address("10.9.0.0"))
DEFAULT = OptionLevel(OptionLevelType.DEFAULT)
EMPTY = OptionData(None, ())
NO_DEFAULT = examples.DEFINITION.replace(type=None, default=())

RIGHTS: dict[str, Any] = {"rights": Rights.NONE}
READER: dict[str, Any] = {"rights": Rights.USER}
FLAGS, CLASS = {"flags": 8}, {"vendor_class": "Nobody"}

VALUE = {"option": 6, "level": examples.RESERVATION, "data": examples.ADDRESSES, "values": (examples.PLAIN_VALUE,)}
DEFINITION = {"option": 77, "definition": examples.DEFINITION}
POLICY = VALUE | {"level": examples.AT_SCOPE, "policy": "P1"}
MISSING = {"option": 7}
OF_DNS_POLICY = {"policy": "Dns", "level": examples.AT_SCOPE}

HEAD = {1: (87, FLAGS), 2: (87, {"level": examples.RESERVATION})}
RULES: dict[str, tuple[dict[str, Any], dict[int, tuple[int, dict[str, Any]]]]] = {
    "get_all_options": ({}, {1: (5, RIGHTS)}),
    "enum_options": ({}, {1: (5, RIGHTS), 2: (87, FLAGS), 3: (20044, CLASS)}),
    "get_option": (DEFINITION, {1: (5, RIGHTS), 2: (87, FLAGS), 3: (20044, CLASS), 4: (20010, MISSING)}),
    "create_option": (
        DEFINITION,
        {
            1: (5, READER),
            2: (87, FLAGS),
            3: (20044, CLASS),
            4: (87, {"definition": NO_DEFAULT}),
            5: (20009, {"option": 6, "user_class": None}),
        },
    ),
    "set_option": (
        DEFINITION,
        {
            1: (5, READER),
            2: (87, FLAGS),
            3: (87, {"definition": NO_DEFAULT}),
            4: (20044, CLASS),
            5: (20010, MISSING),
        },
    ),
    "remove_option": (DEFINITION, {1: (5, READER), 2: (87, FLAGS), 3: (20044, CLASS), 4: (20010, MISSING)}),
    "get_all_option_values": (VALUE, {1: (5, RIGHTS), 2: (87, {"level": DEFAULT}), 3: (20005, {"level": NOWHERE})}),
    "enum_option_values": (
        VALUE,
        {
            1: (5, RIGHTS),
            2: (87, FLAGS),
            3: (20044, CLASS),
            4: (87, {"level": DEFAULT}),
            5: (20005, {"level": NOWHERE}),
        },
    ),
    "get_option_value": (
        VALUE,
        {1: (5, RIGHTS), 2: (87, FLAGS), 4: (20005, {"level": NOWHERE}), 5: (2, MISSING)},
    ),
    "set_option_value": (
        VALUE,
        {
            1: (5, READER),
            2: (87, FLAGS),
            3: (87, {"data": EMPTY}),
            4: (20044, CLASS),
            5: (20010, MISSING),
            6: (20005, {"level": NOWHERE}),
        },
    ),
    "set_option_values": (
        VALUE,
        {
            1: (5, READER),
            4: (87, FLAGS),
            5: (20044, CLASS),
            6: (87, {"values": (OptionValue(6, None, ()),)}),
            7: (20010, {"values": (examples.TEXT_VALUE,)}),
            8: (20005, {"level": NOWHERE}),
        },
    ),
    "remove_option_value": (
        VALUE,
        {
            1: (5, READER),
            2: (87, FLAGS),
            3: (87, {"level": DEFAULT}),
            4: (20005, {"level": NOWHERE}),
            5: (20010, {"flags": 0}),
            6: (20044, CLASS),
            7: (20010, MISSING),
        },
    ),
    "get_all_policy_option_values": (
        POLICY,
        {2: (5, RIGHTS), 4: (87, {"level": examples.RESERVATION}), 5: (20005, {"level": NOWHERE})},
    ),
    "get_policy_option_value": (
        POLICY,
        HEAD
        | {
            3: (5, RIGHTS),
            4: (20136, OF_DNS_POLICY),
            6: (20044, CLASS),
            7: (20111, {"policy": "Nobody"}),
            8: (20010, MISSING),
        },
    ),
    "set_policy_option_value": (
        POLICY,
        HEAD
        | {
            3: (5, READER),
            4: (20136, OF_DNS_POLICY),
            5: (87, {"data": EMPTY}),
            6: (20044, CLASS),
            7: (20111, {"policy": "Nobody"}),
        },
    ),
    "set_policy_option_values": (
        POLICY,
        HEAD
        | {
            3: (5, READER),
            4: (20136, OF_DNS_POLICY),
            5: (87, {"values": (OptionValue(6, None, ()),)}),
            6: (20044, CLASS),
            7: (20005, {"level": NOWHERE}),
            8: (20111, {"policy": None}),
        },
    ),
    "remove_policy_option_value": (
        POLICY,
        HEAD
        | {
            3: (5, READER),
            4: (20136, OF_DNS_POLICY),
            6: (20044, CLASS),
            7: (20111, {"policy": "Nobody"}),
            8: (20010, MISSING),
        },
    ),
    "enum_classes": ({}, {1: (5, RIGHTS)}),
    "get_class": (
        {"info": examples.KIOSK},
        {2: (5, RIGHTS), 3: (20044, {"info": DhcpClass(name="Kiosk", data=b"another")})},
    ),
    "create_class": (
        {"info": examples.KIOSK},
        {
            1: (87, {"info": DhcpClass(name="New", data=b"")}),
            2: (5, READER),
            3: (20045, {"info": DhcpClass(name="PHONES", data=b"new", is_vendor=True)}),
            4: (20045, {"info": DhcpClass(name="New", data=b"phones")}),
        },
    ),
    "modify_class": (
        {"info": examples.KIOSK},
        {
            1: (5, READER),
            2: (87, {"info": DhcpClass(name="Kiosk", data=bytes(256))}),
            3: (20044, {"info": DhcpClass(name="New", data=b"new")}),
        },
    ),
    "delete_class": (
        {"name": "Kiosk"},
        {2: (5, READER), 3: (20044, {"name": "Nobody"}), 4: (20089, {"name": "default bootp class"})},
    ),
}
"""For each function its right arguments, and for each rule its code and the arguments that break it."""

RIGHT: dict[str, Any] = {
    "flags": 3,
    "user_class": "Kiosk",
    "vendor_class": "Phones",
    "resume": 0,
    "preferred_maximum": 0xFFFFFFFF,
    "rights": Rights.ADMINISTRATOR,
}

CASES = [(function, rule) for function, (_, rules) in RULES.items() for rule in rules]


def ask(world: World, function: str, **changes: Any) -> Any:
    given = RIGHT | RULES[function][0] | changes
    names = [name for name in inspect.signature(getattr(ManagementApi, function)).parameters if name != "self"]
    return getattr(world.api("dhcp1", given["rights"]), function)(*(given[name] for name in names))


@pytest.fixture
def prepared(world: World, request: pytest.FixtureRequest) -> World:
    prepare_example(world, request.node.callspec.params["function"])
    add_policy(world.lab, "dhcp1", "Dns", examples.SCOPE, dns=True)
    return world


@pytest.mark.parametrize("function", RULES)
def test_the_right_arguments_are_accepted(prepared: World, function: str) -> None:
    ask(prepared, function)


@pytest.mark.parametrize(("function", "rule"), CASES)
def test_a_rule_refuses(prepared: World, function: str, rule: int) -> None:
    before = prepared.lab.to_dict(secrets=True)
    code, changes = RULES[function][1][rule]
    with pytest.raises(DhcpError) as refused:
        ask(prepared, function, **changes)
    assert refused.value.winerror == code
    assert prepared.lab.to_dict(secrets=True) == before


@pytest.mark.parametrize(("function", "rule"), CASES)
def test_the_first_broken_rule_decides(prepared: World, function: str, rule: int) -> None:
    rules = RULES[function][1]
    changes: dict[str, Any] = {}
    for later in sorted(rules, reverse=True):
        if later >= rule:
            changes |= rules[later][1]
    with pytest.raises(DhcpError) as refused:
        ask(prepared, function, **changes)
    assert refused.value.winerror == rules[rule][0]
