"""Models: values that compare, hash, copy, pickle and print well, show no secret, and are ready for JSON."""

import copy
import json
import pickle
from array import array
from collections import deque
from dataclasses import FrozenInstanceError, asdict, fields, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo import (
    Addresses,
    FailoverMode,
    FailoverState,
    HostInfo,
    Relationship,
    Secret,
    ServerType,
)
from dhcpfo.enums import ClientType, DhcidState, DnsFlags, LeaseState, QuarantineStatus, SearchType
from dhcpfo.models import ClientSearch, Page, RelationshipValues, to_address, unique_client_id
from forged import forged
from recording import CLIENT, RELATIONSHIP, STATISTICS, SYSTEM_TIME

VALUES = RelationshipValues(mclt=timedelta(hours=2), percentage=40, shared_secret="correct horse")
SEARCH = ClientSearch(type=SearchType.NAME, value="printer")
ALL = [RELATIONSHIP, VALUES, CLIENT, CLIENT.owner, STATISTICS, SYSTEM_TIME, SEARCH, Page((RELATIONSHIP,), 1, 2, 234)]


def name_of(value):
    return type(value).__name__


@pytest.mark.parametrize("model", ALL, ids=name_of)
class TestEveryModel:
    @pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles(self, model, protocol):
        twin = pickle.loads(pickle.dumps(model, protocol))
        assert type(twin) is type(model)
        assert (twin, hash(twin)) == (model, hash(model))

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, replace])
    def test_copies(self, model, again):
        twin = again(model)
        assert type(twin) is type(model)
        assert (twin, hash(twin)) == (model, hash(model))

    def test_frozen(self, model):
        for entry in fields(model):
            with pytest.raises(FrozenInstanceError):
                setattr(model, entry.name, None)
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            model.not_a_field = 1

    def test_every_field_counts_in_equality(self, model):
        for entry in fields(model):
            assert forged(model, **{entry.name: "different"}) != model, entry.name

    def test_asdict(self, model):
        assert set(asdict(model)) == {entry.name for entry in fields(model)}

    def test_the_secret_is_not_shown(self, model):
        shown = [repr(model), str(model), f"{model}", repr(asdict(model)), str(asdict(model))]
        if hasattr(model, "to_dict"):
            shown += [json.dumps(model.to_dict()), json.dumps(model.to_dict(powershell=True))]
        assert not [text for text in shown if "correct horse" in text]


