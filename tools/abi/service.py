"""The DHCP Server service: version, attributes, bindings, configuration, counters, audit log and backups."""

from .kinds import Array, Const, Count, F, Function, In, InStruct, Numbers, Out, Struct, Union

STRUCTS = (
    Struct(
        "DHCP_ATTRIB",
        (
            F("DhcpAttribId", "DHCP_ATTRIB_ID", "enum:AttributeId", "id"),
            F("DhcpAttribType", "ULONG"),
            Union(
                "",
                tag="DhcpAttribType",
                py="value",
                arms=((1, F("DhcpAttribBool", "BOOL", "bool")), (2, F("DhcpAttribUlong", "ULONG", "num"))),
            ),
        ),
        model="ServerAttribute",
        by_hand=True,  # The model has no type: it follows from the value.
    ),
    Struct(
        "DHCP_ATTRIB_ARRAY",
        (F("NumElements", "ULONG", "count"), F("DhcpAttribs", "LPDHCP_ATTRIB", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_BIND_ELEMENT",
        (
            F("Flags", "ULONG", "num", "flags"),
            F("fBoundToDHCPServer", "BOOL", "bool", "bound"),
            F("AdapterPrimaryAddress", "DHCP_IP_ADDRESS", "ip", "address"),
            F("AdapterSubnetAddress", "DHCP_IP_ADDRESS", "ip", "subnet"),
            F("IfDescription", "LPWSTR", "text", "description"),
            F("IfIdSize", "ULONG", "count"),
            F("IfId", "BYTE *", "bytes", "interface_id", count="IfIdSize"),
        ),
        model="Binding",
    ),
    Struct(
        "DHCP_BIND_ELEMENT_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_BIND_ELEMENT", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_SERVER_CONFIG_INFO_VQ",
        (
            F("APIProtocolSupport", "DWORD", "flags:ApiProtocols", "api_protocols"),
            F("DatabaseName", "LPWSTR", "text", "database_name"),
            F("DatabasePath", "LPWSTR", "text", "database_path"),
            F("BackupPath", "LPWSTR", "text", "backup_path"),
            F("BackupInterval", "DWORD", "minutes", "backup_interval"),
            F("DatabaseLoggingFlag", "DWORD", "num", "database_logging"),
            F("RestoreFlag", "DWORD", "num", "restore"),
            F("DatabaseCleanupInterval", "DWORD", "minutes", "cleanup_interval"),
            F("DebugFlag", "DWORD", "num", "debug_flags"),
            F("dwPingRetries", "DWORD", "num", "conflict_detection_attempts"),
            F("cbBootTableString", "DWORD", "count"),
            # WCHAR * in the SDK, but counted in bytes.
            F("wszBootTableString", "BYTE *", "block", "boot_table", count="cbBootTableString"),
            F("fAuditLog", "BOOL", "bool", "audit_log"),
            F("QuarantineOn", "BOOL", "bool", "nap_enabled"),
            F("QuarDefFail", "DWORD", "num", "nap_unreachable_action"),
            F("QuarRuntimeStatus", "BOOL", "reserved"),  # 0 since Windows Server 2016
        ),
        model="ServerConfig",
    ),
    Struct(
        "SCOPE_MIB_INFO_V5",
        (
            F("Subnet", "DHCP_IP_ADDRESS", "ip", "scope_id"),
            F("NumAddressesInuse", "DWORD", "num", "addresses_in_use"),
            F("NumAddressesFree", "DWORD", "num", "addresses_free"),
            F("NumPendingOffers", "DWORD", "num", "pending_offers"),
        ),
        model="ScopeCounters",
    ),
    Struct(
        "DHCP_MIB_INFO_V5",
        (
            *(
                F(name, "DWORD", "num", name.lower())
                for name in ("Discovers", "Offers", "Requests", "Acks", "Naks", "Declines", "Releases")
            ),
            F("ServerStartTime", "DATE_TIME", "filetime", "start_time"),
            *(
                F(f"Qtn{name}", "DWORD", "reserved")  # Network Access Protection: 0 since Windows Server 2016
                for name in (
                    "NumLeases",
                    "PctQtnLeases",
                    "ProbationLeases",
                    "NonQtnLeases",
                    "ExemptLeases",
                    "CapableClients",
                    "IASErrors",
                )
            ),
            F("DelayedOffers", "DWORD", "num", "delayed_offers"),
            F("ScopesWithDelayedOffers", "DWORD", "num", "scopes_with_delayed_offers"),
            F("Scopes", "DWORD", "count"),
            F("ScopeInfo", "LPSCOPE_MIB_INFO_V5", "array", "scopes", count="Scopes"),
        ),
        model="ServerCounters",
    ),
)

FLAGS = Const("Flags", "ULONG")

FUNCTIONS = (
    Function(
        "DhcpGetVersion",
        method="get_version",
        opnum=("dhcpsrv", 28),
        section="3.1.4.29",
        access="ANYONE",
        takes=(
            Numbers(
                "ServerVersion", (("MajorVersion", "num", "major", False), ("MinorVersion", "num", "minor", False))
            ),
        ),
    ),
    Function(
        "DhcpServerQueryAttributes",
        method="query_attributes",
        public="get_attributes",
        opnum=("dhcpsrv2", 35),
        section="3.2.4.36",
        access="READ",
        takes=(
            Const("dwReserved", "ULONG"),
            Count("dwAttribCount", py="ids", most=6),
            Array("pDhcpAttribs", "DHCP_ATTRIB_ID", "enum:AttributeId", py="ids"),
            # Ids that the server does not know: 50, and still the values of those that it knows.
            Out("pDhcpAttribArr", "DHCP_ATTRIB_ARRAY", also=50),
        ),
    ),
    Function(
        "DhcpGetServerBindingInfo",
        method="get_bindings",
        public="bindings",
        opnum=("dhcpsrv2", 40),
        section="3.2.4.41",
        access="READ",
        takes=(FLAGS, Out("BindElementsInfo", "DHCP_BIND_ELEMENT_ARRAY")),
    ),
    Function(
        "DhcpServerGetConfigVQ",
        method="get_config",
        opnum=("dhcpsrv", 42),
        section="3.1.4.43",
        access="READ",
        takes=(Out("ConfigInfo", "DHCP_SERVER_CONFIG_INFO_VQ"),),
    ),
    Function(
        "DhcpServerSetConfigVQ",
        method="set_config",
        opnum=("dhcpsrv", 41),
        section="3.1.4.42",
        access="CHANGE",
        takes=(
            In("FieldsToSet", "flags:ConfigFields", py="fields"),
            InStruct("ConfigInfo", "DHCP_SERVER_CONFIG_INFO_VQ", py="values"),
        ),
    ),
    Function(
        "DhcpGetMibInfoV5",
        method="get_counters",
        opnum=("dhcpsrv2", 81),
        section="3.2.4.82",
        access="READ",
        takes=(Out("MibInfo", "DHCP_MIB_INFO_V5"),),
    ),
    Function(
        "DhcpAuditLogGetParams",
        method="get_audit_log",
        opnum=("dhcpsrv2", 33),
        section="3.2.4.34",
        access="READ",
        takes=(
            Const("Flags"),
            Numbers(
                "AuditLog",
                (
                    ("AuditLogDir", "text", "directory", False),
                    ("DiskCheckInterval", "num", "disk_check_interval", False),
                    ("MaxLogFilesSize", "num", "max_size", False),
                    ("MinSpaceOnDisk", "num", "min_disk_space", False),
                ),
            ),
        ),
        by_hand=True,  # It answers a text beside numbers.
    ),
    Function(
        "DhcpAuditLogSetParams",
        method="set_audit_log",
        opnum=("dhcpsrv2", 32),
        section="3.2.4.33",
        access="CHANGE",
        takes=(
            Const("Flags"),
            In("AuditLogDir", "text", py="directory", ref=True),
            In("DiskCheckInterval", "num", py="disk_check_interval"),
            In("MaxLogFilesSize", "num", py="max_size"),
            In("MinSpaceOnDisk", "num", py="min_disk_space"),
        ),
    ),
    Function(
        "DhcpServerBackupDatabase",
        method="backup_database",
        opnum=("dhcpsrv2", 44),
        section="3.2.4.45",
        access="CHANGE",
        takes=(In("Path", "text", py="path", null="none", ref=True),),
    ),
)

LOCAL_STRUCTS = (
    Struct(
        "DHCPDS_SERVER",
        (
            F("Version", "DWORD"),
            F("ServerName", "LPWSTR", "text", "name"),
            F("ServerAddress", "DWORD", "ip", "address"),
            F("Flags", "DWORD"),
            F("State", "DWORD"),
            F("DsLocation", "LPWSTR", "text"),
            F("DsLocType", "DWORD"),
        ),
    ),
    Struct(
        "DHCPDS_SERVERS",
        (
            F("Flags", "DWORD"),
            F("NumElements", "DWORD", "count"),
            F("Servers", "LPDHCPDS_SERVER", "array", count="NumElements"),
        ),
    ),
)

LOCAL = (
    Function(
        "DhcpDsInit", method="", opnum=("", 0), section="", access="ANYONE", takes=(), by_hand=True, local=("void",)
    ),
    Function(
        "DhcpEnumServers",
        method="",
        public="dhcpfo.authorized_servers",
        opnum=("", 0),
        section="",
        access="ANYONE",
        takes=(),
        by_hand=True,
        local=(
            "DWORD Flags",
            "PVOID IdInfo",
            "LPDHCPDS_SERVERS *Servers",
            "PVOID CallbackFn",
            "PVOID CallbackData",
        ),
    ),
)
"""They ask Active Directory for the servers that it lists; the DLL does that itself, so [MS-DHCPM] has none of it."""
