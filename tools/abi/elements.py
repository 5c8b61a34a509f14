"""Scope elements: ranges, exclusions and reservations."""

from .kinds import F, Function, In, InStruct, Maximum, Out, Read, Resume, Struct, Total, Union

STRUCTS = (
    Struct(
        "DHCP_IP_RANGE",
        (
            F("StartAddress", "DHCP_IP_ADDRESS", "ip", "start"),
            F("EndAddress", "DHCP_IP_ADDRESS", "ip", "end"),
        ),
        model="AddressRange",
    ),
    Struct(
        "DHCP_BOOTP_IP_RANGE",
        (
            F("StartAddress", "DHCP_IP_ADDRESS", "ip"),
            F("EndAddress", "DHCP_IP_ADDRESS", "ip"),
            F("BootpAllocated", "ULONG"),
            F("MaxBootpAllowed", "ULONG"),
        ),
    ),
    Struct(
        "DHCP_IP_RESERVATION_V4",
        (
            F("ReservedIpAddress", "DHCP_IP_ADDRESS", "ip"),
            F("ReservedForClient", "DHCP_CLIENT_UID *", "binary"),
            F("bAllowedClientTypes", "BYTE", "enum:ClientType"),
        ),
    ),
    Struct("DHCP_IP_CLUSTER", (F("ClusterAddress", "DHCP_IP_ADDRESS", "ip"), F("ClusterMask", "DWORD"))),
    Struct(
        "DHCP_SUBNET_ELEMENT_DATA_V5",
        (
            F("ElementType", "DHCP_SUBNET_ELEMENT_TYPE", "enum:ElementType", "type"),
            Union(
                "Element",
                tag="ElementType",
                py="value",
                arms=(
                    (0, F("IpRange", "LPDHCP_BOOTP_IP_RANGE", "by hand")),
                    (1, F("SecondaryHost", "LPDHCP_HOST_INFO", "by hand")),
                    (2, F("ReservedIp", "LPDHCP_IP_RESERVATION_V4", "by hand")),
                    (3, F("ExcludeIpRange", "LPDHCP_IP_RANGE", "by hand")),
                    (4, F("IpUsedCluster", "LPDHCP_IP_CLUSTER", "by hand")),
                    (5, F("IpRange", "LPDHCP_BOOTP_IP_RANGE", "by hand")),
                    (6, F("IpRange", "LPDHCP_BOOTP_IP_RANGE", "by hand")),
                    (7, F("IpRange", "LPDHCP_BOOTP_IP_RANGE", "by hand")),
                ),
                masked=(5, 6, 7),
            ),
        ),
        model="ScopeElement",
        by_hand=True,  # A range's model has the type of the element, and a reservation's is made of two structures.
    ),
    Struct(
        "DHCP_SUBNET_ELEMENT_INFO_ARRAY_V5",
        (
            F("NumElements", "DWORD", "count"),
            F("Elements", "LPDHCP_SUBNET_ELEMENT_DATA_V5", "array", count="NumElements"),
        ),
    ),
    Struct(
        "DHCP_IP_RESERVATION_INFO",
        (
            F("ReservedIpAddress", "DHCP_IP_ADDRESS", "ip", "address"),
            F("ReservedForClient", "DHCP_CLIENT_UID", "binary", "client_id"),
            F("ReservedClientName", "LPWSTR", "text", "name"),
            F("ReservedClientDesc", "LPWSTR", "text", "description"),
            F("bAllowedClientTypes", "BYTE", "enum:ClientType", "type"),
            F("fOptionsPresent", "BYTE", "bool", "has_options"),
        ),
        model="Reservation",
    ),
    Struct(
        "DHCP_RESERVATION_INFO_ARRAY",
        (
            F("NumElements", "DWORD", "count"),
            F("Elements", "LPDHCP_IP_RESERVATION_INFO *", "pointers", count="NumElements"),
        ),
    ),
)

SCOPE = (("scope", "scope"),)
ELEMENT = (("scope", "scope"), ("address", "element.address"))
READ, CHANGE = "READ", "CHANGE"
ID = In("SubnetAddress", "ip", py="scope")

FUNCTIONS = (
    Function(
        "DhcpEnumSubnetElementsV5",
        method="enum_elements",
        public=("ranges", "exclusions"),
        opnum=("dhcpsrv2", 38),
        section="3.2.4.39",
        access=READ,
        takes=(
            ID,
            In("EnumElementType", "enum:ElementType", py="element_type"),
            Resume(),
            Maximum(),
            Out("EnumElementInfo", "DHCP_SUBNET_ELEMENT_INFO_ARRAY_V5"),
            Read("ElementsRead"),
            Total("ElementsTotal"),
        ),
        about=SCOPE,
    ),
    Function(
        "DhcpAddSubnetElementV5",
        method="add_element",
        public=("add_range", "add_exclusion", "add_reservation"),
        opnum=("dhcpsrv2", 37),
        section="3.2.4.38",
        access=CHANGE,
        takes=(ID, InStruct("AddElementInfo", "DHCP_SUBNET_ELEMENT_DATA_V5", py="element", const=True)),
        about=ELEMENT,
    ),
    Function(
        "DhcpRemoveSubnetElementV5",
        method="remove_element",
        public=("remove_range", "remove_exclusion", "remove_reservation"),
        opnum=("dhcpsrv2", 39),
        section="3.2.4.40",
        access=CHANGE,
        takes=(
            ID,
            InStruct("RemoveElementInfo", "DHCP_SUBNET_ELEMENT_DATA_V5", py="element", const=True),
            In("ForceFlag", "enum:ForceFlag", py="force"),
        ),
        about=ELEMENT,
    ),
    Function(
        "DhcpV4EnumSubnetReservations",
        method="enum_reservations",
        public=("reservations", "iter_reservations"),
        opnum=("dhcpsrv2", 119),
        section="3.2.4.120",
        access=READ,
        takes=(
            ID,
            Resume(),
            Maximum(),
            Out("EnumElementInfo", "DHCP_RESERVATION_INFO_ARRAY", depth_unsure=True),
            Read("ElementsRead"),
            Total("ElementsTotal"),
        ),
        about=SCOPE,
    ),
    Function(
        "DhcpV4GetFreeIPAddress",
        method="get_free_addresses",
        public="free_addresses",
        opnum=("dhcpsrv2", 120),
        section="3.2.4.121",
        access=READ,
        takes=(
            In("ScopeId", "ip", py="scope"),
            In("StartIP", "ip", py="start"),
            In("EndIP", "ip", py="end"),
            In("NumFreeAddrReq", "num", py="count"),
            # Fewer free addresses than asked for: 20126, and still those that there are.
            Out("IPAddrList", "DHCP_IP_ARRAY", also=20126, fewer_than="count"),
        ),
        about=SCOPE,
    ),
)
