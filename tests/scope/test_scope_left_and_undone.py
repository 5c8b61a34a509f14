"""Writes that stop half-way and are taken back, extras that stay, and what a server needs beside its scopes."""

import pickle

import pytest
from configurations import NETWORK, SCOPE, condition, configs, furnish, lab_of, span
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dhcpfo.enums import ClientType, OptionType, ScopeState
from dhcpfo.errors import DhcpError, ErrorCode
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    OptionDefinition,
    OptionValue,
    Policy,
    PolicyAttribute,
    Reservation,
    ScopeRange,
)
from dhcpfo.scope import (
    About,
    ScopeConfig,
    Write,
    apply_write,
    between,
    diff,
    read_about,
    read_scope,
    read_server,
    same,
    scope_writes,
    server_writes,
    state_write,
)
from dhcpfo.simulator import Lab

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
PRINTER = Reservation(address="10.0.1.50", client_id=b"printer", name="printer")
CAMERA = Reservation(address="10.0.1.60", client_id=b"camera")
WHOLE = ScopeRange(start="10.0.1.1", end="10.0.1.254")
BASE = ScopeConfig(network=NETWORK, range=WHOLE, reservations=[PRINTER])


def read(server):
    return read_scope(server, SCOPE, calls_at_once=1)


def apply(server, writes):
    for write in writes:
        apply_write(server, write)


def in_range(server, address):
    whole = next(iter(server.ranges(SCOPE)), None)
    return whole is not None and address in whole


def phones(**changes):
    return Policy.build("Phones", condition(PolicyAttribute.VENDOR_CLASS, "cisco-phone"), **changes)


# Taken back


@few
@given(configs(), configs(), st.integers(0, 100))
def test_writes_that_stop_half_way_can_be_taken_back(one, other, percent):
    if one.range is not None and other.range is None:
        one, other = other, one
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, one))
        before = read(server)
        writes = scope_writes(before, other, delete="all")
        done = writes[: len(writes) * percent // 100]
        apply(server, done)
        for write in reversed(done):
            if same(write.about, read_about(server, write.about), write.before):
                continue
            assert same(write.about, read_about(server, write.about), write.after)
            if write.about.kind == "range" and write.before is None:
                break  # a range with reservations in it stays
            if write.about.kind == "reservation" and write.after is None and not in_range(server, write.about.key):
                break  # its range became smaller after it was made
            apply_write(server, write.reversed())
        else:
            # A policy that is made again may have another place.
            assert {change.path for change in diff(before, read(server))} <= {("policies", "order")}


def test_a_new_scope_is_taken_back_by_its_first_write():
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        writes = scope_writes(None, BASE)
        apply(server, writes)
        assert [write.undo for write in writes] == ["restores", "with-parent", "with-parent", "restores"]
        apply_write(server, writes[-1].reversed())
        apply_write(server, writes[0].reversed())
        assert read(server) is None


@pytest.mark.parametrize("call", [1, 2])
def test_a_write_that_was_done_in_part_goes_on_from_what_is_there(call):
    old = BASE.replace(options=[OptionValue(number, OptionType.BINARY, [b"x"]) for number in (3, 6, 15)])
    new = BASE.replace(options=[OptionValue(3, OptionType.BINARY, [b"y"])])
    keys = tuple(old.options)
    write = Write(About("options", SCOPE, None, keys), tuple(old.options.values()), tuple(new.options.values()))
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, old))
        lab.fail("dhcp1", "remove_option_value", ErrorCode.ERROR_ACCESS_DENIED, call=call)
        with pytest.raises(DhcpError):
            apply_write(server, write)
        now = read_about(server, write.about)
        assert same(write.about, now, write.before) == (call == 1)
        assert between(write.about, now, write.before, write.after)
        apply_write(server, write.replace(before=now))
        assert same(write.about, read_about(server, write.about), write.after)
        assert not between(write.about, (OptionValue(3, OptionType.BINARY, [b"z"]),), write.before, write.after)


def test_a_reservation_without_its_name_is_between():
    about = About("reservation", SCOPE, PRINTER.address)
    assert between(about, PRINTER.replace(name=None), None, PRINTER)
    assert not between(about, CAMERA, None, PRINTER)
    order = About("policy-order", SCOPE)
    assert between(order, ("C", "a", "B"), ("A", "B", "C"), ("C", "B", "A"))
    assert not between(About("delay", SCOPE), 1, 0, 2)


