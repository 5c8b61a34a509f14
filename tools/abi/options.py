"""Options: definitions, and values on server, scope, reservation and policy level."""

from .kinds import Const, F, Function, In, InStruct, Maximum, Out, Parameter, Read, Resume, Struct, Total, Union

STRUCTS = (
    Struct("DWORD_DWORD", (F("DWord1", "DWORD"), F("DWord2", "DWORD"))),
    Struct(
        "DHCP_OPTION_DATA_ELEMENT",
        (
            F("OptionType", "DHCP_OPTION_DATA_TYPE", "enum:OptionType"),
            Union(
                "Element",
                tag="OptionType",
                py="value",
                arms=(
                    (0, F("ByteOption", "BYTE")),
                    (1, F("WordOption", "WORD")),
                    (2, F("DWordOption", "DWORD")),
                    (3, F("DWordDWordOption", "DWORD_DWORD", "struct")),
                    (4, F("IpAddressOption", "DHCP_IP_ADDRESS", "ip")),
                    (5, F("StringDataOption", "LPWSTR", "text")),
                    (6, F("BinaryDataOption", "DHCP_BINARY_DATA", "binary")),
                    (7, F("EncapsulatedDataOption", "DHCP_BINARY_DATA", "binary")),
                    (8, F("Ipv6AddressDataOption", "LPWSTR", "text")),
                ),
            ),
        ),
        model="OptionElement",
        by_hand=True,  # Elements of one type become a tuple of values.
        slots=("type", "value"),
    ),
    Struct(
        "DHCP_OPTION_DATA",
        (
            F("NumElements", "DWORD", "count"),
            F("Elements", "LPDHCP_OPTION_DATA_ELEMENT", "by hand", count="NumElements"),
        ),
        model="OptionData",
        by_hand=True,
        slots=("type", "values"),
    ),
    Struct(
        "DHCP_OPTION",
        (
            F("OptionID", "DHCP_OPTION_ID"),
            F("OptionName", "LPWSTR", "text"),
            F("OptionComment", "LPWSTR", "text"),
            F("DefaultValue", "DHCP_OPTION_DATA", "struct"),
            F("OptionType", "DHCP_OPTION_TYPE", "bool"),
        ),
        model="OptionDefinition",
        by_hand=True,
        slots=("id", "name", "description", "type", "default", "multivalued", "vendor_class", "user_class"),
    ),
    Struct(
        "DHCP_OPTION_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Options", "LPDHCP_OPTION", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_VENDOR_OPTION",
        (
            F("Option", "DHCP_OPTION", "struct", "definition"),
            F("VendorName", "LPWSTR", "text", "vendor_class"),
            F("ClassName", "LPWSTR", "text", "user_class"),
        ),
        model="VendorOption",
        anonymous=True,
    ),
    Struct(
        "DHCP_ALL_OPTIONS",
        (
            F("Flags", "DWORD", "reserved"),
            F("NonVendorOptions", "LPDHCP_OPTION_ARRAY", "pointer", "standard"),
            F("NumVendorOptions", "DWORD", "count"),
            F("VendorOptions", "LPDHCP_VENDOR_OPTION", "array", "vendor", count="NumVendorOptions"),
        ),
        model="AllOptions",
    ),
    Struct(
        "DHCP_OPTION_VALUE",
        (F("OptionID", "DHCP_OPTION_ID"), F("Value", "DHCP_OPTION_DATA", "struct")),
        model="OptionValue",
        by_hand=True,
        slots=("id", "type", "values", "vendor_class", "user_class", "policy"),
    ),
    Struct(
        "DHCP_OPTION_VALUE_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Values", "LPDHCP_OPTION_VALUE", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_CLASS_OPTION_VALUES",
        (
            F("ClassName", "LPWSTR", "text", "user_class"),
            F("VendorName", "LPWSTR", "text", "vendor_class"),
            F("IsVendor", "BOOL", "bool", "is_vendor"),
            F("OptionsArray", "LPDHCP_OPTION_VALUE_ARRAY", "pointer", "values"),
        ),
        model="ClassOptionValues",
        anonymous=True,
    ),
    Struct(
        "DHCP_ALL_OPTION_VALUES",
        (
            F("Flags", "DWORD", "reserved"),
            F("NumElements", "DWORD", "count"),
            F("Options", "LPDHCP_CLASS_OPTION_VALUES", "array", count="NumElements"),
        ),
    ),
    Struct(
        "DHCP_POLICY_OPTION_VALUES",
        (
            F("PolicyName", "LPWSTR", "text", "policy"),
            F("VendorName", "LPWSTR", "text", "vendor_class"),
            F("IsVendor", "BOOL", "bool", "is_vendor"),
            F("OptionsArray", "LPDHCP_OPTION_VALUE_ARRAY", "pointer", "values"),
        ),
        model="PolicyOptionValues",
        anonymous=True,
    ),
    Struct(
        "DHCP_ALL_OPTION_VALUES_PB",
        (
            F("Flags", "DWORD", "reserved"),
            F("NumElements", "DWORD", "count"),
            F("Options", "LPDHCP_POLICY_OPTION_VALUES", "array", count="NumElements"),
        ),
    ),
    Struct(
        "DHCP_RESERVED_SCOPE",
        (F("ReservedIpAddress", "DHCP_IP_ADDRESS", "ip"), F("ReservedIpSubnetAddress", "DHCP_IP_ADDRESS", "ip")),
    ),
    Struct(
        "DHCP_OPTION_SCOPE_INFO",
        (
            F("ScopeType", "DHCP_OPTION_SCOPE_TYPE", "enum:OptionLevelType"),
            Union(
                "ScopeInfo",
                tag="ScopeType",
                py="scope",
                arms=(
                    (0, F("DefaultScopeInfo", "PVOID", "reserved")),
                    (1, F("GlobalScopeInfo", "PVOID", "reserved")),
                    (2, F("SubnetScopeInfo", "DHCP_IP_ADDRESS", "ip")),
                    (3, F("ReservedScopeInfo", "DHCP_RESERVED_SCOPE", "struct")),
                    (4, F("MScopeInfo", "LPWSTR", "text")),
                ),
            ),
        ),
        model="OptionLevel",
        by_hand=True,  # The arm of a reservation has two fields.
        slots=("type", "scope", "reservation"),
    ),
)

