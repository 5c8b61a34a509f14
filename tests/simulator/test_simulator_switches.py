"""The switches of a lab: behaviour of real servers that the sources leave open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dhcpfo import FailoverMode, FailoverState, Relationship, Server
from dhcpfo.enums import OptionLevelType
from dhcpfo.errors import ClockSkewError, DhcpError, NotNormalError
from dhcpfo.models import DhcpClass, OptionLevel
from dhcpfo.simulator import Lab, RangeType, Rights, Switches
from labs import OTHER, SCOPE, SECRET, create, furnish, relationship


@pytest.fixture
def furnished(lab: Lab) -> Lab:
    furnish(lab)
    return lab


class TestSwitches:
    """Each switch changes the answer it names, and only when it is turned."""

    @pytest.mark.parametrize(
        ("switch", "value", "use", "error"),
        [
            ("case_insensitive_names", False, lambda lab, user: user.get_relationship("PAIR"), 20115),
            ("system_time_needs_read", True, lambda lab, user: connect(lab, Rights.NONE).get_system_time(), 5),
            ("address_status_needs_write", True, lambda lab, user: user.get_address_status(SCOPE + 1), 5),
            (
                "secret_flag_accepted",
                False,
                lambda lab, user: connect(lab).set_relationship("pair", shared_secret=SECRET),
                87,
            ),
            (
                "only_partner_down",
                True,
                lambda lab, user: connect(lab).set_relationship("pair", state=FailoverState.PAUSED),
                87,
            ),
            ("redistribution_needs_normal", True, lambda lab, user: trigger_alone(lab), 20120),
            ("create_checks_servers", True, lambda lab, user: connect(lab).api.create_relationship(to_itself()), 87),
            ("created_scopes_limited", True, lambda lab, user: create_large(lab), 20130),
        ],
    )
    def test_a_switch_that_refuses(
        self, furnished: Lab, switch: str, value: bool, use: Callable[[Lab, Server], object], error: int
    ) -> None:
        create(furnished)
        user = connect(furnished, Rights.USER)
        saved = furnished.to_dict(secrets=True)
        use(furnished, user)
        turned = Lab.from_dict(saved)
        turned.switches = replace(turned.switches, **{switch: value})
        with pytest.raises(DhcpError) as refused:
            use(turned, connect(turned, Rights.USER))
        assert refused.value.winerror == error

    def test_a_healthy_pair_refuses_partner_down(self, furnished: Lab, route: str) -> None:
        create(furnished)
        furnished.settle()
        server = furnished.connect("dhcp1", direct=route == "direct")
        with pytest.raises(DhcpError) as refused:
            server.set_relationship("pair", state=FailoverState.PARTNER_DOWN)
        assert refused.value.winerror == 87
        assert server.get_relationship("pair").state is FailoverState.NORMAL
        server.set_relationship("pair", state=FailoverState.PAUSED)
        server.set_relationship("pair", state=FailoverState.NORMAL)
        furnished.switches = Switches(partner_down_accepted_in_normal=True)
        server.set_relationship("pair", state=FailoverState.PARTNER_DOWN)
        assert server.get_relationship("pair").state is FailoverState.PARTNER_DOWN

    def test_enumeration_without_rights(self, furnished: Lab) -> None:
        furnished.switches = Switches(enumeration_needs_read=False)
        assert connect(furnished, Rights.NONE).relationships() == []

    def test_secret_hidden_from_users(self, furnished: Lab) -> None:
        create(furnished)
        furnished.switches = Switches(secret_shown_to_users=False)
        assert connect(furnished, Rights.USER).get_relationship("pair").shared_secret is None
        assert connect(furnished, Rights.USER).relationships()[0].shared_secret is None
        assert connect(furnished).get_relationship("pair").shared_secret == SECRET

    def test_code_of_a_bootp_scope(self, furnished: Lab) -> None:
        furnished.switches = Switches(bootp_scope_code=20131)
        bootp = furnished.add_scope("10.3.0.0/24", range_type=RangeType.BOOTP)
        with pytest.raises(DhcpError) as refused:
            connect(furnished).create_relationship(relationship(scopes=[bootp]))
        assert refused.value.winerror == 20131

    def test_no_limit_of_added_scopes(self, furnished: Lab) -> None:
        furnished.switches = Switches(added_scopes_limited=False)
        server, _ = create(furnished)
        furnished.settle()
        scopes = [furnished.add_scope(f"10.{4 + number // 256}.{number % 256}.0/24") for number in range(401)]
        server.api.add_failover_scopes("pair", scopes)
        assert len(server.get_relationship("pair").scopes) == 402

    def test_interval_of_nothing(self, furnished: Lab) -> None:
        server, _ = create(furnished)
        for never, expected in ((False, timedelta(0)), (True, None)):
            furnished.switches = Switches(zero_interval_is_never=never)
            server.set_relationship("pair", state_switch_interval=timedelta(0))
            assert server.get_relationship("pair").state_switch_interval == expected

    def test_synchronising_before_state(self, furnished: Lab) -> None:
        create(furnished)
        furnished.advance(timedelta(seconds=1))
        for first, code in ((False, 20120), (True, 20133)):
            furnished.switches = Switches(synchronising_before_state=first)
            with pytest.raises(NotNormalError) as refused:
                connect(furnished).add_failover_scopes("pair", [OTHER])
            assert refused.value.winerror == code

    def test_an_mclt_of_nothing(self, furnished: Lab, route: str) -> None:
        """Microsoft's topics do not allow it; a lease of it would end at once."""
        server = furnished.connect("dhcp1", direct=route == "direct")
        with pytest.raises(DhcpError) as refused:
            server.create_relationship(relationship(mclt=timedelta(0)))
        assert refused.value.winerror == 87
        create(furnished)
        with pytest.raises(DhcpError) as refused:
            server.set_relationship("pair", mclt=timedelta(0))
        assert refused.value.winerror == 87
        furnished.switches = Switches(zero_mclt_accepted=True)
        server.set_relationship("pair", mclt=timedelta(0))
        assert server.get_relationship("pair").mclt == timedelta(0)
        server.create_relationship(relationship(name="other", scopes=[OTHER], mclt=timedelta(0)))

    def test_set_state_sets_previous(self, furnished: Lab) -> None:
        server, _ = create(furnished)
        furnished.settle()
        for sets, previous in ((False, FailoverState.RECOVER_DONE), (True, FailoverState.PAUSED)):
            furnished.switches = Switches(set_state_sets_previous=sets)
            server.set_relationship("pair", state=FailoverState.PAUSED)
            server.set_relationship("pair", state=FailoverState.NORMAL)
            assert server.get_relationship("pair").previous_state is previous
        server.set_relationship("pair", state=FailoverState.PAUSED, previous_state=FailoverState.INIT)
        assert server.get_relationship("pair").previous_state is FailoverState.INIT

    def test_unselected_server_answers(self, furnished: Lab) -> None:
        create(furnished, percentage=100)
        furnished.settle()
        for answers in (True, False):
            furnished.switches = Switches(unselected_server_answers=answers)
            # No free address is the secondary's, but a lease can be renewed.
            assert furnished.lease(SCOPE, b"\x01", server="dhcp1") is not None
            assert (furnished.lease(SCOPE, b"\x01", server="dhcp2") is not None) is answers

    def test_standby_renews_in_normal(self, furnished: Lab) -> None:
        create(furnished, mode=FailoverMode.HOT_STANDBY, percentage=50)
        furnished.settle()
        assert furnished.lease(SCOPE, b"\x01") is not None
        for renews in (False, True):
            furnished.switches = Switches(standby_renews_in_normal=renews)
            assert (furnished.lease(SCOPE, b"\x01", server="dhcp2") is not None) is renews
            assert furnished.lease(SCOPE, b"\x02", server="dhcp2") is None

    def test_partner_addresses_when_interrupted(self, furnished: Lab) -> None:
        create(furnished, percentage=100)
        furnished.settle()
        furnished.stop("dhcp1")
        for used in (False, True):
            furnished.switches = Switches(partner_addresses_when_interrupted=used)
            assert (furnished.lease(SCOPE, b"\x01", server="dhcp2") is not None) is used

    def test_create_checks_the_clocks(self, furnished: Lab) -> None:
        furnished.switches = Switches(create_checks_servers=True)
        furnished.set_clock_offset("dhcp2", timedelta(seconds=61))
        with pytest.raises(ClockSkewError) as refused:
            create(furnished)
        assert refused.value.winerror == 20119
        furnished.set_clock_offset("dhcp2", timedelta(seconds=60))
        create(furnished)

    def test_flags_of_options(self, furnished: Lab) -> None:
        api = connect(furnished).api
        for by_mask, flags, code in ((False, 1, 87), (True, 4, 87), (True, 1, 20010), (False, 3, 20010)):
            furnished.switches = Switches(option_flags_by_mask=by_mask)
            with pytest.raises(DhcpError) as refused:
                api.get_option(9, flags, None, "Microsoft Options")
            assert refused.value.winerror == code
        furnished.switches = Switches(option_flags_by_mask=True)
        assert api.get_option(1, 2, None, "Microsoft Options").name == "Microsoft Disable Netbios Option"

    def test_numbers_of_vendor_options(self, furnished: Lab) -> None:
        server = connect(furnished)
        server.set_option_value(2, 1, vendor_class="Microsoft Options")
        for shifted, number in ((False, 2), (True, 258)):
            furnished.switches = Switches(vendor_options_shifted=shifted)
            _, vendor = server.api.get_all_option_values(OptionLevel(OptionLevelType.SERVER))
            assert [value.id for value in vendor.values] == [number]
            assert [value.id for value in server.option_values()] == [2]

    def test_kind_of_a_class(self, furnished: Lab) -> None:
        server = connect(furnished)
        for can_change in (False, True):
            furnished.switches = Switches(class_kind_can_change=can_change)
            server.create_class(DhcpClass(name="kiosk", data=b"1"))
            server.set_class(DhcpClass(name="KIOSK", data=b"2", is_vendor=True))
            assert server.get_class("kiosk") == DhcpClass(name="kiosk", data=b"2", is_vendor=can_change)
            server.delete_class("kiosk")

    def test_every_switch_is_named_here(self) -> None:
        """Or in the conformance suite, or in one of the tests of the protocol."""
        suite = (Path(__file__).parent.parent / "conformance").glob("test_*.py")
        names = (
            "simulator_switches",
            "simulator_pair_switches",
            "simulator_policies",
            "simulator_leases",
            "state_machine",
        )
        files = (*suite, *(Path(__file__).with_name(f"test_{name}.py") for name in names))
        text = "".join(path.read_text(encoding="utf-8") for path in files)
        assert [name for name in Switches.__dataclass_fields__ if name not in text] == []


def connect(lab: Lab, rights: Rights = Rights.ADMINISTRATOR) -> Server:
    return lab.connect("dhcp1", rights=rights, direct=True)


def trigger_alone(lab: Lab) -> None:
    connect(lab).trigger_address_allocation("pair")


def to_itself() -> Relationship:
    return relationship(name="self", scopes=[OTHER], secondary_server="192.0.2.1")


def create_large(lab: Lab) -> None:
    scopes = [lab.add_scope(f"10.{4 + number // 256}.{number % 256}.0/24", servers=["dhcp1"]) for number in range(401)]
    connect(lab).create_relationship(relationship(name="large", scopes=scopes))
