"""`Lab.load_export` of the XML of Export-DhcpServer: every element, read back through the methods of `Server`."""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcpfo import Server
from dhcpfo.enums import (
    ClientType,
    Comparator,
    FilterList,
    LeaseState,
    LogicOperator,
    OptionType,
    RangeType,
    ScopeState,
)
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    FilterPattern,
    OptionDefinition,
    OptionValue,
    PolicyAttribute,
    PolicyCondition,
    PolicyGroup,
    Reservation,
    ServerVersion,
)
from dhcpfo.simulator import ExportReport, Lab, Unread

OFFICE = Path(__file__).parent / "exports" / "office.xml"
SCOPE, OTHER = IPv4Address("198.51.100.0"), IPv4Address("203.0.113.0")


def export(inner: str, *, scopes: str = "", root: str = "DHCPServer") -> BytesIO:
    """A file with some parts of a server and its scopes."""
    return BytesIO(f"<{root}><IPv4>{inner}<Scopes>{scopes}</Scopes></IPv4></{root}>".encode())


def scope(inner: str = "", *, scope_id: str = "198.51.100.0", span: bool = True) -> str:
    """A scope with some more parts."""
    first = scope_id.rpartition(".")[0]
    addresses = f"<StartRange>{first}.1</StartRange><EndRange>{first}.200</EndRange>" if span else ""
    return f"<Scope><ScopeId>{scope_id}</ScopeId><SubnetMask>255.255.255.0</SubnetMask>{addresses}{inner}</Scope>"


def value(number: int, *texts: str, more: str = "") -> str:
    """The value of an option."""
    found = "".join(f"<Value>{text}</Value>" for text in texts)
    return f"<OptionValues><OptionValue><OptionId>{number}</OptionId>{found}{more}</OptionValue></OptionValues>"


def lease(last: int, **more: str) -> str:
    """A lease of the scope."""
    fields = {"IPAddress": f"198.51.100.{last}", "ClientId": f"00-53-00-00-00-{last:02x}"} | more
    return f"<Lease>{''.join(f'<{name}>{text}</{name}>' for name, text in fields.items())}</Lease>"


def reasons(report: ExportReport) -> list[tuple[int, str]]:
    return [(part.line, part.reason) for part in report.unread]


@pytest.fixture
def office(lab: Lab) -> Server:
    """A server with the whole file."""
    report = lab.load_export(OFFICE, "dhcp1")
    assert report.unread == ()
    return lab.connect("dhcp1", direct=True)


def test_the_report_counts_what_was_read(lab: Lab) -> None:
    report = lab.load_export(str(OFFICE), "dhcp1")
    assert report == ExportReport(
        server="dhcp1",
        source="Export-DhcpServer",
        classes=3,
        option_definitions=8,
        option_values=17,
        policies=3,
        filters=2,
        scopes=2,
        superscopes=1,
        exclusions=2,
        reservations=2,
        leases=3,
    )
    assert report.complete
    assert str(report) == (
        "Export-DhcpServer -> dhcp1: 3 classes, 8 option definitions, 17 option values, 3 policies, 2 filters, "
        "2 scopes, 1 superscope, 2 exclusions, 2 reservations, 3 leases"
    )


def test_the_server_gets_the_version_and_settings(office: Server) -> None:
    assert office.get_version() == ServerVersion(10, 0)
    assert office.get_config().conflict_detection_attempts == 2
    assert office.get_policy_enforcement()


def test_classes(office: Server) -> None:
    kiosk = DhcpClass(name="Kiosk", data=b"kiosk", description="Screens in the lobby")
    phones = DhcpClass(name="Example Phones", data=b"example-phone", is_vendor=True)
    own = [entry for entry in office.classes() if entry.name in ("Kiosk", "Example Phones")]
    assert own == [kiosk, phones]
    assert len(office.classes()) == 8  # the built-in ones stay