CHANGE, READ = "CHANGE", "READ"
FLAGS = In("Flags", "num", py="flags")
ID = In("OptionID", "num", py="option")
USER = In("ClassName", "text", py="user_class", null="optional")
VENDOR = In("VendorName", "text", py="vendor_class", null="optional")
POLICY = In("PolicyName", "text", py="policy", null="optional")
LEVEL = InStruct("ScopeInfo", "DHCP_OPTION_SCOPE_INFO", py="level")
VALUES = InStruct("OptionValues", "DHCP_OPTION_VALUE_ARRAY", py="values")
DATA = InStruct("OptionValue", "DHCP_OPTION_DATA", py="data")
DEFINITION = InStruct("OptionInfo", "DHCP_OPTION", py="definition")
CLASSES = ("flags", "user_class", "vendor_class")
AT = (("scope", "level.scope"),)


def row(
    name: str,
    method: str,
    public: str,
    opnum: int,
    access: str,
    takes: tuple[Parameter, ...],
    order: tuple[str, ...] | None = None,
) -> Function:
    """Return the row of a function; all are in one interface, and their sections follow their numbers."""
    return Function(
        name,
        method=method,
        public=public,
        opnum=("dhcpsrv2", opnum),
        section=f"3.2.4.{opnum + 1}",
        access=access,
        takes=takes,
        order=order,
        about=AT if LEVEL in takes else (),
    )


def pages(*takes: Parameter, answer: str) -> tuple[Parameter, ...]:
    """Return the parameters of an enumeration."""
    return *takes, Resume(), Maximum(), Out("Options", answer), Read("OptionsRead"), Total("OptionsTotal")


