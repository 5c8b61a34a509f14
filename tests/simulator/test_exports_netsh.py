"""`Lab.load_export` of the text of netsh dhcp server dump: every command, read back through the methods of `Server`."""

from datetime import timedelta
from io import BytesIO
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcpfo import Server
from dhcpfo.enums import ClientType, FilterList, OptionType, RangeType, ScopeState
from dhcpfo.models import AddressRange, DhcpClass, OptionDefinition, OptionValue, Reservation
from dhcpfo.simulator import ExportReport, Lab, Unread

BRANCH = Path(__file__).parent / "exports" / "branch.txt"
SCOPE, OTHER = IPv4Address("198.51.100.0"), IPv4Address("203.0.113.0")

NETWORK = "add scope 198.51.100.0 255.255.255.0 Lab"
RANGE = "Scope 198.51.100.0 add iprange 198.51.100.1 198.51.100.200"


def dump(*commands: str, server: str = r"\\dhcp2") -> BytesIO:
    """A dump of these commands."""
    return BytesIO("".join(f"Dhcp Server {server} {command}\r\n" for command in commands).encode())


@pytest.fixture
def branch(lab: Lab) -> Server:
    """A server with the whole file."""
    report = lab.load_export(BRANCH)
    assert report.unread == ()
    return lab.connect("dhcp2.example.com", direct=True)


def test_the_report_counts_what_was_read_and_names_the_server(lab: Lab) -> None:
    assert lab.load_export(BRANCH) == ExportReport(
        server="dhcp2.example.com",
        source="netsh dhcp server dump",
        classes=2,
        option_definitions=4,
        option_values=12,
        filters=2,
        scopes=2,
        superscopes=1,
        exclusions=2,
        reservations=2,
    )
    assert lab.servers == ("dhcp2.example.com",)
    assert lab.load_export(BRANCH, "dhcp7").server == "dhcp7"


def test_the_server_can_be_an_address(lab: Lab) -> None:
    report = lab.load_export(dump(NETWORK, server="198.51.100.7"))
    assert report.server == "198.51.100.7"
    assert str(lab.connect("198.51.100.7", direct=True).bindings()[0].address) == "198.51.100.7"
    lab.rename_server("198.51.100.7", "dhcp7")
    assert lab.load_export(dump(RANGE, server="198.51.100.7")).server == "dhcp7"
    assert lab.load_export(BytesIO(b"dhcp server add class x y z 0"), "dhcp7").classes == 1


def test_classes_and_definitions(branch: Server) -> None:
    own = [entry for entry in branch.classes() if entry.name in ("Kiosk", "Example Phones")]
    assert own == [
        DhcpClass(name="Kiosk", data=b"kiosk", description="Screens in the lobby"),
        DhcpClass(name="Example Phones", data=b"example-phone", is_vendor=True),
    ]
    found = {(entry.vendor_class, entry.id): entry for entry in branch.option_definitions()}
    assert found[None, 3].description == "Routers, by preference"
    assert found["Example Phones", 1] == OptionDefinition(
        id=1, name="Call Server", type=OptionType.STRING, default="calls.example.com", vendor_class="Example Phones"
    )
    assert (found[None, 200].default, found[None, 200].multivalued) == ((1, 2), True)
    assert (found[None, 205].type, found[None, 205].default) == (OptionType.BINARY, (b"",))


def test_option_values_of_all_levels_and_classes(branch: Server) -> None:
    assert branch.option_values() == [
        OptionValue(6, OptionType.IP_ADDRESS, [IPv4Address("198.51.100.5"), IPv4Address("198.51.100.6")]),
        OptionValue(15, OptionType.STRING, "example.com"),
        OptionValue(43, OptionType.BINARY, bytes.fromhex("0104c0000201")),
        OptionValue(81, OptionType.DWORD, 0x01 | 0x10 | 0x04 | 0x02),
        OptionValue(15, OptionType.STRING, "kiosk.example.com", user_class="Kiosk"),
        OptionValue(1, OptionType.STRING, "calls.example.com", vendor_class="Example Phones"),
    ]
    assert branch.option_values(scope=SCOPE) == [
        OptionValue(3, OptionType.IP_ADDRESS, IPv4Address("198.51.100.1")),
        OptionValue(51, OptionType.DWORD, 691200),
        OptionValue(51, OptionType.DWORD, 2592000, user_class="Default BOOTP Class"),
    ]
    assert branch.option_values(scope=SCOPE, reservation="198.51.100.50") == [
        OptionValue(12, OptionType.STRING, "printer1"),
        OptionValue(81, OptionType.DWORD, 0x01 | 0x40),
    ]


def test_filters(branch: Server) -> None:
    lists = branch.get_filter_lists()
    assert (lists.allow, lists.deny) == (False, True)
    assert [(entry.filter_list, str(entry.pattern), entry.comment) for entry in branch.filters()] == [
        (FilterList.DENY, "00-1C-25-*", "Old terminals"),
        (FilterList.ALLOW, "00-53-00-00-00-01", None),
    ]


def test_scopes_with_their_elements(branch: Server) -> None:
    offices, workshop = (branch.get_scope(one) for one in (SCOPE, OTHER))
    assert (offices.name, offices.comment, offices.state) == ("Offices", "First floor", ScopeState.ENABLED)
    assert (workshop.name, workshop.comment, workshop.state) == ("Workshop", None, ScopeState.DISABLED)
    (span,), (other,) = branch.ranges(SCOPE), branch.ranges(OTHER)
    assert (str(span.start), str(span.end), span.type) == ("198.51.100.10", "198.51.100.200", RangeType.DHCP)
    assert (other.type, other.max_bootp) == (RangeType.BOTH, 12)
    assert branch.exclusions(SCOPE) == [
        AddressRange("198.51.100.20", "198.51.100.30"),
        AddressRange("198.51.100.25", "198.51.100.40"),
    ]
    assert branch.get_scope_delay(SCOPE) == timedelta(milliseconds=250)
    (superscope,) = branch.superscopes()
    assert (superscope.name, list(superscope.scopes)) == ("Building 1", [SCOPE, OTHER])