class TestRelationship:
    def test_defaults_are_those_administrators_know(self):
        least = Relationship(name="r", primary_server="192.0.2.1", secondary_server="192.0.2.2")
        assert (least.mode, least.server_type) == (FailoverMode.LOAD_BALANCE, ServerType.PRIMARY)
        assert (least.mclt, least.state_switch_interval) == (timedelta(hours=1), None)
        assert (least.percentage, least.scopes, least.shared_secret) == (50, (), None)
        assert (least.state, least.previous_state) == (FailoverState.NO_STATE, FailoverState.NO_STATE)
        assert not least.authenticated
        standby = Relationship(
            name="r", primary_server="192.0.2.1", secondary_server="192.0.2.2", mode=FailoverMode.HOT_STANDBY
        )
        assert standby.percentage == 5

    def test_zero_percent_is_not_the_default(self):
        assert replace(RELATIONSHIP, percentage=0).percentage == 0

    def test_addresses_may_be_text(self):
        assert RELATIONSHIP.primary_server == IPv4Address("192.0.2.1")
        assert replace(RELATIONSHIP, primary_server=IPv4Address("192.0.2.1")) == RELATIONSHIP

    @pytest.mark.parametrize("argument", ["primary_server", "secondary_server", "scopes"])
    @pytest.mark.parametrize(
        ("wrong", "kind"),
        [("192.0.2", ValueError), (3221225985, TypeError), (None, TypeError), (b"\0\0\0\1", TypeError)],
    )
    def test_a_wrong_address_names_its_argument(self, argument, wrong, kind):
        given = [wrong] if argument == "scopes" else wrong
        with pytest.raises(kind, match=f"^{argument} must be "):
            replace(RELATIONSHIP, **{argument: given})

    @pytest.mark.parametrize("wrong", ["10.0.1.0", IPv4Address("10.0.1.0"), IPv4Network("10.0.1.0/24"), None, 7])
    def test_scopes_are_several(self, wrong):
        with pytest.raises(TypeError, match=r"^scopes must be a list of IPv4 addresses, not "):
            replace(RELATIONSHIP, scopes=wrong)

    def test_anything_a_server_answers_can_be_held(self):
        strange = replace(
            RELATIONSHIP,
            name="",
            percentage=200,
            mode=FailoverMode(9),
            server_type=ServerType(8),
            state=FailoverState(77),
        )
        assert pickle.loads(pickle.dumps(strange)) == strange
        assert "UNKNOWN_77" in repr(strange)
        assert (strange.load_balance_percent, strange.reserve_percent) == (None, None)
        plain = strange.to_dict()
        assert (plain["mode"], plain["server_type"], plain["state"]) == ("UNKNOWN_9", "UNKNOWN_8", "UNKNOWN_77")
        assert strange.to_dict(powershell=True)["State"] == "Unknown77"

    def test_the_percentage_has_a_name_in_its_own_mode_only(self):
        standby = replace(RELATIONSHIP, mode=FailoverMode.HOT_STANDBY, percentage=5)
        assert (RELATIONSHIP.load_balance_percent, RELATIONSHIP.reserve_percent) == (70, None)
        assert (standby.load_balance_percent, standby.reserve_percent) == (None, 5)

    def test_the_partner_is_the_other_one(self):
        on_primary = replace(RELATIONSHIP, server_type=ServerType.PRIMARY)
        assert (str(on_primary.partner_server), on_primary.partner_server_name) == ("192.0.2.2", "dhcp2.example.com")
        assert (str(RELATIONSHIP.partner_server), RELATIONSHIP.partner_server_name) == (
            "192.0.2.1",
            "dhcp1.example.com",
        )

    def test_repr_reads_well(self):
        assert repr(RELATIONSHIP).startswith("Relationship(name='hq-branch', primary_server=IPv4Address('192.0.2.1'), ")
        assert "scopes=Addresses(['10.0.1.0', '10.0.2.0', '10.0.3.0'])" in repr(RELATIONSHIP)
        assert "shared_secret" not in repr(RELATIONSHIP)

    def test_to_dict(self):
        assert json.loads(json.dumps(RELATIONSHIP.to_dict())) == {
            "name": "hq-branch",
            "primary_server": "192.0.2.1",
            "secondary_server": "192.0.2.2",
            "primary_server_name": "dhcp1.example.com",
            "secondary_server_name": "dhcp2.example.com",
            "mode": "LOAD_BALANCE",
            "server_type": "SECONDARY",
            "state": "NORMAL",
            "previous_state": "RECOVER_DONE",
            "mclt": 5400,
            "state_switch_interval": 2700,
            "percentage": 70,
            "scopes": ["10.0.1.0", "10.0.2.0", "10.0.3.0"],
            "authenticated": True,
        }

    def test_powershell_as_seen_from_the_secondary(self):
        assert json.loads(json.dumps(RELATIONSHIP.to_dict(powershell=True))) == {
            "Name": "hq-branch",
            "PartnerServer": "dhcp1.example.com",
            "Mode": "LoadBalance",
            "ServerRole": None,
            "LoadBalancePercent": 30,
            "ReservePercent": None,
            "ScopeId": ["10.0.1.0", "10.0.2.0", "10.0.3.0"],
            "MaxClientLeadTime": "01:30:00",
            "AutoStateTransition": True,
            "StateSwitchInterval": "00:45:00",
            "State": "Normal",
            "EnableAuth": True,
        }

    def test_powershell_as_seen_from_the_primary(self):
        shown = replace(
            RELATIONSHIP,
            server_type=ServerType.PRIMARY,
            secondary_server_name=None,
            state=FailoverState.COMMUNICATION_INTERRUPTED,
            state_switch_interval=None,
            shared_secret=None,
        ).to_dict(powershell=True)
        assert (shown["LoadBalancePercent"], shown["PartnerServer"]) == (70, "192.0.2.2")
        assert (shown["AutoStateTransition"], shown["StateSwitchInterval"]) == (False, None)
        assert (shown["State"], shown["EnableAuth"]) == ("CommunicationInterrupted", False)

    @pytest.mark.parametrize(
        ("server_type", "role"), [(ServerType.PRIMARY, "Active"), (ServerType.SECONDARY, "Standby")]
    )
    def test_powershell_hot_standby(self, server_type, role):
        shown = replace(RELATIONSHIP, mode=FailoverMode.HOT_STANDBY, server_type=server_type, percentage=5).to_dict(
            powershell=True
        )
        assert (shown["Mode"], shown["ServerRole"]) == ("HotStandby", role)
        assert (shown["LoadBalancePercent"], shown["ReservePercent"]) == (None, 5)

    @pytest.mark.parametrize(
        ("time", "shown"),
        [
            (timedelta(0), "00:00:00"),
            (timedelta(seconds=61), "00:01:01"),
            (timedelta(days=2, hours=1), "2.01:00:00"),
            (timedelta(seconds=0xFFFFFFFE), "49710.06:28:14"),
        ],
    )
    def test_powershell_times(self, time, shown):
        assert replace(RELATIONSHIP, mclt=time).to_dict(powershell=True)["MaxClientLeadTime"] == shown