def test_option_definitions(office: Server) -> None:
    found = {(entry.vendor_class, entry.id): entry for entry in office.option_definitions()}
    router = found[None, 3]
    assert (router.description, router.multivalued) == ("Routers, by preference", True)
    assert found["Example Phones", 1] == OptionDefinition(
        id=1, name="Call Server", type=OptionType.STRING, default="calls.example.com", vendor_class="Example Phones"
    )
    shown = {number: (found[None, number].type, found[None, number].default) for number in range(200, 206)}
    assert shown == {
        200: (OptionType.BYTE, (1, 2)),
        201: (OptionType.WORD, (5060,)),
        202: (OptionType.DWORD_DWORD, (4294967297,)),
        203: (OptionType.ENCAPSULATED, (b"\0",)),
        204: (OptionType.IPV6_ADDRESS, ("2001:db8::1",)),
        205: (OptionType.BINARY, (b"",)),
    }


def test_option_values_of_the_server_for_all_classes(office: Server) -> None:
    assert office.option_values() == [
        OptionValue(6, OptionType.IP_ADDRESS, [IPv4Address("198.51.100.5"), IPv4Address("198.51.100.6")]),
        OptionValue(15, OptionType.STRING, "example.com"),
        OptionValue(200, OptionType.BYTE, [10, 11]),
        OptionValue(202, OptionType.DWORD_DWORD, 0xFFFFFFFF_FFFFFFFF),
        OptionValue(203, OptionType.ENCAPSULATED, b"\x45\x46"),
        OptionValue(204, OptionType.IPV6_ADDRESS, "2001:db8::2"),
        OptionValue(15, OptionType.STRING, "kiosk.example.com", user_class="Kiosk"),
        OptionValue(1, OptionType.STRING, "calls.example.com", vendor_class="Example Phones"),
    ]


def test_option_values_of_scopes_reservations_and_policies(office: Server) -> None:
    assert office.option_values(scope=SCOPE) == [
        OptionValue(3, OptionType.IP_ADDRESS, IPv4Address("198.51.100.1")),
        OptionValue(51, OptionType.DWORD, 691200),
        OptionValue(81, OptionType.DWORD, 23),
        OptionValue(51, OptionType.DWORD, 2592000, user_class="Default BOOTP Class"),
    ]
    assert office.option_values(scope=SCOPE, reservation="198.51.100.50") == [
        OptionValue(12, OptionType.STRING, "printer1")
    ]
    assert office.policy_option_values() == [
        OptionValue(42, OptionType.IP_ADDRESS, IPv4Address("198.51.100.123"), policy="Phones"),
        OptionValue(1, OptionType.STRING, "calls2.example.com", vendor_class="Example Phones", policy="Phones"),
    ]
    assert office.policy_option_values(scope=SCOPE) == [
        OptionValue(51, OptionType.DWORD, 3600, policy="Staff"),
        OptionValue(81, OptionType.DWORD, 215, policy="Staff"),
    ]


def test_policies_with_conditions_and_ranges(office: Server) -> None:
    (phones,) = office.policies()
    assert (phones.name, phones.order, phones.enabled, phones.description) == ("Phones", 1, True, "All telephones")
    assert phones.condition == PolicyGroup(
        LogicOperator.OR, (PolicyCondition.of(PolicyAttribute.VENDOR_CLASS, value=b"example-phone"),)
    )
    staff, printers = office.policies(scope=SCOPE)
    assert (staff.name, staff.order, staff.dns_suffix) == ("Staff", 1, "staff.example.com")
    assert str(staff.condition) == '(FQDN ENDS_WITH ".staff.example.com") OR (FQDN_SINGLE_LABEL EQUAL)'
    assert (printers.name, printers.order, printers.enabled) == ("Printers and guests", 2, False)
    assert printers.condition.operator == LogicOperator.AND
    assert printers.ranges == (AddressRange("198.51.100.100", "198.51.100.110"),)
    assert [
        [(one.attribute, one.comparator, one.value) for one in group.items] for group in printers.condition.items
    ] == [
        [(PolicyAttribute.USER_CLASS, Comparator.NOT_EQUAL, b"kiosk")],
        [
            (PolicyAttribute.MAC_ADDRESS, Comparator.BEGINS_WITH, b"\x00\x53\x00"),
            (PolicyAttribute.MAC_ADDRESS, Comparator.EQUAL, b"\x00\x53\x01\x00\x00\x02"),
        ],
        [(PolicyAttribute.MAC_ADDRESS, Comparator.NOT_ENDS_WITH, b"\xff")],
        [(PolicyAttribute.CIRCUIT_ID, Comparator.EQUAL, b"\x01\x04")],
    ]
    assert not office.get_policy_enforcement(scope=SCOPE)


