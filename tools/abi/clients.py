"""Clients: the records of leases."""

from .kinds import F, Function, In, InStruct, Maximum, Out, Read, Resume, Struct, Total

RECORD = (
    F("ClientIpAddress", "DHCP_IP_ADDRESS", "ip", "address"),
    F("SubnetMask", "DHCP_IP_MASK", "ip", "subnet_mask"),
    F("ClientHardwareAddress", "DHCP_CLIENT_UID", "binary", "client_id"),
    F("ClientName", "LPWSTR", "text", "name"),
    F("ClientComment", "LPWSTR", "text", "comment"),
    F("ClientLeaseExpires", "DATE_TIME", "filetime", "lease_expires"),
    F("OwnerHost", "DHCP_HOST_INFO", "struct", "owner"),
    F("bClientType", "BYTE", "enum:ClientType", "client_type"),
)
"""The fields with which every structure for a client's record begins."""

STRUCTS = (
    Struct(
        "DHCP_CLIENT_INFO_PB",
        (
            *RECORD,
            F("AddressState", "BYTE", "num", "address_state"),
            F("Status", "QuarantineStatus", "enum:QuarantineStatus", "quarantine_status"),
            F("ProbationEnds", "DATE_TIME", "filetime", "probation_ends"),
            F("QuarantineCapable", "BOOL", "bool", "quarantine_capable"),
            F("FilterStatus", "DWORD", "enum:FilterStatus", "filter_status"),
            F("PolicyName", "LPWSTR", "text", "policy_name"),
        ),
        model="Client",
    ),
    Struct(
        "DHCP_CLIENT_INFO_PB_ARRAY",
        (
            F("NumElements", "DWORD", "count"),
            F("Clients", "LPDHCP_CLIENT_INFO_PB *", "pointers", count="NumElements"),
        ),
    ),
    Struct("DHCP_CLIENT_INFO_V4", RECORD, model="ClientValues"),
)

CHANGE, READ = "CHANGE", "READ"
SEARCH = InStruct("SearchInfo", "DHCP_SEARCH_INFO", py="search", const=True)
ADDRESS = (("address", "search.address"),)

FUNCTIONS = (
    Function(
        "DhcpV4EnumSubnetClients",
        method="enum_clients",
        public="clients",
        opnum=("dhcpsrv2", 115),
        section="3.2.4.116",
        access=READ,
        takes=(
            In("SubnetAddress", "ip", py="scope"),
            Resume(),
            Maximum(),
            Out("ClientInfo", "DHCP_CLIENT_INFO_PB_ARRAY"),
            Read("ClientsRead"),
            Total("ClientsTotal"),
        ),
        about=(("scope", "scope"),),
    ),
    Function(
        "DhcpV4GetClientInfo",
        method="get_client",
        opnum=("dhcpsrv2", 123),
        section="3.2.4.124",
        access=READ,
        takes=(SEARCH, Out("ClientInfo", "DHCP_CLIENT_INFO_PB")),
        about=ADDRESS,
    ),
    Function(
        "DhcpV4CreateClientInfo",
        method="create_client",
        opnum=("dhcpsrv2", 122),
        section="3.2.4.123",
        access=CHANGE,
        takes=(InStruct("ClientInfo", "DHCP_CLIENT_INFO_PB", py="client"),),
        about=(("address", "client.address"),),
    ),
    Function(
        "DhcpSetClientInfoV4",
        method="set_client",
        opnum=("dhcpsrv", 33),
        section="3.1.4.34",
        access=CHANGE,
        takes=(InStruct("ClientInfo", "DHCP_CLIENT_INFO_V4", py="values", const=True),),
        about=(("address", "values.address"),),
    ),
    Function(
        "DhcpDeleteClientInfo",
        method="delete_client",
        opnum=("dhcpsrv", 19),
        section="3.1.4.20",
        access=CHANGE,
        takes=(InStruct("ClientInfo", "DHCP_SEARCH_INFO", py="search", const=True),),
        about=ADDRESS,
    ),
)
