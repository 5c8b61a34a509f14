"""Filters: the allow and deny lists of link-layer addresses."""

from .kinds import F, Filled, Function, In, InStruct, Maximum, Out, Read, Resume, Struct, Total

STRUCTS = (
    Struct(
        "DHCP_ADDR_PATTERN",
        (
            F("MatchHWType", "BOOL", "bool", "match_hardware_type"),
            F("HWType", "BYTE", "num", "hardware_type"),
            F("IsWildcard", "BOOL", "bool", "wildcard"),
            F("Length", "BYTE"),
            F("Pattern", "BYTE[255]", "num", "octets"),
        ),
        model="FilterPattern",
        by_hand=True,  # the length belongs to bytes that lie in the structure
    ),
    # An entry of a list does not say in which list it is: the call did.
    Struct(
        "DHCP_FILTER_RECORD",
        (
            F("AddrPatt", "DHCP_ADDR_PATTERN", "struct", "pattern"),
            F("Comment", "LPWSTR", "text", "comment"),
        ),
        model="Filter",
    ),
    Struct(
        "DHCP_FILTER_ADD_INFO",
        (
            F("AddrPatt", "DHCP_ADDR_PATTERN", "struct", "pattern"),
            F("Comment", "LPWSTR", "text", "comment"),
            F("ListType", "DHCP_FILTER_LIST_TYPE", "enum:FilterList", "filter_list"),
        ),
        model="Filter",
    ),
    Struct(
        "DHCP_FILTER_ENUM_INFO",
        (
            F("NumElements", "DWORD", "count"),
            F("pEnumRecords", "LPDHCP_FILTER_RECORD", "array", count="NumElements"),
        ),
    ),
    Struct(
        "DHCP_FILTER_GLOBAL_INFO",
        (
            F("EnforceAllowList", "BOOL", "bool", "allow"),
            F("EnforceDenyList", "BOOL", "bool", "deny"),
        ),
        model="FilterLists",
    ),
)

CHANGE, READ = "CHANGE", "READ"

FUNCTIONS = (
    Function(
        "DhcpEnumFilterV4",
        method="enum_filters",
        public="filters",
        opnum=("dhcpsrv2", 86),
        section="3.2.4.87",
        access=READ,
        takes=(
            Resume(struct="DHCP_ADDR_PATTERN"),
            Maximum(),
            In("ListType", "enum:FilterList", py="filter_list"),
            Out("EnumFilterInfo", "DHCP_FILTER_ENUM_INFO"),
            Read("ElementsRead"),
            Total("ElementsTotal"),
        ),
        by_hand=True,  # the handle is a structure
    ),
    Function(
        "DhcpAddFilterV4",
        method="create_filter",
        opnum=("dhcpsrv2", 82),
        section="3.2.4.83",
        access=CHANGE,
        takes=(InStruct("AddFilterInfo", "DHCP_FILTER_ADD_INFO", py="entry"), In("ForceFlag", "bool", py="overwrite")),
    ),
    Function(
        "DhcpDeleteFilterV4",
        method="delete_filter",
        opnum=("dhcpsrv2", 83),
        section="3.2.4.84",
        access=CHANGE,
        takes=(InStruct("DeleteFilterInfo", "DHCP_ADDR_PATTERN", py="pattern"),),
    ),
    Function(
        "DhcpSetFilterV4",
        method="set_filter_lists",
        opnum=("dhcpsrv2", 84),
        section="3.2.4.85",
        access=CHANGE,
        takes=(InStruct("GlobalFilterInfo", "DHCP_FILTER_GLOBAL_INFO", py="lists"),),
    ),
    Function(
        "DhcpGetFilterV4",
        method="get_filter_lists",
        opnum=("dhcpsrv2", 85),
        section="3.2.4.86",
        access=READ,
        takes=(Filled("GlobalFilterInfo", "DHCP_FILTER_GLOBAL_INFO", model="FilterLists"),),
        by_hand=True,  # the answer goes into a structure of the caller
    ),
)