def test_filters(office: Server) -> None:
    lists = office.get_filter_lists()
    assert (lists.allow, lists.deny) == (False, True)
    assert [(entry.filter_list, str(entry.pattern), entry.comment) for entry in office.filters()] == [
        (FilterList.DENY, "00-1C-25-*", "Old terminals"),
        (FilterList.ALLOW, "00-53-00-00-00-01", None),
    ]


def test_scopes(office: Server) -> None:
    assert office.scopes() == [SCOPE, OTHER]
    offices, workshop = (office.get_scope(one) for one in (SCOPE, OTHER))
    assert (offices.name, offices.comment, offices.state) == ("Offices", "First floor", ScopeState.ENABLED)
    assert (workshop.name, workshop.comment, workshop.state) == ("Workshop", None, ScopeState.DISABLED)
    assert str(workshop.subnet_mask) == "255.255.255.128"
    assert office.get_scope_delay(SCOPE) == timedelta(milliseconds=250)
    (superscope,) = office.superscopes()
    assert (superscope.name, list(superscope.scopes)) == ("Building 1", [SCOPE, OTHER])
    assert office.option_values(scope=OTHER) == [OptionValue(51, OptionType.DWORD, 7200)]  # its lease duration


def test_ranges_and_exclusions(office: Server) -> None:
    (span,) = office.ranges(SCOPE)
    assert (str(span.start), str(span.end), span.type) == ("198.51.100.10", "198.51.100.200", RangeType.DHCP)
    (other,) = office.ranges(OTHER)
    assert (other.type, other.max_bootp) == (RangeType.BOTH, 12)
    assert office.exclusions(SCOPE) == [
        AddressRange("198.51.100.20", "198.51.100.30"),
        AddressRange("198.51.100.25", "198.51.100.40"),
    ]


def test_reservations(office: Server) -> None:
    assert office.reservations(SCOPE) == [
        Reservation(
            address="198.51.100.50",
            client_id=bytes.fromhex("00530080a043"),
            name="printer1.example.com",
            description="Second floor, by the stairs",
            type=ClientType.DHCP,
            has_options=True,
        ),
        Reservation(address="198.51.100.51", client_id=bytes.fromhex("005300ffeeddccbbaa99"), name="door"),
    ]


def test_a_reservation_from_a_time_when_the_range_was_larger(lab: Lab) -> None:
    entries = "".join(
        f"<Reservation><IPAddress>{address}</IPAddress><ClientId>0053{number:02}</ClientId></Reservation>"
        for number, address in enumerate(("198.51.100.250", "198.51.100.9", "203.0.113.1"))
    )
    (part,) = lab.load_export(export("", scopes=scope(f"<Reservations>{entries}</Reservations>")), "dhcp1").unread
    assert part.text == "<Reservation> with IPAddress 203.0.113.1"
    server = lab.connect("dhcp1", direct=True)
    (span,) = server.ranges(SCOPE)
    assert (str(span.start), str(span.end)) == ("198.51.100.1", "198.51.100.200")
    assert [str(entry.address) for entry in server.reservations(SCOPE)] == ["198.51.100.9", "198.51.100.250"]


