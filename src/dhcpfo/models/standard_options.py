"""The option definitions that a Windows server has from the start: numbers and types are facts, the names are ours."""

from collections.abc import Mapping
from typing import Any

from ..enums import OptionType

__all__ = ["LEASE", "MICROSOFT", "STANDARD", "USER_CLASSES", "VENDOR_CLASSES"]

BYTE, WORD, DWORD = OptionType.BYTE, OptionType.WORD, OptionType.DWORD
ADDRESS, TEXT, BINARY = OptionType.IP_ADDRESS, OptionType.STRING, OptionType.BINARY

LEASE = 51
"""How long leases last, in seconds."""

LEASE_SECONDS = 86400
"""Default of option 51, which decides where neither a scope nor the server has a value."""

STANDARD: Mapping[int, tuple[str, OptionType, bool, Any]] = {
    1: ("Subnet Mask", ADDRESS, False, None),
    2: ("Time Offset", DWORD, False, None),
    3: ("Router", ADDRESS, True, None),
    4: ("Time Server", ADDRESS, True, None),
    5: ("Name Servers", ADDRESS, True, None),
    6: ("DNS Servers", ADDRESS, True, None),
    7: ("Log Servers", ADDRESS, True, None),
    8: ("Cookie Servers", ADDRESS, True, None),
    9: ("LPR Servers", ADDRESS, True, None),
    10: ("Impress Servers", ADDRESS, True, None),
    11: ("Resource Location Servers", ADDRESS, True, None),
    12: ("Host Name", TEXT, False, None),
    13: ("Boot File Size", WORD, False, None),
    14: ("Merit Dump File", TEXT, False, None),
    15: ("DNS Domain Name", TEXT, False, None),
    16: ("Swap Server", ADDRESS, False, None),
    17: ("Root Path", TEXT, False, None),
    18: ("Extensions Path", TEXT, False, None),
    19: ("IP Forwarding", BYTE, False, None),
    20: ("Non-local Source Routing", BYTE, False, None),
    21: ("Policy Filter Masks", ADDRESS, True, None),
    22: ("Maximum Datagram Reassembly", WORD, False, 576),
    23: ("Default Time To Live", BYTE, False, 128),
    24: ("Path MTU Aging Timeout", DWORD, False, None),
    25: ("Path MTU Plateau Table", WORD, True, None),
    26: ("Interface MTU", WORD, False, 576),
    27: ("All Subnets Are Local", BYTE, False, None),
    28: ("Broadcast Address", ADDRESS, False, None),
    29: ("Mask Discovery", BYTE, False, None),
    30: ("Mask Supplier", BYTE, False, None),
    31: ("Router Discovery", BYTE, False, None),
    32: ("Router Solicitation Address", ADDRESS, False, None),
    33: ("Static Routes", ADDRESS, True, None),
    34: ("Trailer Encapsulation", BYTE, False, None),
    35: ("ARP Cache Timeout", DWORD, False, None),
    36: ("Ethernet Encapsulation", BYTE, False, None),
    37: ("TCP Default TTL", BYTE, False, 128),
    38: ("TCP Keepalive Interval", DWORD, False, None),
    39: ("TCP Keepalive Garbage", BYTE, False, None),
    40: ("NIS Domain Name", TEXT, False, None),
    41: ("NIS Servers", ADDRESS, True, None),
    42: ("NTP Servers", ADDRESS, True, None),
    43: ("Vendor Specific Information", BINARY, False, None),
    44: ("NetBIOS Name Servers", ADDRESS, True, None),
    45: ("NetBIOS Datagram Distribution Servers", ADDRESS, True, None),
    46: ("NetBIOS Node Type", BYTE, False, None),
    47: ("NetBIOS Scope", TEXT, False, None),
    48: ("X Window Font Servers", ADDRESS, True, None),
    49: ("X Window Display Managers", ADDRESS, True, None),
    51: ("Lease", DWORD, False, LEASE_SECONDS),
    58: ("Renewal Time", DWORD, False, None),
    59: ("Rebinding Time", DWORD, False, None),
    64: ("NIS+ Domain Name", TEXT, False, None),
    65: ("NIS+ Servers", ADDRESS, True, None),
    66: ("Boot Server Host Name", TEXT, False, None),
    67: ("Bootfile Name", TEXT, False, None),
    68: ("Mobile IP Home Agents", ADDRESS, True, None),
    69: ("SMTP Servers", ADDRESS, True, None),
    70: ("POP3 Servers", ADDRESS, True, None),
    71: ("NNTP Servers", ADDRESS, True, None),
    72: ("WWW Servers", ADDRESS, True, None),
    73: ("Finger Servers", ADDRESS, True, None),
    74: ("IRC Servers", ADDRESS, True, None),
    75: ("StreetTalk Servers", ADDRESS, True, None),
    76: ("StreetTalk Directory Assistance Servers", ADDRESS, True, None),
    121: ("Classless Static Routes", BINARY, False, None),
}
"""Name, type, whether it takes several values, and the default; None is 0, "", 0.0.0.0 or no bytes."""

VENDOR_CLASSES = ("Microsoft Windows 2000 Options", "Microsoft Windows 98 Options", "Microsoft Options")

USER_CLASSES = (
    "Default Routing and Remote Access Class",
    "Default BOOTP Class",
    "Default Network Access Protection Class",
)
"""The user classes that a server has from the start."""

MICROSOFT: Mapping[int, tuple[str, int]] = {
    1: ("Microsoft Disable Netbios Option", 0),
    2: ("Microsoft Release DHCP Lease On Shutdown Option", 0),
    3: ("Microsoft Default Router Metric Base", 0),
}
"""The options of each of these vendor classes: name and default."""