def test_reservations_with_quotes_in_their_text(branch: Server) -> None:
    assert branch.reservations(SCOPE) == [
        Reservation(
            address="198.51.100.50",
            client_id=bytes.fromhex("00530080a043"),
            name="printer1.example.com",
            description='Second floor, by the "blue" stairs',
            type=ClientType.DHCP,
            has_options=True,
        ),
        Reservation(address="198.51.100.51", client_id=bytes.fromhex("005300ffeeddccbbaa99"), name="door"),
    ]


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (0, ScopeState.DISABLED),
        (1, ScopeState.ENABLED),
        (2, ScopeState.DISABLED_SWITCHED),
        (3, ScopeState.ENABLED_SWITCHED),
    ],
)
def test_numbers_of_states_mean_the_opposite_of_the_api(lab: Lab, number: int, state: ScopeState) -> None:
    assert lab.load_export(dump(NETWORK, f"Scope 198.51.100.0 set state {number}")).complete
    assert lab.connect("dhcp2", direct=True).get_scope(SCOPE).state == state


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig", "cp850"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends(lab: Lab, encoding: str, newline: str) -> None:
    text = newline.join([r"Dhcp Server \\dhcp2 add scope 198.51.100.0 255.255.255.0 Büro", "", "what", ""])
    report = lab.load_export(BytesIO(text.encode(encoding)))
    assert report.unread == (Unread(3, "what", "not a command of netsh dhcp server"),)
    assert lab.connect("dhcp2", direct=True).get_scope(SCOPE).name == "Büro"


def test_another_code_page(lab: Lab) -> None:
    text = r"Dhcp Server \\dhcp2 add scope 198.51.100.0 255.255.255.0 Контора"
    lab.load_export(BytesIO(text.encode("cp866")), code_page="cp866")
    assert lab.connect("dhcp2", direct=True).get_scope(SCOPE).name == "Контора"


def test_a_line_end_between_two_blocks(lab: Lab) -> None:
    first = f"Dhcp Server \\\\dhcp2 {NETWORK}\r\n#".encode()
    text = first + b"x" * ((1 << 16) - len(first) - 1) + b"\r\nunknown\r\n"
    assert [part.line for part in lab.load_export(BytesIO(text)).unread] == [3]


def test_words_in_any_case_and_without_quotes(lab: Lab) -> None:
    report = lab.load_export(
        dump(NETWORK.upper(), RANGE.lower(), "SCOPE 198.51.100.0 SET OPTIONVALUE 3 ipaddress 198.51.100.1")
    )
    assert report.unread == ()
    assert lab.connect("dhcp2", direct=True).get_option_value(3, scope=SCOPE).value == IPv4Address("198.51.100.1")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("set wonder 1", "unknown command"),
        ("Scope 198.51.100.0 set wonder 1", "unknown command for a scope"),
        ("Scope nowhere set state 1", "'nowhere' is not an IPv4 address"),
        ("Scope 203.0.113.0 set state 1", "ERROR_DHCP_SUBNET_NOT_PRESENT"),
        ("Scope 198.51.100.0 set state 7", "'7' is not 0, 1, 2 or 3"),
        ("Scope 198.51.100.0 set state", "the state is missing"),
        ("Scope 198.51.100.0 set state 1 2", "unknown words: 2"),
        ("Scope 198.51.100.0 set napstate On", "ERROR_DHCP_NAP_NOT_SUPPORTED"),
        ("Scope 198.51.100.0 set dnsconfig 1 1", "5 numbers must follow, got 2"),
        ('Scope 198.51.100.0 add reservedip 198.51.100.9 0053 "x', "a quoted text does not end"),
        ("Scope 198.51.100.0 add iprange 198.51.100.9", "the last address is missing"),
        ("Scope 198.51.100.0 set delayoffer 2000", "ERROR_DHCP_INVALID_DELAY"),
        ("set optionvalue 6 IPADDRESS", "at least one value"),
        ("set optionvalue 6 NUMBER 1", "'NUMBER' is not the type of an option"),
        ("set optionvalue 224 STRING x", "ERROR_DHCP_OPTION_NOT_PRESENT"),
        ('set optionvalue 15 STRING user="Nobody" x', "ERROR_DHCP_CLASS_NOT_FOUND"),
        ("set optionvalue 15 STRING user=a user=b x", "user is given twice"),
        ("add class x y é 0", "'ascii' codec can't encode"),
        ("add class Klasse y BOOTP.Microsoft 0", "a class 'Default BOOTP Class' with this data"),
        ("v4 add filter Maybe 0053* x", "'Maybe' is not Allow or Deny"),
        ("v4 add filter Deny x x", "must be hexadecimal"),
        ("v6 add scope 2001:db8::", "DHCPv6 is not simulated"),
    ],
)
def test_what_is_not_understood_or_refused_is_reported(lab: Lab, command: str, reason: str) -> None:
    (part,) = lab.load_export(dump(NETWORK, RANGE, command)).unread
    assert part.line == 3
    assert part.text == f"Dhcp Server \\\\dhcp2 {command}"
    assert reason in part.reason


def test_commands_for_other_servers_are_reported(lab: Lab) -> None:
    report = lab.load_export(BytesIO(dump(NETWORK).getvalue() + dump(RANGE, server=r"\\dhcp3").getvalue()))
    (part,) = report.unread
    assert (part.line, part.reason) == (2, "a command for another server than dhcp2")