def test_leases(office: Server) -> None:
    used, unused, pc, declined = office.clients(SCOPE)
    assert (used.name, used.client_type, used.lease_expires) == ("printer1.example.com", ClientType.RESERVATION, None)
    assert used.to_dict(powershell=True)["AddressState"] == "ActiveReservation"
    assert (unused.name, unused.has_lease) == ("door", False)
    assert (pc.name, pc.hardware_address.hex(), pc.lease_state) == (
        "pc60.example.com",
        "005300000060",
        LeaseState.ACTIVE,
    )
    assert pc.lease_expires == datetime(2026, 9, 29, 8, tzinfo=UTC)
    assert str(pc.owner.address) == "192.0.2.1"
    assert declined.lease_state == LeaseState.DECLINED
    assert declined.lease_expires == datetime(2026, 9, 29, 6, tzinfo=UTC)  # the file has an offset


def test_the_time_zone_of_the_server_can_be_given(lab: Lab) -> None:
    lab.load_export(OFFICE, "dhcp1", time_zone=timezone(timedelta(hours=-5)))
    client = lab.connect("dhcp1", direct=True).get_client(address="198.51.100.60")
    assert client.lease_expires == datetime(2026, 9, 29, 13, tzinfo=UTC)


def test_a_pair_works_on_copies_of_a_network(lab: Lab) -> None:
    for server in ("dhcp1", "dhcp2"):
        lab.load_export(OFFICE, server)
    dhcp1, dhcp2 = lab.add_pair("pair", scopes=["198.51.100.0/24"], direct=True)
    assert dhcp1.get_relationship("pair").state.name == "NORMAL"
    client = lab.lease(SCOPE, "00-53-00-00-00-60")
    assert client is not None
    assert str(client.address) == "198.51.100.60"
    assert dhcp2.get_client(address=client.address).name == "pc60.example.com"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-16-be-mark", "iso-8859-1", "cp1252"]
)
@pytest.mark.parametrize("declared", [True, False])
def test_encodings(lab: Lab, encoding: str, declared: bool) -> None:
    name = "Büro"
    if encoding in ("iso-8859-1", "cp1252") and not declared:
        return  # XML without a declaration is in UTF-8 or UTF-16
    codec = encoding.removesuffix("-mark")
    named = "utf-8" if encoding == "utf-8-sig" else codec[:6] if codec.startswith("utf-16") else codec
    head = f'<?xml version="1.0" encoding="{named}"?>\r\n' if declared else ""
    text = head + export("", scopes=scope(f"<Name>{name}</Name>")).getvalue().decode()
    mark = "\ufeff" if encoding == "utf-16-be-mark" else ""
    lab.load_export(BytesIO((mark + text).encode(codec)), "dhcp1")
    assert lab.connect("dhcp1", direct=True).get_scope(SCOPE).name == name


def test_a_converted_file_that_still_declares_utf_16(lab: Lab) -> None:
    text = OFFICE.read_text("utf-8").replace('encoding="utf-8"', 'encoding="utf-16"')
    for mark in ("", "\ufeff"):
        assert lab.load_export(BytesIO((mark + text).encode()), f"dhcp{len(mark)}").complete


def test_prefixes_and_other_namespaces(lab: Lab) -> None:
    text = (
        '<d:DHCPServer xmlns:d="urn:x"><d:IPv4><d:ActivatePolicies>false</d:ActivatePolicies></d:IPv4></d:DHCPServer>'
    )
    assert lab.load_export(BytesIO(text.encode()), "dhcp1").complete
    assert not lab.connect("dhcp1", direct=True).get_policy_enforcement()


