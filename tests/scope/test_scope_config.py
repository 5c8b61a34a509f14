"""A configuration of a scope: typed options, equality, its saved form, an immutable dictionary."""

import copy
import json
import pickle
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from configurations import NETWORK, condition, lab_of, span

from dhcpfo.enums import OptionType, RangeType, ScopeState
from dhcpfo.models import (
    AddressRange,
    OptionDefinition,
    OptionElement,
    OptionKey,
    OptionValue,
    Policy,
    PolicyAttribute,
    Reservation,
    ScopeRange,
)
from dhcpfo.scope import DnsSettings, FrozenDict, ScopeConfig, diff, read_scope

EMPTY = ScopeConfig(network=NETWORK)
WHOLE = ScopeRange(start="10.0.1.1", end="10.0.1.254")
PRINTER = Reservation(address="10.0.1.50", client_id=b"\x00\x15\x5d\x01\x02\x03", name="printer")
PHONES = Policy.build("Phones", condition(PolicyAttribute.VENDOR_CLASS, "cisco-phone"))
TFTP = OptionValue(66, OptionType.STRING, ["tftp1"], vendor_class="Cisco Phones")


# Typed options


def test_options_take_the_types_of_their_definitions():
    config = EMPTY.with_options(
        {
            3: "10.0.1.1",
            "dns-servers": ["192.0.2.53", IPv4Address("192.0.2.54")],
            "DNS Domain Name": "example.com",
            "lease-time": timedelta(hours=8),
            81: DnsSettings.ENABLED | DnsSettings.CLEANUP,
            43: b"\x01\x02",
            ("Microsoft Options", 1): 1,
            OptionKey("", "Kiosk", 6): "192.0.2.60",
        }
    )
    found = {key: (value.type, value.values) for key, value in config.options.items()}
    assert found[OptionKey("", "", 3)] == (OptionType.IP_ADDRESS, (IPv4Address("10.0.1.1"),))
    assert found[OptionKey("", "", 6)][1] == (IPv4Address("192.0.2.53"), IPv4Address("192.0.2.54"))
    assert found[OptionKey("", "", 15)] == (OptionType.STRING, ("example.com",))
    assert found[OptionKey("", "", 51)] == (OptionType.DWORD, (28800,))
    assert found[OptionKey("Microsoft Options", "", 1)] == (OptionType.DWORD, (1,))
    assert found[OptionKey("", "Kiosk", 6)] == (OptionType.IP_ADDRESS, (IPv4Address("192.0.2.60"),))
    assert config.lease_duration == timedelta(hours=8)
    assert config.dns == DnsSettings.ENABLED | DnsSettings.CLEANUP
    assert config.with_options({"lease-time": None}).lease_duration is None
    assert config.with_options({51: timedelta.max}).options[OptionKey("", "", 51)].values == (0xFFFFFFFF,)
    assert config.with_options({51: timedelta.max}).lease_duration == timedelta.max
    assert EMPTY.lease_duration is EMPTY.dns is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({6: "no address"}, "option 6 dns-servers takes IP_ADDRESS: value must be a valid IPv4 address"),
        ({66: 5}, "option 66 tftp-server-name takes STRING"),
        ({51: ["1", "2"]}, "option 51 lease-time takes one value, got 2"),
        ({200: 1}, "option 200 is not defined"),
        ({("Cisco Phones", 66): "tftp1"}, r"option 66 \[Cisco Phones\] is not defined"),
        ({"no such option": 1}, "no option is called 'no such option'"),
        ({6: []}, "option 6 dns-servers must have a value"),
        ({23: 256}, "option 23 takes BYTE"),
    ],
)
def test_what_does_not_fit_is_refused_with_option_type_and_value(options, message):
    with pytest.raises(ValueError, match=message):
        EMPTY.with_options(options)


def test_the_definitions_of_a_server_count():
    own = OptionDefinition(id=200, name="Colour", type=OptionType.STRING, default="", vendor_class="Cisco Phones")
    config = EMPTY.with_options({("Cisco Phones", 200): "red"}, definitions=[own])
    assert config.options[OptionKey("Cisco Phones", "", 200)].values == ("red",)
    with pytest.raises(ValueError, match="option 6 dns-servers is not defined"):
        EMPTY.with_options({6: "192.0.2.53"}, definitions=[own])


def test_what_was_read_keeps_the_type_of_the_data():
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        server.create_scope(NETWORK)
        server.set_option_value(6, b"\x01", type=OptionType.BINARY, scope="10.0.1.0")
        config = read_scope(server, "10.0.1.0")
    assert config.with_options({15: "example.com"}).options[OptionKey("", "", 6)].type == OptionType.BINARY


