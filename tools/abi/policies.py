"""Policies: conditions, ranges, order and enforcement."""

from .kinds import F, Function, In, InStruct, Level, Maximum, Numbers, Out, Read, Resume, Struct, Total, Union

STRUCTS = (
    Struct(
        "DHCP_POL_COND",
        (
            F("ParentExpr", "DWORD", "num", "parent"),
            F("Type", "DHCP_POL_ATTR_TYPE", "enum:ConditionType", "type"),
            F("OptionID", "DWORD", "num", "option_id"),
            F("SubOptionID", "DWORD", "num", "sub_option_id"),
            F("VendorName", "LPWSTR", "text", "vendor_class"),
            F("Operator", "DHCP_POL_COMPARATOR", "enum:Comparator", "comparator"),
            F("Value", "BYTE *", "bytes", "value", count="ValueLength"),
            F("ValueLength", "DWORD", "count"),
        ),
        model="PolicyCondition",
    ),
    Struct(
        "DHCP_POL_COND_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_POL_COND", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_POL_EXPR",
        (
            F("ParentExpr", "DWORD", "num", "parent"),
            F("Operator", "DHCP_POL_LOGIC_OPER", "enum:LogicOperator", "operator"),
        ),
        model="PolicyExpression",
    ),
    Struct(
        "DHCP_POL_EXPR_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_POL_EXPR", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_IP_RANGE_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_IP_RANGE", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_PROPERTY",
        (
            F("ID", "DHCP_PROPERTY_ID", "enum:PropertyId", "id"),
            F("Type", "DHCP_PROPERTY_TYPE", "enum:PropertyType", "type"),
            Union(
                "Value",
                tag="Type",
                py="value",
                arms=(
                    (0, F("ByteValue", "BYTE", "num")),
                    (1, F("WordValue", "WORD", "num")),
                    (2, F("DWordValue", "DWORD", "num")),
                    (3, F("StringValue", "LPWSTR", "text")),
                    (4, F("BinaryValue", "DHCP_BINARY_DATA", "binary")),
                ),
            ),
        ),
        model="Property",
    ),
    Struct(
        "DHCP_PROPERTY_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_PROPERTY", "array", count="NumElements")),
    ),
    Struct(
        "DHCP_POLICY_EX",
        (
            F("PolicyName", "LPWSTR", "name", "name"),
            F("IsGlobalPolicy", "BOOL", "reserved"),  # None in the attribute of the next field
            F("Subnet", "DHCP_IP_ADDRESS", "level", "scope", count="IsGlobalPolicy"),
            F("ProcessingOrder", "DWORD", "num", "order"),
            F("Conditions", "LPDHCP_POL_COND_ARRAY", "pointer", "conditions"),
            F("Expressions", "LPDHCP_POL_EXPR_ARRAY", "pointer", "expressions"),
            F("Ranges", "LPDHCP_IP_RANGE_ARRAY", "pointer", "ranges"),
            F("Description", "LPWSTR", "text", "description"),
            F("Enabled", "BOOL", "bool", "enabled"),
            F("Properties", "LPDHCP_PROPERTY_ARRAY", "pointer", "properties"),
        ),
        model="Policy",
    ),
    Struct(
        "DHCP_POLICY_EX_ARRAY",
        (F("NumElements", "DWORD", "count"), F("Elements", "LPDHCP_POLICY_EX", "array", count="NumElements")),
    ),
)

READ, CHANGE = "READ", "CHANGE"
LEVEL = Level("GlobalPolicy", "SubnetAddress", py="scope")
NAME = In("PolicyName", "text", py="name")
RANGE = InStruct("Range", "DHCP_IP_RANGE", py="span")
POLICY = InStruct(
    "PolicyEx", "DHCP_POLICY_EX", py="policy", needed=("PolicyName", "Conditions", "Expressions", "Ranges")
)
SCOPE = (("scope", "scope"),)

FUNCTIONS = (
    Function(
        "DhcpV4EnumPoliciesEx",
        method="enum_policies",
        public="policies",
        opnum=("dhcpsrv2", 129),
        section="3.2.4.130",
        access=READ,
        takes=(
            Resume(),
            Maximum(),
            LEVEL,
            Out("EnumInfo", "DHCP_POLICY_EX_ARRAY", depth_unsure=True),
            Read("ElementsRead"),
            Total("ElementsTotal"),
        ),
        about=SCOPE,
    ),
    Function(
        "DhcpV4GetPolicyEx",
        method="get_policy",
        opnum=("dhcpsrv2", 127),
        section="3.2.4.128",
        access=READ,
        takes=(LEVEL, NAME, Out("Policy", "DHCP_POLICY_EX")),
        order=("name", "scope"),
        about=SCOPE,
    ),
    Function(
        "DhcpV4CreatePolicyEx",
        method="create_policy",
        opnum=("dhcpsrv2", 126),
        section="3.2.4.127",
        access=CHANGE,
        takes=(POLICY,),
        about=(("scope", "policy.scope"),),
    ),
    Function(
        "DhcpV4SetPolicyEx",
        method="set_policy",
        opnum=("dhcpsrv2", 128),
        section="3.2.4.129",
        access=CHANGE,
        takes=(
            In("FieldsModified", "flags:PolicyFields", py="fields"),
            LEVEL,
            NAME,
            InStruct("Policy", "DHCP_POLICY_EX", py="values"),
        ),
        order=("name", "scope", "fields", "values"),
        about=SCOPE,
    ),
    Function(
        "DhcpV4DeletePolicy",
        method="delete_policy",
        opnum=("dhcpsrv2", 111),
        section="3.2.4.112",
        access=CHANGE,
        takes=(LEVEL, NAME),
        order=("name", "scope"),
        about=SCOPE,
    ),
    Function(
        "DhcpV4QueryPolicyEnforcement",
        method="get_policy_enforcement",
        opnum=("dhcpsrv2", 106),
        section="3.2.4.107",
        access=READ,
        takes=(LEVEL, Numbers("bool", (("Enabled", "bool", "", False),))),
        about=SCOPE,
    ),
    Function(
        "DhcpV4SetPolicyEnforcement",
        method="set_policy_enforcement",
        opnum=("dhcpsrv2", 107),
        section="3.2.4.108",
        access=CHANGE,
        takes=(LEVEL, In("Enable", "bool", py="enabled")),
        about=SCOPE,
    ),
    Function(
        "DhcpV4AddPolicyRange",
        method="add_policy_range",
        public="add_policy_ranges",
        opnum=("dhcpsrv2", 113),
        section="3.2.4.114",
        access=CHANGE,
        takes=(In("SubnetAddress", "ip", py="scope"), NAME, RANGE),
        order=("name", "scope", "span"),
        about=SCOPE,
    ),
    Function(
        "DhcpV4RemovePolicyRange",
        method="remove_policy_range",
        public="remove_policy_ranges",
        opnum=("dhcpsrv2", 114),
        section="3.2.4.115",
        access=CHANGE,
        takes=(In("SubnetAddress", "ip", py="scope"), NAME, RANGE),
        order=("name", "scope", "span"),
        about=SCOPE,
    ),
)