def test_the_order_of_the_parts_does_not_matter(lab: Lab) -> None:
    inner = value(224, "x", more="<UserClass>Kiosk</UserClass>")
    late = (
        "<OptionDefinitions><OptionDefinition><Type>String</Type><OptionId>224</OptionId><Name>Text</Name>"
        "</OptionDefinition></OptionDefinitions>"
        "<Classes><Class><Data>6b</Data><Type>User</Type><Name>Kiosk</Name></Class></Classes>"
    )
    first = f"<Leases>{lease(9)}</Leases>{inner}"
    text = f"<DHCPServer><IPv4><Scopes>{scope(first)}</Scopes>{inner}{late}</IPv4></DHCPServer>"
    report = lab.load_export(BytesIO(text.encode()), "dhcp1")
    assert report.unread == ()
    assert (report.option_values, report.leases) == (2, 1)


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Extra>1</Extra>", "unknown or repeated element in IPv4"),
        ("<ActivatePolicies>maybe</ActivatePolicies>", "'maybe' is neither true nor false"),
        ("<ConflictDetectionAttempts>9</ConflictDetectionAttempts>", "ERROR_INVALID_PARAMETER"),
        ("<NapEnabled>true</NapEnabled>", "ERROR_DHCP_NAP_NOT_SUPPORTED"),
        ("<Classes><Class><Name>x</Name><Type>User</Type><Data>zz</Data></Class></Classes>", "'zz' is not hexadecimal"),
        ("<Classes><Class><Name>x</Name><Data>61</Data></Class></Classes>", "Type is missing"),
        ("<Classes><Group /></Classes>", "unknown element in Classes"),
        (value(6, "nowhere"), "'nowhere' is not an IPv4 address"),
        (value(224, "x"), "option 224 has no definition"),
        (value(6), "values must contain at least one value"),
        (value(6, "192.0.2.1", more="<UserClass>Nobody</UserClass>"), "ERROR_DHCP_CLASS_NOT_FOUND"),
        (value(19, "256"), "must be between 0 and 255, got 256"),
        ("<Filters><Filter><List>Maybe</List><MacAddress>00*</MacAddress></Filter></Filters>", "Allow or Deny"),
        ("<Filters><Filter><List>Deny</List><MacAddress>x</MacAddress></Filter></Filters>", "must be hexadecimal"),
        ('<ActivatePolicies kind="new">true</ActivatePolicies>', "unknown attribute"),
        ("<Classes>stray</Classes>", "text between elements"),
    ],
)
def test_what_is_not_understood_or_refused_is_reported(lab: Lab, inner: str, reason: str) -> None:
    report = lab.load_export(export(f"\n{inner}"), "dhcp1")
    assert [part.line for part in report.unread] == [2]
    assert reason in report.unread[0].reason
    assert not report.complete


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Extra>1</Extra>", "unknown or repeated element in Scope"),
        ("<Delay>2000</Delay>", "ERROR_DHCP_INVALID_DELAY"),
        ("<NapEnable>true</NapEnable>", "ERROR_DHCP_NAP_NOT_SUPPORTED"),
        ("<NapProfile>strict</NapProfile>", "not simulated"),
        ("<LeaseDuration>soon</LeaseDuration>", "'soon' is not a time in whole seconds"),
        (f"<LeaseDuration>1.00:00:00</LeaseDuration>{value(51, '60')}", "option 51 is another: 60 seconds"),
        (
            "<ExclusionRanges><IPRange><StartRange>198.51.100.9</StartRange></IPRange></ExclusionRanges>",
            "EndRange is missing",
        ),
        (
            "<Reservations><Reservation><IPAddress>203.0.113.1</IPAddress><ClientId>01</ClientId></Reservation>"
            "</Reservations>",
            "ERROR_DHCP_NOT_RESERVED_CLIENT",
        ),
        (f"<Leases>{lease(9, AddressState='Unheard')}</Leases>", "'UNHEARD' is not the state of a lease"),
        (f"<Leases>{lease(9, AddressState='Offered')}</Leases>", "ERROR_INVALID_PARAMETER"),
        (f"<Leases>{lease(9, LeaseExpiryTime='9/29/2026')}</Leases>", "is not a time such as"),
        (f"<Leases>{lease(9, ScopeId='203.0.113.0')}</Leases>", "its ScopeId is 203.0.113.0"),
        (f"<Leases>{lease(9)}{lease(9)}</Leases>", "ERROR_DHCP_CLIENT_EXISTS"),
        (f"<Leases>{lease(9)}{lease(10, ClientId='005300000009')}</Leases>", "ERROR_DHCP_CLIENT_EXISTS"),
        (f"<Leases>{lease(9, IPAddress='203.0.113.9')}</Leases>", "ERROR_DHCP_SUBNET_NOT_PRESENT"),
        ("<Leases>stray</Leases>", "not a lease"),
    ],
)
def test_what_is_not_understood_in_a_scope_is_reported(lab: Lab, inner: str, reason: str) -> None:
    report = lab.load_export(export("", scopes=scope(f"\n{inner}")), "dhcp1")
    assert [part.line for part in report.unread] == [2], report
    assert reason in report.unread[0].reason
    assert report.scopes == 1


