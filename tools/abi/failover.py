"""The thirteen failover functions, and the structures that several families share."""

from .kinds import F, Function, In, InStruct, Maximum, Numbers, Out, Parts, Read, Resume, Struct, Total, Union

STRUCTS = (
    Struct("DATE_TIME", (F("dwLowDateTime", "DWORD"), F("dwHighDateTime", "DWORD"))),
    Struct(
        "DHCP_IP_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_IP_ADDRESS", "ip", count="NumElements")),
    ),
    Struct(
        "DHCP_BINARY_DATA",
        (F("DataLength", "DWORD", "count"), F("Data", "BYTE *", "bytes", count="DataLength")),
    ),
    Struct(
        "DHCP_HOST_INFO",
        (
            F("IpAddress", "DHCP_IP_ADDRESS", "ip", "address"),
            F("NetBiosName", "LPWSTR", "text", "netbios_name"),
            F("HostName", "LPWSTR", "text", "host_name"),
        ),
        model="HostInfo",
        by_hand=True,  # the last ones are kept
    ),
    Struct(
        "DHCP_SEARCH_INFO",
        (
            F("SearchType", "DHCP_SEARCH_INFO_TYPE", "enum:SearchType", "type"),
            Union(
                "SearchInfo",
                tag="SearchType",
                py="value",
                arms=(
                    (0, F("ClientIpAddress", "DHCP_IP_ADDRESS", "ip")),
                    (1, F("ClientHardwareAddress", "DHCP_CLIENT_UID", "binary")),
                    (2, F("ClientName", "LPWSTR", "text")),
                ),
                refuse=True,
            ),
        ),
        model="ClientSearch",
    ),
    Struct(
        "DHCP_FAILOVER_RELATIONSHIP",
        (
            F("PrimaryServer", "DHCP_IP_ADDRESS", "ip", "primary_server"),
            F("SecondaryServer", "DHCP_IP_ADDRESS", "ip", "secondary_server"),
            F("Mode", "DHCP_FAILOVER_MODE", "enum:FailoverMode", "mode"),
            F("ServerType", "DHCP_FAILOVER_SERVER", "enum:ServerType", "server_type"),
            F("State", "FSM_STATE", "enum:FailoverState", "state"),
            F("PrevState", "FSM_STATE", "enum:FailoverState", "previous_state"),
            F("Mclt", "DWORD", "seconds", "mclt"),
            F("SafePeriod", "DWORD", "interval", "state_switch_interval"),
            F("RelationshipName", "LPWSTR", "name", "name"),
            F("PrimaryServerName", "LPWSTR", "text", "primary_server_name"),
            F("SecondaryServerName", "LPWSTR", "text", "secondary_server_name"),
            F("pScopes", "LPDHCP_IP_ARRAY", "addresses", "scopes"),
            F("Percentage", "BYTE", "num", "percentage"),
            F("SharedSecret", "LPWSTR", "secret", "shared_secret"),
        ),
        model="Relationship",
    ),
    Struct(
        "DHCP_FAILOVER_RELATIONSHIP_VALUES",
        (
            F("Mclt", "DWORD", "seconds", "mclt"),
            F("SafePeriod", "DWORD", "interval", "state_switch_interval"),
            F("State", "FSM_STATE", "enum:FailoverState", "state"),
            F("PrevState", "FSM_STATE", "enum:FailoverState", "previous_state"),
            F("Mode", "DHCP_FAILOVER_MODE", "enum:FailoverMode", "mode"),
            F("Percentage", "BYTE", "num", "percentage"),
            F("SharedSecret", "LPWSTR", "secret", "shared_secret"),
        ),
        model="RelationshipValues",
        c="DHCP_FAILOVER_RELATIONSHIP",
    ),
    Struct(
        "DHCP_FAILOVER_RELATIONSHIP_ARRAY",
        (
            F("NumElements", "DWORD", "count"),
            F("pRelationships", "LPDHCP_FAILOVER_RELATIONSHIP", "array", count="NumElements"),
        ),
    ),
    Struct(
        "DHCP_FAILOVER_STATISTICS",
        (
            F("NumAddr", "DWORD", "num", "addresses_total"),
            F("AddrFree", "DWORD", "num", "addresses_free"),
            F("AddrInUse", "DWORD", "num", "addresses_in_use"),
            F("PartnerAddrFree", "DWORD", "num", "addresses_free_on_partner_server"),
            F("ThisAddrFree", "DWORD", "num", "addresses_free_on_this_server"),
            F("PartnerAddrInUse", "DWORD", "num", "addresses_in_use_on_partner_server"),
            F("ThisAddrInUse", "DWORD", "num", "addresses_in_use_on_this_server"),
        ),
        model="ScopeStatistics",
    ),
    Struct(
        "DHCPV4_FAILOVER_CLIENT_INFO",
        (
            F("ClientIpAddress", "DHCP_IP_ADDRESS", "ip", "address"),
            F("SubnetMask", "DHCP_IP_MASK", "ip", "subnet_mask"),
            F("ClientHardwareAddress", "DHCP_CLIENT_UID", "binary", "client_id"),
            F("ClientName", "LPWSTR", "text", "name"),
            F("ClientComment", "LPWSTR", "text", "comment"),
            F("ClientLeaseExpires", "DATE_TIME", "filetime", "lease_expires"),
            F("OwnerHost", "DHCP_HOST_INFO", "struct", "owner"),
            F("bClientType", "BYTE", "enum:ClientType", "client_type"),
            F("AddressState", "BYTE", "num", "address_state"),
            F("Status", "QuarantineStatus", "enum:QuarantineStatus", "quarantine_status"),
            F("ProbationEnds", "DATE_TIME", "filetime", "probation_ends"),
            F("QuarantineCapable", "BOOL", "bool", "quarantine_capable"),
            F("SentPotExpTime", "DWORD", "unix", "potential_expiration_sent"),
            F("AckPotExpTime", "DWORD", "unix", "potential_expiration_acknowledged"),
            F("RecvPotExpTime", "DWORD", "unix", "potential_expiration_received"),
            F("StartTime", "DWORD", "unix", "start_time"),
            F("CltLastTransTime", "DWORD", "unix", "last_transaction"),
            F("LastBndUpdTime", "DWORD", "unix", "last_binding_update"),
            F("BndMsgStatus", "DWORD", "num", "binding_status"),
            F("PolicyName", "LPWSTR", "text", "policy_name"),
            F("Flags", "BYTE", "num", "flags"),
        ),
        model="FailoverClient",
    ),
)

