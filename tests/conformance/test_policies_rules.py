"""Policies: each rule of [MS-DHCPM], in the order of its checks, by each route; names as in test_failover_rules.py."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from worlds import MISSING, OTHER, SCOPE, Rights, World

from dhcpfo.api import ManagementApi
from dhcpfo.enums import (
    Comparator,
    ConditionType,
    LogicOperator,
    OptionLevelType,
    OptionType,
    PolicyFields,
    PropertyId,
    PropertyType,
)
from dhcpfo.errors import DhcpError
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    OptionData,
    OptionLevel,
    Page,
    Policy,
    PolicyAttribute,
    PolicyCondition,
    PolicyExpression,
    PolicyGroup,
    Property,
)

DENIED, INVALID, NO_SCOPE = 5, 87, 20005
EXISTS, RANGE_EXISTS, RANGE_BAD, SERVER_RANGE, EXPRESSION, ORDER, NOT_FOUND = range(20105, 20112)
DNS_RANGE, DNS_EDIT, NO_CLASS = 20135, 20137, 20044

A, C = PolicyAttribute, Comparator
MAC = PolicyCondition.of(A.MAC_ADDRESS, C.BEGINS_WITH, "00-1c-25")
CLIENT_ID = PolicyCondition.of(A.CLIENT_ID, C.EQUAL, "01-02")
DNS_NAME = PolicyCondition.of(A.FQDN, C.ENDS_WITH, "example.com")
RANGE = AddressRange("10.0.0.100", "10.0.0.110")
ROOT = PolicyExpression(0, LogicOperator.OR)
ANY = IPv4Address(0)

AT_SCOPE = OptionLevel(OptionLevelType.SCOPE, SCOPE)
ADDRESSES = OptionData(OptionType.IP_ADDRESS, ["10.0.0.5"])
LEASE = OptionData(OptionType.DWORD, [600])


def policy(name: str = "P1", **changes: object) -> Policy:
    """Return a policy that a server accepts."""
    made = Policy.build(name, MAC, scope=SCOPE, ranges=[RANGE], description="d", dns_suffix="x.test")
    return replace(made, **changes)


def code(call, *arguments):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.fixture
def api(world: World) -> ManagementApi:
    return world.api("dhcp1")


@pytest.fixture
def user(world: World) -> ManagementApi:
    return world.api("dhcp1", Rights.USER)


@pytest.fixture
def nobody(world: World) -> ManagementApi:
    return world.api("dhcp1", Rights.NONE)


def names(api: ManagementApi, scope: IPv4Address | None = SCOPE) -> list[tuple[str, int]]:
    return [(found.name, found.order) for found in api.enum_policies(scope).items]


REFUSED_BY_CREATE = {
    "1 no name": (policy(name=""), INVALID),
    "2 no conditions": (policy(conditions=()), INVALID),
    "2 no expressions": (policy(expressions=()), INVALID),
    "4 before 5": (policy(scope=None, conditions=(replace(MAC, parent=1),)), EXPRESSION),
    "5 a range on the server": (policy(scope=None), SERVER_RANGE),
    "6 no subnet": (policy(scope=ANY), INVALID),
    "7 a range backwards": (policy(ranges=[AddressRange("10.0.0.9", "10.0.0.8")]), RANGE_BAD),
    "7 overlapping ranges": (policy(ranges=[RANGE, AddressRange("10.0.0.110", "10.0.0.120")]), RANGE_BAD),
    "7 before 9": (policy(scope=MISSING, ranges=[RANGE, RANGE]), RANGE_BAD),
    "8 a DNS name and a range": (policy(conditions=(DNS_NAME,)), DNS_RANGE),
    "8 before 9": (policy(scope=MISSING, conditions=(DNS_NAME,)), DNS_RANGE),
    "9 no scope": (policy(scope=MISSING), NO_SCOPE),
    "10 the same name": (policy(name="taken"), EXISTS),
    "10 before 11": (policy(name="TAKEN", ranges=[AddressRange("10.9.0.1", "10.9.0.2")]), EXISTS),
    "11 outside the range": (policy(ranges=[AddressRange("10.0.0.0", "10.0.0.1")]), RANGE_BAD),
    "12 another policy's range": (policy(ranges=[AddressRange("10.0.0.45", "10.0.0.60")]), RANGE_EXISTS),
    "13 an order after the last": (policy(order=3), ORDER),
    "a long name": (policy(name="n" * 65), INVALID),
    "a long description": (policy(description="d" * 256), INVALID),
    "a long suffix": (
        policy(properties=[Property(PropertyId.POLICY_DNS_SUFFIX, PropertyType.STRING, "s" * 256)]),
        INVALID,
    ),
}


class TestCreate:
    @pytest.mark.parametrize(("wrong", "answer"), REFUSED_BY_CREATE.values(), ids=REFUSED_BY_CREATE)
    def test_a_refusal_and_its_place(self, api, wrong, answer):
        api.create_policy(policy(name="taken", ranges=[AddressRange("10.0.0.50", "10.0.0.55")]))
        assert code(api.create_policy, wrong) == answer
        assert names(api) == [("taken", 1)]

    def test_rights_come_after_what_is_missing(self, user, nobody):
        for caller in (user, nobody):
            assert code(caller.create_policy, policy()) == DENIED
            assert code(caller.create_policy, policy(conditions=())) == INVALID
            assert code(caller.create_policy, policy(conditions=(replace(MAC, parent=1),))) == DENIED

    def test_16_what_is_stored(self, api, user):
        made = policy(enabled=False, order=1)
        api.create_policy(made)
        assert user.get_policy("p1", SCOPE) == made
        assert user.enum_policies(SCOPE) == Page((made,), 1, 0, 259)
        assert user.enum_policies(OTHER) == user.enum_policies(None) == Page((), 0, 0, 259)

    def test_on_the_server(self, api):
        made = policy(scope=None, ranges=(), order=1)
        api.create_policy(made)
        assert api.get_policy("P1", None) == made
        assert code(api.get_policy, "P1", SCOPE) == NOT_FOUND

    def test_15_those_behind_move_up(self, api):
        for name, order in (("a", 1), ("b", 2), ("c", 2), ("d", 1)):
            api.create_policy(policy(name=name, order=order, ranges=()))
        assert names(api) == [("d", 1), ("a", 2), ("c", 3), ("b", 4)]

    @pytest.mark.parametrize(("appends", "order"), [(True, 2), (False, 1)])
    def test_order_zero(self, world, api, appends, order):
        world.lab.switches = replace(world.lab.switches, policy_order_zero_appends=appends)
        api.create_policy(policy(name="first", ranges=(), order=1))
        api.create_policy(policy(ranges=()))
        assert api.get_policy("P1", SCOPE).order == order

    def test_only_the_suffix_is_kept_of_the_properties(self, api):
        suffix = Property(PropertyId.POLICY_DNS_SUFFIX, PropertyType.STRING, "y.test")
        others = [Property(PropertyId(7), PropertyType.BINARY, b"\x00"), Property(PropertyId(0), PropertyType.BYTE, 3)]
        api.create_policy(policy(properties=[*others, suffix]))
        assert api.get_policy("P1", SCOPE).properties == (suffix,)
        empty = Property(PropertyId.POLICY_DNS_SUFFIX, PropertyType.STRING, "")
        api.create_policy(policy(name="P2", ranges=(), properties=[empty]))
        assert api.get_policy("P2", SCOPE).properties == ()


def condition(kind: ConditionType, option: int = 0, sub: int = 0, how: C = C.EQUAL, value: bytes = b"abcdef"):
    return PolicyCondition(type=kind, option_id=option, sub_option_id=sub, comparator=how, value=value)


T = ConditionType
CONDITIONS = {
    "a MAC address": (True, condition(T.MAC_ADDRESS)),
    "five bytes are not a MAC address": (False, condition(T.MAC_ADDRESS, value=b"abcde")),
    "not five bytes either": (False, condition(T.MAC_ADDRESS, how=C.NOT_EQUAL, value=b"abcde")),
    "a beginning of six bytes": (False, condition(T.MAC_ADDRESS, how=C.BEGINS_WITH)),
    "an end of six bytes": (False, condition(T.MAC_ADDRESS, how=C.NOT_ENDS_WITH)),
    "an end of five": (True, condition(T.MAC_ADDRESS, how=C.ENDS_WITH, value=b"abcde")),
    "a MAC address with an option": (False, condition(T.MAC_ADDRESS, 60)),
    "a DNS name with a sub-option": (False, condition(T.FQDN, 0, 1)),
    "option 60": (True, condition(T.OPTION, 60)),
    "option 61": (True, condition(T.OPTION, 61)),
    "option 77": (True, condition(T.OPTION, 77)),
    "option 82": (True, condition(T.OPTION, 82)),
    "option 12": (False, condition(T.OPTION, 12)),
    "option 60 with a sub-option": (False, condition(T.OPTION, 60, 1)),
    "the circuit": (True, condition(T.SUB_OPTION, 82, 1)),
    "the remote id": (True, condition(T.SUB_OPTION, 82, 2)),
    "the subscriber": (True, condition(T.SUB_OPTION, 82, 6)),
    "another sub-option": (False, condition(T.SUB_OPTION, 82, 3)),
    "a sub-option of option 60": (False, condition(T.SUB_OPTION, 60, 1)),
    "a single label": (True, condition(T.FQDN_SINGLE_LABEL, value=b"")),
    "an unknown type": (False, condition(T(5))),
    "an unknown comparator": (False, condition(T.MAC_ADDRESS, how=C(6))),
}
MACS = [condition(T.MAC_ADDRESS, how=how, value=b"abc") for how in (C.BEGINS_WITH, C.ENDS_WITH, C.NOT_BEGINS_WITH)]
OR, AND = LogicOperator.OR, LogicOperator.AND
TREES = {
    "several of one family": (True, MACS[:2], [(0, OR)]),
    "two families": (False, MACS[1:], [(0, OR)]),
    "two attributes": (False, [MAC, CLIENT_ID], [(0, OR)]),
    "two attributes in two groups": (
        True,
        [replace(MAC, parent=1), replace(CLIENT_ID, parent=2)],
        [(0, OR)] + [(0, AND)] * 2,
    ),
    "option 82 twice": (False, [condition(T.OPTION, 82)] * 2, [(0, OR)]),
    "a missing parent": (False, [replace(MAC, parent=1)], [(0, OR)]),
    "a group without conditions": (False, [MAC], [(0, OR), (0, AND)]),
    "an unknown operator": (False, [MAC], [(0, LogicOperator(2))]),
    "a group joined by OR": (False, [replace(MAC, parent=1)], [(0, OR), (0, OR)]),
    "a group in a group": (False, [replace(MAC, parent=1), replace(MAC, parent=2)], [(0, OR), (0, AND), (1, AND)]),
    "a root in itself": (False, [MAC], [(1, OR)]),
}


class TestConditions:
    @pytest.mark.parametrize(("valid", "one"), CONDITIONS.values(), ids=CONDITIONS)
    def test_one(self, api, valid, one):
        assert code(api.create_policy, policy(conditions=[one], ranges=())) == (0 if valid else EXPRESSION)

    @pytest.mark.parametrize(("valid", "conditions", "expressions"), TREES.values(), ids=TREES)
    def test_several(self, api, valid, conditions, expressions):
        made = [PolicyExpression(*each) for each in expressions]
        wanted = 0 if valid else EXPRESSION
        assert code(api.create_policy, policy(conditions=conditions, expressions=made)) == wanted
        assert names(api) == ([("P1", 1)] if valid else [])

    def test_a_tree_comes_back(self, api):
        tree = PolicyGroup(OR, (*MACS[:2], PolicyGroup(AND, (CLIENT_ID.replace(parent=1),))))
        api.create_policy(Policy.build("tree", tree, scope=SCOPE))
        assert api.get_policy("tree", SCOPE).condition == tree


F = PolicyFields
REFUSED_BY_SET = {
    "1 no subnet": ("P1", ANY, F.ENABLED, policy(), INVALID),
    "4 no scope": ("P1", MISSING, F.ENABLED, policy(), NO_SCOPE),
    "5 no policy": ("P7", SCOPE, F.ENABLED, policy(), NOT_FOUND),
    "5 before 19": ("P7", SCOPE, F(0x80), policy(), NOT_FOUND),
    "6 a range on the server": ("S", None, F.RANGES, policy(), SERVER_RANGE),
    "7 a range backwards": ("P1", SCOPE, F.RANGES, policy(ranges=[AddressRange("10.0.0.9", "10.0.0.8")]), RANGE_BAD),
    "8 a range beside a DNS name": ("D", SCOPE, F.RANGES, policy(), DNS_EDIT),
    "9 outside the range": ("P1", SCOPE, F.RANGES, policy(ranges=[AddressRange("10.0.0.0", "10.0.0.9")]), RANGE_BAD),
    "10 another policy's range": (
        "P1",
        SCOPE,
        F.RANGES,
        policy(ranges=[AddressRange("10.0.0.55", "10.0.0.55")]),
        RANGE_EXISTS,
    ),
    "11 no conditions": ("P1", SCOPE, F.CONDITIONS, policy(conditions=()), EXPRESSION),
    "11 no expressions": ("P1", SCOPE, F.CONDITIONS, policy(expressions=()), EXPRESSION),
    "12 a DNS name beside a range": ("P1", SCOPE, F.CONDITIONS, policy(conditions=[DNS_NAME]), DNS_EDIT),
    "13 an unknown type": ("P1", SCOPE, F.CONDITIONS, policy(conditions=[condition(T(9))]), EXPRESSION),
    "14 an order after the last": ("P1", SCOPE, F.ORDER, policy(order=5), ORDER),
    "15 no name": ("P1", SCOPE, F.NAME, policy(name=""), INVALID),
    "another policy's name": ("P1", SCOPE, F.NAME, policy(name="p2"), EXISTS),
    "19 an unknown field": ("P1", SCOPE, F(0x80), policy(), INVALID),
    "a long name": ("P1", SCOPE, F.NAME, policy(name="n" * 65), INVALID),
    "a long suffix": (
        "P1",
        SCOPE,
        F.DNS_SUFFIX,
        policy(properties=[Property(PropertyId(0), PropertyType.STRING, "s" * 256)]),
        INVALID,
    ),
}

CHANGES = {
    F.NAME: {"name": "renamed"},
    F.ORDER: {"order": 3},
    F.CONDITIONS: {"conditions": (CLIENT_ID,), "expressions": (PolicyExpression(0, OR),)},
    F.RANGES: {"ranges": (AddressRange("10.0.0.9", "10.0.0.10"),)},
    F.DESCRIPTION: {"description": None},
    F.ENABLED: {"enabled": False},
    F.DNS_SUFFIX: {"properties": ()},
}


class TestSet:
    @pytest.fixture(autouse=True)
    def some(self, api):
        """Three policies of the scope, one with a condition on the DNS name, and one of the server."""
        api.create_policy(policy())
        api.create_policy(policy(name="P2", ranges=[AddressRange("10.0.0.50", "10.0.0.60")]))
        api.create_policy(policy(name="D", ranges=(), conditions=[DNS_NAME]))
        api.create_policy(policy(name="S", scope=None, ranges=()))

    @pytest.mark.parametrize(
        ("name", "scope", "fields", "values", "answer"), REFUSED_BY_SET.values(), ids=REFUSED_BY_SET
    )
    def test_a_refusal(self, api, name, scope, fields, values, answer):
        before = api.enum_policies(SCOPE), api.enum_policies(None)
        assert code(api.set_policy, name, scope, fields, values) == answer
        assert (api.enum_policies(SCOPE), api.enum_policies(None)) == before

    def test_rights(self, user, nobody):
        for caller in (user, nobody):
            assert code(caller.set_policy, "P1", SCOPE, F.ENABLED, policy()) == DENIED
            assert code(caller.set_policy, "P1", ANY, F.ENABLED, policy()) == INVALID
            assert code(caller.set_policy, "P1", MISSING, F.ENABLED, policy()) == DENIED

    @pytest.mark.parametrize("field", CHANGES, ids=lambda field: field.name)
    def test_a_field_alone(self, api, field):
        """The other values of the structure are ignored."""
        everything = {key: value for changes in CHANGES.values() for key, value in changes.items()}
        before = api.get_policy("P1", SCOPE)
        api.set_policy("p1", SCOPE, field, replace(before, **everything))
        name = "renamed" if field is F.NAME else "P1"
        assert api.get_policy(name, SCOPE) == replace(before, **CHANGES[field])
        assert len(api.enum_policies(SCOPE).items) == 3

    def test_no_field(self, api):
        before = api.enum_policies(SCOPE)
        api.set_policy("P1", SCOPE, F(0), policy(name="x"))
        assert api.enum_policies(SCOPE) == before

    def test_a_policy_may_keep_its_ranges_and_its_name(self, api):
        api.set_policy("P1", SCOPE, F.RANGES | F.NAME, policy(name="p1"))
        assert (api.get_policy("P1", SCOPE).name, api.get_policy("P1", SCOPE).ranges) == ("p1", (RANGE,))

    def test_ranges_by_the_letter(self, world, api):
        """[MS-DHCPM] compares with the ranges that the policy itself has."""
        world.lab.switches = replace(world.lab.switches, policy_ranges_by_letter=True)
        assert code(api.set_policy, "P1", SCOPE, F.RANGES, policy()) == RANGE_EXISTS
        elsewhere = policy(ranges=[AddressRange("10.0.0.55", "10.0.0.55")])
        assert code(api.set_policy, "P1", SCOPE, F.RANGES, elsewhere) == 0
        assert code(api.add_policy_range, "P1", SCOPE, AddressRange("10.0.0.56", "10.0.0.56")) == 0

    def test_the_others_keep_their_order(self, api):
        api.set_policy("P2", SCOPE, F.ORDER, policy(order=1))
        assert names(api) == [("P1", 1), ("P2", 1), ("D", 3)]


class TestWithOptionsAndClasses:
    """Option values belong to a policy, and a policy can belong to a class."""

    @staticmethod
    def values(api):
        return [
            (entry.policy, len(entry.values)) for entry in api.get_all_policy_option_values(AT_SCOPE) if entry.values
        ]

    def test_option_values_follow_their_policy(self, api):
        api.create_policy(policy(ranges=()))
        api.set_policy_option_value(6, AT_SCOPE, 0, "P1", None, ADDRESSES)
        api.set_policy("P1", SCOPE, F.NAME, policy(name="P2"))
        assert self.values(api) == [("P2", 1)]
        api.delete_policy("p2", SCOPE)
        assert self.values(api) == []

    def test_12_a_dns_name_beside_option_values(self, api):
        api.create_policy(policy(ranges=()))
        wanted = policy(conditions=[DNS_NAME], ranges=())
        api.set_policy_option_value(51, AT_SCOPE, 0, "P1", None, LEASE)
        api.set_policy_option_value(6, AT_SCOPE, 0, "P1", None, ADDRESSES)
        assert code(api.set_policy, "P1", SCOPE, F.CONDITIONS, wanted) == DNS_EDIT
        api.remove_policy_option_value(6, AT_SCOPE, 0, "P1", None)
        assert code(api.set_policy, "P1", SCOPE, F.CONDITIONS, wanted) == 0

    def test_14_a_vendor_class_that_is_not_there(self, api):
        wanted = policy(conditions=[replace(MAC, vendor_class="Phones")])
        assert code(api.create_policy, wanted) == NO_CLASS
        assert code(api.create_policy, replace(wanted, order=3)) == ORDER
        api.create_class(DhcpClass(name="Phones", data=b"phones", is_vendor=True))
        assert code(api.create_policy, wanted) == 0

    def test_a_policy_goes_with_the_user_class_that_it_is_about(self, api):
        api.create_class(DhcpClass(name="Kiosk", data=b"kiosk"))
        kiosk = PolicyCondition.of(A.USER_CLASS, C.EQUAL, "kiosk")
        others = {
            "two": [kiosk, PolicyCondition.of(A.USER_CLASS, C.EQUAL, "desk")],
            "not": [replace(kiosk, comparator=C.NOT_EQUAL)],
        }
        for scope in (SCOPE, None):
            api.create_policy(policy(name="one", scope=scope, conditions=[kiosk], ranges=()))
            for name, conditions in others.items():
                api.create_policy(policy(name=name, scope=scope, conditions=conditions, ranges=()))
        api.set_policy_option_value(6, AT_SCOPE, 0, "one", None, ADDRESSES)
        api.delete_class("kiosk")
        assert [name for name, _ in names(api)] == [name for name, _ in names(api, None)] == ["two", "not"]
        assert self.values(api) == []


class TestDelete:
    def test_it_is_gone(self, api):
        for name in "abc":
            api.create_policy(policy(name=name, ranges=()))
        api.delete_policy("B", SCOPE)
        assert names(api) == [("a", 1), ("c", 3)]
        assert code(api.delete_policy, "b", SCOPE) == NOT_FOUND

    def test_refusals(self, api, user, nobody):
        assert code(api.delete_policy, "a", ANY) == code(nobody.delete_policy, "a", ANY) == INVALID
        assert code(user.delete_policy, "a", MISSING) == code(nobody.delete_policy, "a", MISSING) == DENIED
        assert code(api.delete_policy, "a", MISSING) == NO_SCOPE
        assert code(api.delete_policy, "a", SCOPE) == code(api.delete_policy, "a", None) == NOT_FOUND


class TestRead:
    def test_get(self, api, user, nobody):
        assert code(nobody.get_policy, "a", ANY) == INVALID
        assert code(nobody.get_policy, "a", MISSING) == DENIED
        assert code(user.get_policy, "a", MISSING) == NO_SCOPE
        assert code(user.get_policy, "a", SCOPE) == NOT_FOUND

    def test_enumerate(self, api, user, nobody):
        assert code(nobody.enum_policies, ANY) == INVALID
        assert code(nobody.enum_policies, MISSING) == DENIED
        assert code(user.enum_policies, MISSING) == NO_SCOPE

    def test_pages(self, api):
        """The last page comes with 259."""
        for number in range(3):
            api.create_policy(policy(name=f"p{number}", ranges=()))
        first, second = api.enum_policies(SCOPE, 0, 2), api.enum_policies(SCOPE, 2, 2)
        assert [(len(page.items), page.resume, page.remaining, page.status) for page in (first, second)] == [
            (2, 2, 1, 234),
            (1, 3, 0, 259),
        ]
        assert [found.name for found in (*first.items, *second.items)] == ["p0", "p1", "p2"]
        assert api.enum_policies(SCOPE, 3, 2) == api.enum_policies(SCOPE, 3, 0) == Page((), 3, 0, 259)
        assert api.enum_policies(SCOPE, 1, 0) == Page((), 1, 2, 234)

    @pytest.mark.parametrize("version", [(6, 1), (6, 2), (6, 3)])
    def test_an_older_server(self, world, api, version):
        """The functions with properties are there since Windows Server 2012 R2, the others since 2012."""
        world.lab.set_version("dhcp1", *version)
        assert code(api.enum_policies, SCOPE) == (0 if version >= (6, 3) else 1745)
        assert code(api.create_policy, policy()) == (0 if version >= (6, 3) else 1745)
        assert code(api.get_policy_enforcement, SCOPE) == (0 if version >= (6, 2) else 1745)


ADD = {
    "2 backwards": ("P1", SCOPE, ("10.0.0.9", "10.0.0.8"), RANGE_BAD),
    "4 a DNS name": ("D", SCOPE, ("10.0.0.1", "10.0.0.2"), DNS_RANGE),
    "5 no scope": ("P1", MISSING, ("10.0.0.1", "10.0.0.2"), NO_SCOPE),
    "6 no policy": ("P7", SCOPE, ("10.0.0.1", "10.0.0.2"), NOT_FOUND),
    "7 outside": ("P1", SCOPE, ("10.0.0.200", "10.0.0.255"), RANGE_BAD),
    "8 its own": ("P1", SCOPE, ("10.0.0.105", "10.0.0.115"), RANGE_EXISTS),
    "8 another's": ("P1", SCOPE, ("10.0.0.60", "10.0.0.61"), RANGE_EXISTS),
}


class TestRanges:
    MORE = AddressRange("10.0.0.120", "10.0.0.121")

    @pytest.fixture(autouse=True)
    def some(self, api):
        api.create_policy(policy())
        api.create_policy(policy(name="P2", ranges=[AddressRange("10.0.0.50", "10.0.0.60")]))
        api.create_policy(policy(name="D", ranges=(), conditions=[DNS_NAME]))

    def test_add_and_remove(self, api):
        api.add_policy_range("p1", SCOPE, self.MORE)
        assert api.get_policy("P1", SCOPE).ranges == (RANGE, self.MORE)
        api.remove_policy_range("p1", SCOPE, RANGE)
        assert api.get_policy("P1", SCOPE).ranges == (self.MORE,)

    @pytest.mark.parametrize(("name", "scope", "span", "answer"), ADD.values(), ids=ADD)
    def test_add_refuses(self, api, name, scope, span, answer):
        assert code(api.add_policy_range, name, scope, AddressRange(*span)) == answer

    def test_remove_refuses(self, api):
        part = AddressRange("10.0.0.100", "10.0.0.105")
        assert code(api.remove_policy_range, "P1", MISSING, RANGE) == NO_SCOPE
        assert code(api.remove_policy_range, "P7", SCOPE, RANGE) == NOT_FOUND
        assert code(api.remove_policy_range, "P1", SCOPE, part) == RANGE_BAD

    def test_rights(self, user, nobody):
        for caller in (user, nobody):
            assert code(caller.add_policy_range, "P1", MISSING, self.MORE) == DENIED
            assert code(caller.add_policy_range, "P1", SCOPE, AddressRange("10.0.0.9", "10.0.0.8")) == RANGE_BAD
            assert code(caller.remove_policy_range, "P1", MISSING, RANGE) == DENIED


class TestEnforcement:
    def test_each_level_has_its_own(self, api, user):
        assert user.get_policy_enforcement(None) is user.get_policy_enforcement(SCOPE) is True
        api.set_policy_enforcement(SCOPE, False)
        assert user.get_policy_enforcement(SCOPE) is False
        assert user.get_policy_enforcement(None) is user.get_policy_enforcement(OTHER) is True
        api.set_policy_enforcement(None, False)
        api.set_policy_enforcement(SCOPE, True)
        assert (user.get_policy_enforcement(None), user.get_policy_enforcement(SCOPE)) == (False, True)

    def test_refusals(self, api, user, nobody):
        assert code(nobody.get_policy_enforcement, ANY) == code(nobody.set_policy_enforcement, ANY, True) == INVALID
        assert code(nobody.get_policy_enforcement, MISSING) == DENIED
        assert code(user.set_policy_enforcement, MISSING, True) == DENIED
        assert code(api.get_policy_enforcement, MISSING) == code(api.set_policy_enforcement, MISSING, True) == NO_SCOPE