addresses = st.lists(st.ip_addresses(v=4), max_size=8)


class TestAddresses:
    @given(addresses, st.booleans())
    def test_it_is_a_tuple_in_all_but_name(self, items, packed):
        mine, plain = Addresses(items), tuple(items)
        if packed:
            mine = Addresses.from_packed(mine.packed)
        assert len(mine) == len(plain)
        assert mine == plain
        assert plain == mine
        assert mine == Addresses(items)
        assert hash(mine) == hash(plain)
        assert {plain: "found"}[mine] == "found"
        assert list(mine) == items
        assert list(reversed(mine)) == items[::-1]
        assert sorted(mine) == sorted(items)
        assert bool(mine) == bool(plain)
        assert mine.packed == array("I", map(int, items)).tobytes()

    @given(addresses, st.slices(8))
    def test_slices_are_of_the_same_type(self, items, cut):
        assert Addresses(items)[cut] == tuple(items)[cut]
        assert type(Addresses(items)[cut]) is Addresses

    @given(addresses, addresses)
    def test_two_are_equal_as_their_tuples_are(self, one, other):
        assert (Addresses(one) == Addresses(other)) == (one == other)
        assert (Addresses(one) == tuple(other)) == (one == other)
        assert Addresses(one) + other == tuple(one + other)

    @given(addresses, st.ip_addresses(v=4))
    def test_membership(self, items, other):
        mine = Addresses(items)
        for address in [*items, other]:
            assert (address in mine) == (str(address) in mine) == (address in items)
            assert mine.count(address) == items.count(address)
        for address in items:
            assert mine.index(address) == items.index(address)

    @pytest.mark.parametrize("never", ["nonsense", "10.0.0.0/24", 167772160, None, b"10.0.0.0"])
    def test_what_is_no_address_is_not_in_it(self, never):
        assert never not in Addresses(["10.0.0.0"])

    @given(addresses)
    def test_it_travels(self, items):
        mine = Addresses.from_packed(Addresses(items).packed)
        for twin in (pickle.loads(pickle.dumps(mine)), copy.copy(mine), copy.deepcopy(mine)):
            assert type(twin) is Addresses
            assert twin == mine

    def test_text_stands_for_its_address(self):
        mine = Addresses(["10.0.0.0", "10.0.1.0", "10.0.0.0"])
        assert (mine.index("10.0.1.0"), mine.index("10.0.0.0", 1), mine.count("10.0.0.0")) == (1, 2, 2)
        assert (mine.index(IPv4Address("10.0.1.0")), mine.count("printer")) == (1, 0)
        with pytest.raises(ValueError, match="not in"):
            mine.index("printer")

    def test_it_is_immutable(self):
        mine = Addresses(["10.0.0.0"])
        with pytest.raises(TypeError):
            mine[0] = IPv4Address("10.0.1.0")
        with pytest.raises(AttributeError):
            mine.append(IPv4Address("10.0.1.0"))
        for name in Addresses.__slots__:
            with pytest.raises(AttributeError, match="cannot be changed"):
                setattr(mine, name, ())
            with pytest.raises(AttributeError, match="cannot be changed"):
                delattr(mine, name)

    def test_it_equals_any_sequence_of_the_same_addresses(self):
        mine = Addresses(["10.0.0.0", "10.0.1.0"])
        same = [IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0")]
        for other in (same, tuple(same), deque(same)):
            assert mine == other
            assert other == mine
        for other in (same[::-1], same[:1], ["10.0.0.0", "10.0.1.0"], set(same), "10.0.0.0", None):
            assert mine != other

    def test_repr_makes_an_equal_one(self):
        mine = Addresses(["10.0.0.0", "10.0.1.0"])
        assert repr(mine) == "Addresses(['10.0.0.0', '10.0.1.0'])"
        assert eval(repr(mine)) == mine

    def test_index_out_of_range(self):
        with pytest.raises(IndexError):
            Addresses()[0]

    def test_numbers_are_refused(self):
        with pytest.raises(TypeError, match=r"^address must be IPv4Address or str, not int"):
            to_address(167772160)


class TestClient:
    def test_the_hardware_address_is_what_follows_the_prefix(self):
        assert CLIENT.client_id.hex("-") == "00-01-00-0a-01-0a-1b-2c-3d-4e-5f"
        assert CLIENT.hardware_address.hex("-") == "0a-1b-2c-3d-4e-5f"
        assert str(CLIENT.scope) == "10.0.1.0"

    def test_other_bytes_are_left_alone(self):
        assert replace(CLIENT, client_id=b"abcdef").hardware_address == b"abcdef"
        assert replace(CLIENT, client_id=b"").hardware_address == b""

    @given(st.ip_addresses(v=4), st.binary(min_size=1, max_size=255))
    def test_the_unique_id_is_scope_mark_and_identifier(self, scope, identifier):
        unique = unique_client_id(scope, identifier)
        assert unique == int(scope).to_bytes(4, "little") + b"\x01" + identifier

    @pytest.mark.parametrize(
        ("state", "lease", "dhcid", "dns"),
        [
            (0x00, LeaseState.OFFERED, DhcidState.NO_DHCID, 0),
            (0x01, LeaseState.ACTIVE, DhcidState.NO_DHCID, 0),
            (0x29, LeaseState.ACTIVE, DhcidState.WITH_CLIENT_ID, DnsFlags.UPDATE_BOTH),
            (0xFF, LeaseState.DOOMED, DhcidState.WITH_DUID, 0xF0),
        ],
    )
    def test_the_state_byte(self, state, lease, dhcid, dns):
        client = replace(CLIENT, address_state=state)
        assert (client.lease_state, client.dhcid_state, client.dns_flags) == (lease, dhcid, dns)

    def test_to_dict(self):
        assert json.loads(json.dumps(CLIENT.to_dict())) == {
            "address": "10.0.1.77",
            "subnet_mask": "255.255.255.0",
            "client_id": "00-01-00-0a-01-0a-1b-2c-3d-4e-5f",
            "name": "printer",
            "comment": "second floor",
            "lease_expires": "2026-05-04T12:01:00+00:00",
            "owner": {"address": "192.0.2.1", "netbios_name": "DHCP1", "host_name": "dhcp1"},
            "client_type": "BOTH",
            "address_state": 0x29,
            "quarantine_status": "EXEMPT",
            "probation_ends": "2026-05-04T12:02:00+00:00",
            "quarantine_capable": True,
            "potential_expiration_sent": "2026-05-04T12:03:00+00:00",
            "potential_expiration_acknowledged": "2026-05-04T12:04:00+00:00",
            "potential_expiration_received": "2026-05-04T12:05:00+00:00",
            "start_time": "2026-05-04T12:06:00+00:00",
            "last_transaction": "2026-05-04T12:07:00+00:00",
            "last_binding_update": "2026-05-04T12:08:00+00:00",
            "binding_status": 9,
            "policy_name": "printers",
            "flags": 10,
            "hardware_address": "0a-1b-2c-3d-4e-5f",
            "lease_state": "ACTIVE",
        }

    def test_powershell(self):
        assert json.loads(json.dumps(CLIENT.to_dict(powershell=True))) == {
            "IPAddress": "10.0.1.77",
            "ScopeId": "10.0.1.0",
            "ClientId": "0a-1b-2c-3d-4e-5f",
            "HostName": "printer",
            "Description": "second floor",
            "LeaseExpiryTime": "2026-05-04T12:01:00+00:00",
            "AddressState": "Active",
            "ClientType": "Both",
            "NapCapable": True,
            "PolicyName": "printers",
            "ServerIP": "192.0.2.1",
        }

    def test_what_is_missing_or_unknown_is_shown_as_such(self):
        bare = replace(
            CLIENT,
            lease_expires=None,
            client_type=ClientType(9),
            quarantine_status=QuarantineStatus(8),
            owner=HostInfo(address=IPv4Address(0)),
        )
        plain = json.loads(json.dumps(bare.to_dict()))
        assert (plain["lease_expires"], plain["client_type"], plain["quarantine_status"]) == (
            None,
            "UNKNOWN_9",
            "UNKNOWN_8",
        )
        assert plain["owner"] == {"address": "0.0.0.0", "netbios_name": None, "host_name": None}

    def test_the_last_moment_python_knows(self):
        late = replace(CLIENT, lease_expires=datetime.max.replace(tzinfo=UTC))
        assert late.to_dict()["lease_expires"].startswith("9999-12-31T23:59:59")


def test_statistics_to_dict():
    assert STATISTICS.to_dict() == {
        "addresses_total": 200,
        "addresses_free": 150,
        "addresses_in_use": 50,
        "addresses_free_on_this_server": 90,
        "addresses_free_on_partner_server": 60,
        "addresses_in_use_on_this_server": 30,
        "addresses_in_use_on_partner_server": 20,
    }
    assert STATISTICS.to_dict(powershell=True) == {
        "AddressesTotal": 200,
        "AddressesFree": 150,
        "AddressesInUse": 50,
        "AddressesFreeOnThisServer": 90,
        "AddressesFreeOnPartnerServer": 60,
        "AddressesInUseOnThisServer": 30,
        "AddressesInUseOnPartnerServer": 20,
    }


def test_system_time_to_dict():
    expected = {"time": "2026-05-04T12:11:00+00:00", "max_allowed_difference": 60}
    assert SYSTEM_TIME.to_dict() == SYSTEM_TIME.to_dict(powershell=True) == expected


class TestSecret:
    def test_it_is_the_text_to_machines_and_asterisks_to_people(self):
        secret = Secret("correct horse")
        assert (secret.reveal(), type(secret.reveal())) == ("correct horse", str)
        shown = [
            str(secret),
            repr(secret),
            f"{secret}",
            f"{secret!r}",
            f"{secret:>20}",
            "%s" % secret,  # noqa: UP031  every way of formatting
            "{}".format(secret),  # noqa: UP032
        ]
        assert not [text for text in shown if "correct" in text]

    def test_nothing_that_takes_the_letters_of_a_text_gets_them(self):
        plain = asdict(RELATIONSHIP)
        assert "correct" not in json.dumps(plain, default=str)
        secret = plain["shared_secret"]
        for take in (json.dumps, "".join, list, bytes, len, lambda secret: secret + "", lambda secret: secret[0]):
            with pytest.raises(TypeError):
                take(secret)

    def test_it_equals_its_text(self):
        secret = Secret("correct horse")
        assert secret == "correct horse"
        assert "correct horse" == secret  # noqa: SIM300  the other way round
        assert secret == Secret("correct horse")
        assert secret not in ("another", Secret("another"), b"correct horse", None)
        assert {"correct horse": "found"}[secret] == "found"

    @pytest.mark.parametrize(("wrong", "given"), [(["correct horse"], "list"), (None, "None"), (1, "int")])
    def test_it_is_made_of_text(self, wrong, given):
        with pytest.raises(TypeError, match=f"^shared_secret must be str, bytes or Secret, not {given}$"):
            Secret(wrong)

    def test_a_secret_of_a_secret_is_the_same(self):
        secret = Secret("correct horse")
        assert Secret(secret) == secret
        assert repr(Secret(secret)) == repr(secret)
        assert replace(RELATIONSHIP, shared_secret=secret).shared_secret.reveal() == "correct horse"

    def test_it_travels_with_its_owner(self):
        again = pickle.loads(pickle.dumps(RELATIONSHIP)).shared_secret
        assert (type(again), again.reveal()) == (Secret, "correct horse")
        assert copy.deepcopy(RELATIONSHIP).shared_secret.reveal() == "correct horse"

    def test_relationships_differ_by_it(self):
        other = replace(RELATIONSHIP, shared_secret="another")
        assert other != RELATIONSHIP
        assert replace(other, shared_secret="correct horse") == RELATIONSHIP