POLICY = (
    "<Policy><Name>P</Name><ProcessingOrder>{order}</ProcessingOrder><Condition>{operator}</Condition>{more}</Policy>"
)
EQ = "<MacAddress>EQ</MacAddress>"


@pytest.mark.parametrize(
    ("order", "operator", "more", "reason"),
    [
        (1, "XOR", f"{EQ}<MacAddress>0053*</MacAddress>", "Condition: 'XOR' is not AND or OR"),
        (1, "OR", "", "it has no condition"),
        (1, "OR", "<MacAddress>0053*</MacAddress>", "must follow EQ or NE"),
        (1, "OR", f"{EQ}<MacAddress>*53*</MacAddress>", "asterisk"),
        (1, "OR", f"{EQ}<MacAddress>0053</MacAddress>", "ERROR_DHCP_INVALID_POLICY_EXPRESSION"),
        (1, "OR", "<UserClass>EQ</UserClass><UserClass>Nobody</UserClass>", "no user class 'Nobody'"),
        (1, "OR", "<Fqdn>EQ</Fqdn><Fqdn>a*b</Fqdn>", "one asterisk"),
        (3, "OR", f"{EQ}<MacAddress>0053*</MacAddress>", "its place is 1 now"),
    ],
)
def test_policies_that_are_not_understood_or_refused(
    lab: Lab, order: int, operator: str, more: str, reason: str
) -> None:
    policy = POLICY.format(order=order, operator=operator, more=more)
    (part,) = lab.load_export(export(f"\n<Policies>{policy}</Policies>"), "dhcp1").unread
    assert part.line == 2
    assert reason in part.reason


def test_a_class_can_be_meant_by_the_beginning_of_its_data(lab: Lab) -> None:
    more = "<VendorClass>NE</VendorClass><VendorClass>Microsoft Options*</VendorClass>"
    policy = POLICY.format(order=1, operator="AND", more=more)
    assert lab.load_export(export(f"<Policies>{policy}</Policies>"), "dhcp1").complete
    (found,) = lab.connect("dhcp1", direct=True).policies()
    assert str(found.condition) == 'VENDOR_CLASS NOT_BEGINS_WITH "MSFT"'


def test_a_built_in_class_in_another_language_is_used_under_its_name_here(lab: Lab) -> None:
    data = b"BOOTP.Microsoft".hex()
    classes = f"<Classes><Class><Name>Klasse</Name><Type>User</Type><Data>0x{data}</Data></Class></Classes>"
    report = lab.load_export(
        export(classes, scopes=scope(value(51, "60", more="<UserClass>KLASSE</UserClass>"))), "dhcp1"
    )
    (part,) = report.unread
    assert part.text == "class 'Klasse'"
    assert "'Default BOOTP Class'" in part.reason
    (found,) = lab.connect("dhcp1", direct=True).option_values(scope=SCOPE)
    assert found.user_class == "Default BOOTP Class"