FUNCTIONS: tuple[Function, ...] = (
    row(
        "DhcpGetAllOptions",
        "get_all_options",
        "option_definitions",
        29,
        READ,
        (Const("Flags"), Out("OptionStruct", "DHCP_ALL_OPTIONS")),
    ),
    row(
        "DhcpEnumOptionsV5",
        "enum_options",
        "iter_option_definitions",
        17,
        READ,
        pages(FLAGS, USER, VENDOR, answer="DHCP_OPTION_ARRAY"),
    ),
    row(
        "DhcpGetOptionInfoV5",
        "get_option",
        "get_option_definition",
        16,
        READ,
        (FLAGS, ID, USER, VENDOR, Out("OptionInfo", "DHCP_OPTION")),
        ("option", *CLASSES),
    ),
    row(
        "DhcpCreateOptionV5",
        "create_option",
        "create_option_definition",
        14,
        CHANGE,
        (FLAGS, ID, USER, VENDOR, DEFINITION),
        ("option", *CLASSES, "definition"),
    ),
    row(
        "DhcpSetOptionInfoV5",
        "set_option",
        "set_option_definition",
        15,
        CHANGE,
        (FLAGS, ID, USER, VENDOR, DEFINITION),
        ("option", *CLASSES, "definition"),
    ),
    row(
        "DhcpRemoveOptionV5",
        "remove_option",
        "delete_option_definition",
        18,
        CHANGE,
        (FLAGS, ID, USER, VENDOR),
        ("option", *CLASSES),
    ),
    row(
        "DhcpGetAllOptionValues",
        "get_all_option_values",
        "option_values",
        30,
        READ,
        (Const("Flags", checked=False), LEVEL, Out("Values", "DHCP_ALL_OPTION_VALUES")),
    ),
    row(
        "DhcpEnumOptionValuesV5",
        "enum_option_values",
        "iter_option_values",
        22,
        READ,
        pages(FLAGS, USER, VENDOR, LEVEL, answer="DHCP_OPTION_VALUE_ARRAY"),
        ("level", *CLASSES),
    ),
    row(
        "DhcpGetOptionValueV5",
        "get_option_value",
        "get_option_value",
        21,
        READ,
        (FLAGS, ID, USER, VENDOR, LEVEL, Out("OptionValue", "DHCP_OPTION_VALUE")),
        ("option", "level", *CLASSES),
    ),
    row(
        "DhcpSetOptionValueV5",
        "set_option_value",
        "set_option_value",
        19,
        CHANGE,
        (FLAGS, ID, USER, VENDOR, LEVEL, DATA),
        ("option", "level", *CLASSES, "data"),
    ),
    row(
        "DhcpSetOptionValuesV5",
        "set_option_values",
        "set_option_values",
        20,
        CHANGE,
        (FLAGS, USER, VENDOR, LEVEL, VALUES),
        ("level", *CLASSES, "values"),
    ),
    row(
        "DhcpRemoveOptionValueV5",
        "remove_option_value",
        "delete_option_value",
        23,
        CHANGE,
        (FLAGS, ID, USER, VENDOR, LEVEL),
        ("option", "level", *CLASSES),
    ),
    row(
        "DhcpV4GetAllOptionValues",
        "get_all_policy_option_values",
        "policy_option_values",
        105,
        READ,
        (Const("Flags"), LEVEL, Out("Values", "DHCP_ALL_OPTION_VALUES_PB")),
    ),
    row(
        "DhcpV4GetOptionValue",
        "get_policy_option_value",
        "get_option_value",
        103,
        READ,
        (FLAGS, ID, POLICY, VENDOR, LEVEL, Out("OptionValue", "DHCP_OPTION_VALUE")),
        ("option", "level", "flags", "policy", "vendor_class"),
    ),
    row(
        "DhcpV4SetOptionValue",
        "set_policy_option_value",
        "set_option_value",
        101,
        CHANGE,
        (FLAGS, ID, POLICY, VENDOR, LEVEL, DATA),
        ("option", "level", "flags", "policy", "vendor_class", "data"),
    ),
    row(
        "DhcpV4SetOptionValues",
        "set_policy_option_values",
        "set_option_values",
        102,
        CHANGE,
        (FLAGS, POLICY, VENDOR, LEVEL, VALUES),
        ("level", "flags", "policy", "vendor_class", "values"),
    ),
    row(
        "DhcpV4RemoveOptionValue",
        "remove_policy_option_value",
        "delete_option_value",
        104,
        CHANGE,
        (FLAGS, ID, POLICY, VENDOR, LEVEL),
        ("option", "level", "flags", "policy", "vendor_class"),
    ),
)
