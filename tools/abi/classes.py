"""User and vendor classes."""

from .kinds import Const, F, Function, In, InStruct, Maximum, Out, Read, Resume, Struct, Total

STRUCTS = (
    Struct(
        "DHCP_CLASS_INFO",
        (
            F("ClassName", "LPWSTR", "text", "name"),
            F("ClassComment", "LPWSTR", "text", "description"),
            F("ClassDataLength", "DWORD", "count"),
            F("IsVendor", "BOOL", "bool", "is_vendor"),
            F("Flags", "DWORD", "num", "flags"),
            F("ClassData", "BYTE *", "bytes", "data", count="ClassDataLength"),
        ),
        model="DhcpClass",
    ),
    Struct(
        "DHCP_CLASS_INFO_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Classes", "LPDHCP_CLASS_INFO", "array", count="NumElements")),
    ),
)

CHANGE, READ = "CHANGE", "READ"
RESERVED = Const("ReservedMustBeZero", checked=False)
CLASS = InStruct("ClassInfo", "DHCP_CLASS_INFO", py="info")

FUNCTIONS = (
    Function(
        "DhcpEnumClasses",
        method="enum_classes",
        public="classes",
        opnum=("dhcpsrv2", 28),
        section="3.2.4.29",
        access=READ,
        takes=(
            RESERVED,
            Resume(),
            Maximum(),
            Out("ClassInfoArray", "DHCP_CLASS_INFO_ARRAY"),
            Read("nRead"),
            Total("nTotal"),
        ),
    ),
    Function(
        "DhcpGetClassInfo",
        method="get_class",
        opnum=("dhcpsrv2", 27),
        section="3.2.4.28",
        access=READ,
        takes=(
            RESERVED,
            InStruct("PartialClassInfo", "DHCP_CLASS_INFO", py="info"),
            Out("FilledClassInfo", "DHCP_CLASS_INFO"),
        ),
    ),
    Function(
        "DhcpCreateClass",
        method="create_class",
        opnum=("dhcpsrv2", 24),
        section="3.2.4.25",
        access=CHANGE,
        takes=(RESERVED, CLASS),
    ),
    Function(
        "DhcpModifyClass",
        method="modify_class",
        public="set_class",
        opnum=("dhcpsrv2", 25),
        section="3.2.4.26",
        access=CHANGE,
        takes=(RESERVED, CLASS),
    ),
    Function(
        "DhcpDeleteClass",
        method="delete_class",
        opnum=("dhcpsrv2", 26),
        section="3.2.4.27",
        access=CHANGE,
        takes=(RESERVED, In("ClassName", "text", py="name")),
    ),
)
