"""Scopes: their properties, states, delay of offers and superscopes."""

from .kinds import F, Function, In, InStruct, Maximum, Numbers, Out, Read, Resume, Struct, Total

STRUCTS = (
    Struct(
        "DHCP_SUBNET_INFO_VQ",
        (
            F("SubnetAddress", "DHCP_IP_ADDRESS", "ip", "scope_id"),
            F("SubnetMask", "DHCP_IP_MASK", "ip", "subnet_mask"),
            F("SubnetName", "LPWSTR", "text", "name"),
            F("SubnetComment", "LPWSTR", "text", "comment"),
            F("PrimaryHost", "DHCP_HOST_INFO", "struct", "primary_host"),
            F("SubnetState", "DHCP_SUBNET_STATE", "enum:ScopeState", "state"),
            F("QuarantineOn", "DWORD", "num", "quarantine"),
            F("Reserved1", "DWORD", "reserved"),
            F("Reserved2", "DWORD", "reserved"),
            F("Reserved3", "DWORDLONG", "reserved"),  # INT64 in the SDK: the same size and alignment
            F("Reserved4", "DWORDLONG", "reserved"),
        ),
        model="Scope",
    ),
    Struct(
        "DHCP_SUPER_SCOPE_TABLE_ENTRY",
        (
            F("SubnetAddress", "DHCP_IP_ADDRESS", "ip", "scope_id"),
            F("SuperScopeNumber", "DWORD", "num", "number"),
            F("NextInSuperScope", "DWORD", "reserved"),  # an index or an address: the documents disagree
            F("SuperScopeName", "LPWSTR", "text", "name"),
        ),
        model="SuperscopeEntry",
    ),
    Struct(
        "DHCP_SUPER_SCOPE_TABLE",
        (
            F("cEntries", "DWORD", "count"),
            F("pEntries", "DHCP_SUPER_SCOPE_TABLE_ENTRY *", "array", count="cEntries"),
        ),
    ),
)

SCOPE = (("scope", "scope"),)
READ, CHANGE = "READ", "CHANGE"
ID = In("SubnetAddress", "ip", py="scope")
INFO = InStruct("SubnetInfo", "DHCP_SUBNET_INFO_VQ", py="info", const=True)

FUNCTIONS = (
    Function(
        "DhcpEnumSubnets",
        method="enum_scopes",
        public="scopes",
        opnum=("dhcpsrv", 3),
        section="3.1.4.4",
        access=READ,
        takes=(Resume(), Maximum(), Out("EnumInfo", "DHCP_IP_ARRAY"), Read("ElementsRead"), Total("ElementsTotal")),
    ),
    Function(
        "DhcpGetSubnetInfoVQ",
        method="get_scope",
        opnum=("dhcpsrv", 49),
        section="3.1.4.50",
        access=READ,
        takes=(ID, Out("SubnetInfo", "DHCP_SUBNET_INFO_VQ")),
        about=SCOPE,
    ),
    Function(
        "DhcpCreateSubnetVQ",
        method="create_scope",
        opnum=("dhcpsrv", 48),
        section="3.1.4.49",
        access=CHANGE,
        takes=(ID, INFO),
        about=SCOPE,
    ),
    Function(
        "DhcpSetSubnetInfoVQ",
        method="set_scope",
        opnum=("dhcpsrv", 50),
        section="3.1.4.51",
        access=CHANGE,
        takes=(ID, INFO),
        about=SCOPE,
    ),
    Function(
        "DhcpDeleteSubnet",
        method="delete_scope",
        opnum=("dhcpsrv", 7),
        section="3.1.4.8",
        access=CHANGE,
        takes=(ID, In("ForceFlag", "enum:ForceFlag", py="force")),
        about=SCOPE,
    ),
    Function(
        "DhcpGetSubnetDelayOffer",
        method="get_scope_delay",
        opnum=("dhcpsrv2", 80),
        section="3.2.4.81",
        access=READ,
        takes=(ID, Numbers("timedelta", (("TimeDelayInMilliseconds", "milliseconds", "", False),))),
        about=SCOPE,
    ),
    Function(
        "DhcpSetSubnetDelayOffer",
        method="set_scope_delay",
        opnum=("dhcpsrv2", 79),
        section="3.2.4.80",
        access=CHANGE,
        takes=(ID, In("TimeDelayInMilliseconds", "milliseconds", py="delay")),
        about=SCOPE,
    ),
    Function(
        "DhcpGetSuperScopeInfoV4",
        method="get_superscope_table",
        public="superscopes",
        opnum=("dhcpsrv", 37),
        section="3.1.4.38",
        access=READ,
        takes=(Out("SuperScopeTable", "DHCP_SUPER_SCOPE_TABLE", empty=True),),
    ),
    Function(
        "DhcpSetSuperScopeV4",
        method="set_superscope",
        opnum=("dhcpsrv", 36),
        section="3.1.4.37",
        access=CHANGE,
        takes=(ID, In("SuperScopeName", "text", py="name", null="optional"), In("ChangeExisting", "bool", py="move")),
        about=SCOPE,
    ),
    Function(
        "DhcpDeleteSuperScopeV4",
        method="delete_superscope",
        opnum=("dhcpsrv", 38),
        section="3.1.4.39",
        access=CHANGE,
        takes=(In("SuperScopeName", "text", py="name", null="none", ref=True),),
    ),
)
