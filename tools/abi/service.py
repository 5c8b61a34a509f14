"""The DHCP Server service: its version and its attributes."""

from .kinds import Array, Const, Count, F, Function, Numbers, Out, Struct, Union

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
)

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
            Count("dwAttribCount", py="ids"),
            Array("pDhcpAttribs", "DHCP_ATTRIB_ID", "enum:AttributeId", py="ids"),
            # Ids that the server does not know: 50, and still the values of those that it knows.
            Out("pDhcpAttribArr", "DHCP_ATTRIB_ARRAY", also=50),
        ),
    ),
)