def test_the_name_of_a_client_with_a_lease_is_changed_without_its_lease():
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, BASE.replace(reservations=[])))
        lease = lab.lease(SCOPE, b"printer")
        wanted = BASE.replace(reservations=[PRINTER.replace(address=lease.address)])
        apply(server, scope_writes(read(server), wanted))
        assert read(server) == wanted
        assert server.get_client(address=lease.address).lease_expires == lease.lease_expires


def test_an_exclusion_that_is_there_twice_is_removed():
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, BASE))
        for _ in range(2):
            server.add_exclusion(SCOPE, "10.0.1.1", "10.0.1.9")
        apply(server, scope_writes(read(server), BASE, delete={"exclusions"}))
        assert read(server) == BASE


# Extras


@few
@given(configs(), configs())
def test_without_delete_nothing_goes_and_the_second_run_writes_nothing(one, other):
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, one))
        before = read(server)
        writes = scope_writes(before, other)
        if writes.conflicts:
            return
        apply(server, writes)
        after = read(server)
        again = scope_writes(after, other)
        assert again == ()
        assert again.left == scope_writes(after, other).left
        assert {change.kind for change in diff(after, other)} <= {"remove"} | {"change"}
        moved = {entry.client_id for entry in other.reservations.values()}
        gone = set(before.reservations) - set(after.reservations)
        assert {before.reservations[address].client_id for address in gone} <= moved
        assert {name.name for name in before.policies} <= {name.name for name in after.policies}
        assert set(before.options) <= set(after.options)


def test_what_stays_is_listed():
    old = BASE.replace(exclusions=[span(1, 9)], policies=[phones()], options=[OptionValue(6, OptionType.BYTE, [1])])
    writes = scope_writes(old, BASE.replace(reservations=[]))
    assert writes == ()
    assert sorted(change.path[0] for change in writes.left) == ["exclusion", "option", "policy", "reservation"]
    assert "left alone: - exclusion" in str(writes)
    assert scope_writes(old, BASE.replace(reservations=[]), delete="all").left == ()
    assert pickle.loads(pickle.dumps(writes)).left == writes.left


def test_a_client_that_moves_loses_its_old_address_first():
    writes = scope_writes(BASE, BASE.replace(reservations=[PRINTER.replace(address="10.0.1.51")]))
    assert [(write.about.key.packed[-1], write.after is None) for write in writes] == [(50, True), (51, False)]
    assert writes[0].undo == "recreates"
    assert writes.left == ()


def test_what_policies_that_stay_forbid_is_a_conflict():
    old = BASE.replace(policies=[phones(ranges=[AddressRange("10.0.1.200", "10.0.1.220")]).replace(name="Other")])
    wanted = BASE.replace(policies=[phones(ranges=[AddressRange("10.0.1.210", "10.0.1.230")])])
    (conflict,) = scope_writes(old, wanted).conflicts
    assert "overlaps that of a policy that stays" in str(conflict)
    (conflict,) = scope_writes(old, BASE.replace(range=WHOLE.replace(end="10.0.1.100"))).conflicts
    assert "a policy that stays has the range 10.0.1.200 - 10.0.1.220" in str(conflict)
    assert conflict.to_dict()["about"]["kind"] == "range"


def test_a_server_that_serves_stops_first_and_starts_last():
    disabled = BASE.replace(state=ScopeState.DISABLED, name="other", policies_enforced=False)
    writes = scope_writes(BASE, disabled)
    assert (writes[0].about.kind, writes[0].after.state) == ("scope", ScopeState.DISABLED)
    writes = scope_writes(disabled, BASE)
    assert (writes[0].after.state, writes[-1].after.state) == (ScopeState.DISABLED, ScopeState.ENABLED)
    assert len(scope_writes(disabled, BASE, enable=False)) == len(writes) - 1
    assert state_write(BASE, ScopeState.DISABLED).reversed().after.state == ScopeState.ENABLED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"old": BASE.replace(network="10.0.2.0/24", reservations=[])}, "must be of one scope"),
        ({"old": BASE, "delete": {"leases"}}, "delete must name exclusions, options, policies, reservations or all"),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        scope_writes(new=BASE, **arguments)
    (conflict,) = scope_writes(BASE.replace(network="10.0.1.0/25"), BASE).conflicts
    assert "subnet mask" in str(conflict)