def test_a_scope_that_is_refused_is_reported_once_with_its_leases(lab: Lab) -> None:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope("198.51.100.0/24")
    report = lab.load_export(OFFICE, "dhcp1")
    assert (report.scopes, report.leases) == (1, 0)
    refused, leases = report.unread
    assert refused.text == "<Scope> with Name Offices, ScopeId 198.51.100.0"
    assert "ERROR_DHCP_SUBNET_EXISTS" in refused.reason
    assert refused.reason.endswith("; nothing in it was read")
    assert (leases.line, leases.count) == (323, 4)
    assert "the scope around it was not read (4 times)" in str(leases)


def test_unknown_elements_of_leases_are_counted(lab: Lab) -> None:
    leases = "".join(f"\n{lease(number, Quality='x')}" for number in range(1, 100))
    report = lab.load_export(export("", scopes=scope(f"<Leases>{leases}</Leases>")), "dhcp1")
    assert report.leases == 99
    assert report.unread == (Unread(2, "<Quality>x</Quality>", "unknown or repeated element in Lease", 99),)


def test_ipv6_is_reported_if_there_is_any(lab: Lab) -> None:
    assert lab.load_export(BytesIO(b"<DHCPServer><IPv4/><IPv6/></DHCPServer>"), "dhcp1").complete
    report = lab.load_export(BytesIO(b"<DHCPServer><IPv4/><IPv6><Scopes/></IPv6></DHCPServer>"), "dhcp1")
    assert reasons(report) == [(1, "DHCPv6 is not simulated")]
    report = lab.load_export(BytesIO(b"<DHCPServer/>"), "dhcp1")
    assert reasons(report) == [(1, "it has no IPv4 part")]


def test_an_old_server_refuses_what_it_does_not_have(lab: Lab) -> None:
    old = OFFICE.read_text("utf-8").replace("<MajorVersion>10<", "<MajorVersion>6<")
    report = lab.load_export(BytesIO(old.replace("<MinorVersion>0<", "<MinorVersion>1<").encode()), "dhcp1")
    assert {part.text for part in report.unread} >= {"<Policy> with Name Phones", "<Policy> with Name Staff"}
    assert all("ERROR" in part.reason or "RPC_S" in part.reason for part in report.unread)


def test_leases_without_end(lab: Lab) -> None:
    never = "".join(
        (
            lease(1),
            lease(2, LeaseExpiryTime="9999-12-31T23:59:59.9999999"),
            lease(3, LeaseExpiryTime="2026-09-29T08:00:00Z"),
        )
    )
    unlimited = scope(f"<LeaseDuration>10675199.02:48:05.4775807</LeaseDuration><Leases>{never}</Leases>")
    assert lab.load_export(export("", scopes=unlimited), "dhcp1").complete
    server = lab.connect("dhcp1", direct=True)
    assert server.get_option_value(51, scope=SCOPE).value == 0xFFFFFFFF
    ends = [client.lease_expires for client in server.clients(SCOPE)]
    assert ends == [None, None, datetime(2026, 9, 29, 8, tzinfo=UTC)]


def test_patterns_of_filters(lab: Lab) -> None:
    texts = ("00-1C-25-*", "00-1C-26-*-*-*", "001C27*", "00:1C:28:00:00:01")
    filters = "".join(f"<Filter><List>Deny</List><MacAddress>{text}</MacAddress></Filter>" for text in texts)
    assert lab.load_export(export(f"<Filters>{filters}</Filters>"), "dhcp1").complete
    found = [entry.pattern for entry in lab.connect("dhcp1", direct=True).filters()]
    assert found == [FilterPattern.parse(text) for text in texts]