# Equality


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": None}, {"name": ""}),
        ({"superscope": "Büro"}, {"superscope": "BÜRO"}),
        ({"quarantine": 0}, {"quarantine": 1}),
        ({"exclusions": [span(1, 5), span(4, 9)]}, {"exclusions": [span(1, 9), span(1, 9)]}),
        ({"exclusions": [span(1, 4), span(5, 9)]}, {"exclusions": [span(1, 9)]}),
        ({"policies": [PHONES]}, {"policies": [PHONES.replace(name="PHONES", order=7, description="")]}),
        ({"reservations": [PRINTER]}, {"reservations": [PRINTER.replace(description="", has_options=True)]}),
        ({"range": WHOLE}, {"range": WHOLE.replace(bootp_allocated=3, max_bootp=5)}),
        (
            {"options": [OptionValue(6, OptionType.BYTE, [1], user_class="Kiosk")]},
            {"options": [OptionValue(6, OptionType.BYTE, [1], user_class="KIOSK")]},
        ),
    ],
)
def test_what_a_server_does_not_tell_apart_is_equal(one, other):
    first, second = ScopeConfig(network=NETWORK, **one), ScopeConfig(network=NETWORK, **other)
    assert first == second
    assert hash(first) == hash(second)
    assert diff(first, second) == ()


def test_differences_that_do_not_count_are_notes():
    first = EMPTY.replace(exclusions=[span(1, 4), span(5, 9)], superscope="Campus", policies=[PHONES])
    second = EMPTY.replace(
        exclusions=[span(1, 9)], superscope="CAMPUS", quarantine=1, policies=[PHONES.replace(name="phones")]
    )
    found = diff(first, second)
    assert [note.label for note in found.notes] == [
        "quarantine",
        "exclusions spans",
        "superscope spelling",
        "policy phones spelling",
    ]
    assert "note: quarantine" in str(found)
    assert "are equal" in str(found)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"comment": "other"},
        {"state": ScopeState.ENABLED_SWITCHED},
        {"range": WHOLE.replace(type=RangeType.BOTH)},
        {"exclusions": [span(1, 9)]},
        {"reservations": [PRINTER.replace(name="Printer")]},
        {"reservations": [PRINTER.replace(client_id=b"x")]},
        {"reservations": []},
        {"options": [OptionValue(6, OptionType.WORD, [1])]},
        {"policies": [PHONES.replace(enabled=False)], "policy_options": {}},
        {"policies": [PHONES, PHONES.replace(name="Guests")]},
        {"policy_options": {"phones": [TFTP.replace(values=["tftp2"])]}},
        {"policies_enforced": False},
        {"offer_delay": timedelta(milliseconds=1)},
        {"superscope": "Campus"},
        {"network": "10.0.1.0/25"},
    ],
)
def test_everything_else_counts(change):
    config = ScopeConfig(
        network=NETWORK,
        range=WHOLE,
        reservations=[PRINTER],
        options=[OptionValue(6, OptionType.BYTE, [1])],
        policies=[PHONES],
        policy_options={"Phones": [TFTP]},
    )
    other = config.replace(**change)
    assert config != other
    assert diff(config, other)
    assert diff(config, other).apply(config) == other


def test_a_change_is_one_line():
    old = ScopeConfig(
        network=NETWORK,
        name="Branch 17 old",
        reservations=[PRINTER],
        policies=[PHONES.replace(name="Guests"), PHONES],
        policy_options={"Phones": [TFTP]},
    ).with_options({6: "192.0.2.53"})
    new = old.replace(
        name="Branch 17",
        exclusions=[AddressRange("10.0.1.10", "10.0.1.20")],
        reservations=[],
        policies=[PHONES, PHONES.replace(name="Guests")],
        policy_options={"Phones": [TFTP.replace(values=["tftp2"])]},
    ).with_options({6: ["192.0.2.53", "192.0.2.54"]})
    found = diff(old, new, names=("dhcp1", "dhcp2"), delete=())
    assert str(found).splitlines() == [
        "10.0.1.0/24 Branch 17         dhcp1 → dhcp2",
        '  ~ name                       "Branch 17 old" → "Branch 17"',
        "  + exclusion                  10.0.1.10 - 10.0.1.20",
        "  ~ option 6 dns-servers       192.0.2.53 → 192.0.2.53, 192.0.2.54",
        '  - reservation 10.0.1.50      00-15-5d-01-02-03 "printer"              '
        "left alone (name it in delete= to remove it)",
        "  ~ policies order             Guests, Phones → Phones, Guests",
        '  ~ policy Phones              option 66 [Cisco Phones] "tftp1" → "tftp2"',
    ]
    assert [change.path for change in found.left] == [("reservation", IPv4Address("10.0.1.50"))]
    assert "left alone" not in str(diff(old, new, delete={"reservations"}))
    assert '-name: "Branch 17 old"' in found.unified().splitlines()


def test_a_client_with_another_address_is_one_move():
    old = EMPTY.replace(reservations=[PRINTER])
    new = EMPTY.replace(reservations=[PRINTER.replace(address="10.0.1.51")])
    (change,) = diff(old, new)
    assert change.kind == "move"
    assert str(diff(old, new)).splitlines()[1].split() == [
        ">", "reservation", "10.0.1.51", "10.0.1.50", "→", "10.0.1.51", "00-15-5d-01-02-03", '"printer"',
    ]  # fmt: skip