def test_options_that_cannot_be_sent_are_a_conflict():
    wanted = BASE.replace(options=[OptionValue(6, OptionType(77), [b"x"]), OptionValue(7, None, [])])
    writes = scope_writes(BASE, wanted)
    assert writes == ()
    assert [conflict.about.options[0].id for conflict in writes.conflicts] == [6, 7]


# Classes and definitions


def test_missing_classes_and_definitions_are_added():
    config = BASE.replace(
        policies=[phones()],
        policy_options={"Phones": [OptionValue(66, OptionType.STRING, ["x"], vendor_class="Printers")]},
        options=[OptionValue(6, OptionType.IP_ADDRESS, ["192.0.2.1"], user_class="Kiosk")],
    )
    with Lab() as lab:
        for number in (1, 2):
            lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
        source, target = (lab.connect(f"dhcp{number}", direct=True) for number in (1, 2))
        furnish(source)
        writes = server_writes(read_server(source), read_server(target), [config])
        assert [(write.about.kind, write.about.key[0]) for write in writes] == [
            ("class", "Cisco Phones"),
            ("class", "Kiosk"),
            ("class", "Printers"),
            ("definition", "Printers"),
        ]
        assert not writes.conflicts
        apply(target, writes)
        for write in writes:
            assert same(write.about, read_about(target, write.about), write.after)
        assert server_writes(read_server(source), read_server(target), [config]) == ()
        apply(target, scope_writes(None, config))
        assert read(target) == config
        apply(target, [write.reversed() for write in reversed(writes[2:])])
        assert read_about(target, writes[3].about) is None


def test_a_class_or_definition_that_differs_is_a_conflict():
    value = OptionValue(66, OptionType.STRING, ["x"], vendor_class="Printers")
    config = BASE.replace(options=[value, OptionValue(250, OptionType.BYTE, [1])])
    config = config.replace(options=[*config.options.values(), value.replace(vendor_class="Cisco Phones")])
    with lab_of("dhcp1") as lab:
        lab.add_server("dhcp2", "192.0.2.2")
        source, target = lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)
        target.create_class(DhcpClass(name="PRINTERS", data=b"other", is_vendor=True))
        target.create_class(DhcpClass(name="Phones", data=b"cisco-phone", is_vendor=True))
        definition = OptionDefinition(id=66, name="x", type=OptionType.BYTE, default=0, vendor_class="Printers")
        target.create_option_definition(definition)
        writes = server_writes(read_server(source), read_server(target), [config])
        assert sorted(conflict.why for conflict in writes.conflicts) == [
            "it has another type there: BYTE, not STRING",
            "it has other data there: 6f-74-68-65-72, not 70-72-69-6e-74-65-72",
            "its data is that of another class there, 'Phones'",
            "no server defines option 250",
        ]


def test_what_could_not_be_read_is_no_reason_to_write():
    with lab_of("dhcp1", "dhcp2") as lab:
        source, target = lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)
        whole = read_server(source)
        lab.fail("dhcp2", "enum_classes", ErrorCode.ERROR_ACCESS_DENIED)
        with pytest.raises(ValueError, match="not read completely: classes"):
            server_writes(whole, read_server(target), [BASE])
        apply(target, scope_writes(None, BASE))
        lab.fail("dhcp2", "enum_reservations", ErrorCode.ERROR_ACCESS_DENIED)
        with pytest.raises(ValueError, match="not read completely: reservations"):
            scope_writes(read(target), BASE)


def test_a_reservation_outside_the_range_can_change_its_type():
    old = BASE.replace(range=WHOLE.replace(end="10.0.1.40"))
    wanted = old.replace(reservations=[PRINTER.replace(type=ClientType.DHCP)])
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        apply(server, scope_writes(None, old))
        assert read(server) == old
        apply(server, scope_writes(read(server), wanted))
        assert read(server) == wanted