CHANGE, READ, ANYONE = "CHANGE", "READ", "ANYONE"
NAME = (("relationship", "name"),)
SCOPE = (("scope", "scope"),)
MEMBERS = (("relationship", "name"), ("scope", "the_only(scopes)"))
SCOPES_OF = Parts(
    "pRelationship",
    "DHCP_FAILOVER_RELATIONSHIP",
    fields=(("RelationshipName", "name"), ("pScopes", "scopes")),
    needed="RelationshipName",
)

FUNCTIONS = (
    Function(
        "DhcpV4FailoverCreateRelationship",
        method="create_relationship",
        opnum=("dhcpsrv2", 89),
        section="3.2.4.90",
        access=CHANGE,
        takes=(InStruct("pRelationship", "DHCP_FAILOVER_RELATIONSHIP", py="relationship", null="zeros"),),
        about=(("relationship", "relationship.name"),),
    ),
    Function(
        "DhcpV4FailoverSetRelationship",
        method="set_relationship",
        opnum=("dhcpsrv2", 90),
        section="3.2.4.91",
        access=CHANGE,
        takes=(
            In("Flags", "flags:RelationshipFlags", py="flags"),
            Parts(
                "pRelationship",
                "DHCP_FAILOVER_RELATIONSHIP",
                fields=(("RelationshipName", "name"),),
                needed="RelationshipName",
                rest=("DHCP_FAILOVER_RELATIONSHIP_VALUES", "values"),
            ),
        ),
        order=("name", "flags", "values"),
        about=NAME,
    ),
    Function(
        "DhcpV4FailoverDeleteRelationship",
        method="delete_relationship",
        opnum=("dhcpsrv2", 91),
        section="3.2.4.92",
        access=CHANGE,
        takes=(In("pRelationshipName", "text", py="name"),),
        about=NAME,
    ),
    Function(
        "DhcpV4FailoverGetRelationship",
        method="get_relationship",
        opnum=("dhcpsrv2", 92),
        section="3.2.4.93",
        access=READ,
        takes=(In("pRelationshipName", "text", py="name"), Out("pRelationship", "DHCP_FAILOVER_RELATIONSHIP")),
        about=NAME,
    ),
    Function(
        "DhcpV4FailoverEnumRelationship",
        method="enum_relationships",
        public="relationships",
        opnum=("dhcpsrv2", 93),
        section="3.2.4.94",
        access=READ,
        takes=(
            Resume(),
            Maximum(),
            Out("pRelationship", "DHCP_FAILOVER_RELATIONSHIP_ARRAY"),
            Read("RelationshipRead"),
            Total("RelationshipTotal"),
        ),
    ),
    Function(
        "DhcpV4FailoverAddScopeToRelationship",
        method="add_failover_scopes",
        opnum=("dhcpsrv2", 94),
        section="3.2.4.95",
        access=CHANGE,
        takes=(SCOPES_OF,),
        about=MEMBERS,
    ),
    Function(
        "DhcpV4FailoverDeleteScopeFromRelationship",
        method="remove_failover_scopes",
        opnum=("dhcpsrv2", 95),
        section="3.2.4.96",
        access=CHANGE,
        takes=(SCOPES_OF,),
        about=MEMBERS,
    ),
    Function(
        "DhcpV4FailoverGetScopeRelationship",
        method="get_scope_relationship",
        opnum=("dhcpsrv2", 96),
        section="3.2.4.97",
        access=READ,
        takes=(In("ScopeId", "ip", py="scope"), Out("pRelationship", "DHCP_FAILOVER_RELATIONSHIP")),
        about=SCOPE,
    ),
    Function(
        "DhcpV4FailoverGetScopeStatistics",
        method="get_scope_statistics",
        opnum=("dhcpsrv2", 97),
        section="3.2.4.98",
        access=READ,
        takes=(In("ScopeId", "ip", py="scope"), Out("pStats", "DHCP_FAILOVER_STATISTICS")),
        about=SCOPE,
    ),
    Function(
        "DhcpV4FailoverGetClientInfo",
        method="get_failover_client",
        opnum=("dhcpsrv2", 98),
        section="3.2.4.99",
        access=READ,
        takes=(
            InStruct("SearchInfo", "DHCP_SEARCH_INFO", py="search", const=True),
            Out("ClientInfo", "DHCPV4_FAILOVER_CLIENT_INFO"),
        ),
        about=(("address", "search.address"),),
    ),
    # The DLL's function has a parameter more than the protocol's: the second number.
    Function(
        "DhcpV4FailoverGetSystemTime",
        method="get_system_time",
        opnum=("dhcpsrv2", 99),
        section="3.2.4.100",
        access=ANYONE,
        takes=(
            Numbers(
                "SystemTime",
                (
                    ("pTime", "clock", "time", False),
                    ("pMaxAllowedDeltaTime", "seconds", "max_allowed_difference", True),
                ),
                unsent=("pMaxAllowedDeltaTime",),
            ),
        ),
    ),
    Function(
        "DhcpV4FailoverGetAddressStatus",
        method="get_address_status",
        opnum=("dhcpsrv2", 125),
        section="3.2.4.126",
        access=READ,
        takes=(
            In("SubnetAddress", "ip", py="address"),
            Numbers("AddressStatus", (("pStatus", "enum:AddressStatus", "", False),)),
        ),
        about=(("address", "address"),),
    ),
    Function(
        "DhcpV4FailoverTriggerAddrAllocation",
        method="trigger_address_allocation",
        opnum=("dhcpsrv2", 100),
        section="3.2.4.101",
        access=CHANGE,
        takes=(In("pFailRelName", "text", py="name", null="none"),),
        about=NAME,
    ),
)