def test_html_is_escaped():
    shown = diff(EMPTY, EMPTY.replace(name="<script>"))._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


# Saving


def test_unusual_values_survive():
    config = EMPTY.replace(
        options=[
            OptionValue(6, OptionType(77), [b"\x01"]),
            OptionValue(7, OptionType.STRING, ["a", OptionElement(OptionType.DWORD, 5)]),
            OptionValue(8, None, []),
        ],
        state=ScopeState(9),
    )
    assert ScopeConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_missing_keys_have_defaults():
    assert ScopeConfig.from_dict({"format": 1, "network": NETWORK}) == EMPTY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format must be 1, got 2"),
        ({"format": "1"}, "scope.format: must be a whole number, not str"),
        ({"colour": "red"}, "scope has unknown keys: colour"),
        ({"network": 5}, "scope.network: must be text, not int"),
        ({"network": None}, "scope.network: must be text, not NoneType"),
        ({"exclusions": [{"start": "10.0.1.1"}]}, r"scope.exclusions\[0\].end is missing"),
        ({"exclusions": {}}, "scope.exclusions: must be a list, not dict"),
        ({"state": "ON"}, "scope.state: 'ON' is not one of ENABLED"),
        ({"options": [{"id": 6, "type": "BYTE", "values": ["x"]}]}, r"options\[0\].values\[0\].value: must be a whole"),
        ({"options": [{"id": 6, "type": "BYTE", "values": [1], "more": 1}]}, r"options\[0\] has unknown keys: more"),
        ({"policies_enforced": 1}, "scope.policies_enforced: must be true or false"),
        ({"offer_delay": "1"}, "scope.offer_delay: must be a number of seconds"),
    ],
)
def test_what_is_not_known_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        ScopeConfig.from_dict({"format": 1, "network": NETWORK} | change)
    with pytest.raises(ValueError, match="scope must be an object"):
        ScopeConfig.from_dict([])


def test_the_form_of_the_cmdlets():
    config = EMPTY.replace(range=WHOLE, name="Branch", superscope="Campus", state=ScopeState.DISABLED)
    shown = config.with_options({51: timedelta(days=8)}).to_dict(powershell=True)
    assert shown["ScopeId"] == "10.0.1.0"
    assert shown["SubnetMask"] == "255.255.255.0"
    assert (shown["StartRange"], shown["EndRange"]) == ("10.0.1.1", "10.0.1.254")
    assert (shown["State"], shown["LeaseDuration"], shown["SuperscopeName"]) == ("InActive", "8.00:00:00", "Campus")


# The constructor


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"network": "10.0.1.1/24"}, ValueError, "network must be a network"),
        ({"reservations": [PRINTER, PRINTER]}, ValueError, "reservations must not have two for one address"),
        ({"reservations": [5]}, TypeError, "reservations must be Reservation, not int"),
        ({"options": [TFTP, TFTP]}, ValueError, "options must not have two values for one option"),
        ({"options": [PRINTER]}, TypeError, "options must be OptionValue, not Reservation"),
        ({"reservation_options": {"10.0.1.9": [TFTP]}}, ValueError, "10.0.1.9 is not reserved"),
        ({"policy_options": {"Phones": [TFTP]}}, ValueError, "policy 'Phones' is not one of them"),
        ({"policies": [PHONES, PHONES.replace(name="PHONES")]}, ValueError, "policies must not have two"),
        ({"policies": ["Phones"]}, TypeError, "policies must be Policy, not str"),
        ({"state": 1}, TypeError, "state must be ScopeState, not int"),
    ],
)
def test_the_constructor_checks(arguments, error, message):
    with pytest.raises(error, match=message):
        ScopeConfig(**{"network": NETWORK} | arguments)


def test_a_configuration_cannot_be_changed():
    with pytest.raises(AttributeError):
        EMPTY.name = "other"
    for change in ("clear", "popitem"):
        with pytest.raises(TypeError, match="FrozenDict cannot be changed"):
            getattr(EMPTY.options, change)()
    with pytest.raises(TypeError, match="FrozenDict cannot be changed"):
        EMPTY.options["x"] = 1


def test_a_frozen_dictionary():
    one = FrozenDict({"b": 1, "a": 2})
    assert list(one) == ["a", "b"]
    assert one == {"b": 1, "a": 2}
    assert hash(one) == hash(FrozenDict([("a", 2), ("b", 1)]))
    assert one | {"c": 3} == {"a": 2, "b": 1, "c": 3}
    assert pickle.loads(pickle.dumps(one)) == one
    assert isinstance(pickle.loads(pickle.dumps(one)), FrozenDict)
    assert copy.copy(one) is copy.deepcopy(one) is one.copy() is one
    assert json.loads(json.dumps(one)) == one
