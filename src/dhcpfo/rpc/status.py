"""One table from what the protocol says to the codes of Windows."""

__all__ = [
    "LOST_CONTEXTS",
    "NAKS",
    "REFUSED_LOGONS",
    "REJECTIONS",
    "SPOILED",
    "UNKNOWN_AFTER",
    "fault_code",
    "rejection",
]

NAKS = {
    0: (5, "the server refused the logon"),
    1: (1723, "the server is too busy"),
    2: (1723, "the server has too many connections"),
    3: (1722, "the server does not know the address"),
    4: (1728, "the server does not speak version 5.0 of the protocol"),
    8: (1747, "the server does not take this kind of authentication"),
    9: (5, "the server refused the logon"),
}
"""For each reason of a bind_nak: the code, and a text."""

REFUSED_LOGONS = {
    "kerberos": "the clock of one of the two may be off by more than five minutes, or the ticket be for another server",
    "ntlm": "the user name or the password may be wrong, or the server may not take NTLM",
}
"""For each mechanism, what may be wrong when a server refuses a logon. Servers do not say it."""

REJECTIONS = {
    (1, 0): 5,
    (2, 0): 1717,
    (2, 1): 1717,
    (2, 2): 1730,
    (2, 3): 1723,
}
"""For each result and reason with which an interface is rejected: the code."""

FAULTS = {
    0x00000005: 5,
    0x000006D8: 1726,
    0x000006F7: 1783,
    0x00000721: 1825,
    0x1C000012: 1726,
    0x1C00000D: 1818,
    0x1C00001A: 6,
    0x1C00001B: 1130,
    0x1C00001C: 1728,
    0x1C010002: 1745,
    0x1C010003: 1717,
    0x1C01000B: 1728,
    0x1C010014: 1723,
}
"""For each status of a fault that has another number in Windows, or that Windows' clients know by this one."""

LOST_CONTEXTS = {0x1C00001A, 0x1C00001C}
"""What a server says that has forgotten what the connection was bound to. Another one helps."""

SPOILED = {*LOST_CONTEXTS, 0x721}
"""After these no other call is made on the connection. The last says that what arrived was not rightly protected."""

UNKNOWN_AFTER = (1723, 1726, 1818)
"""Codes of faults after which a call may have been carried out, unless the server says that it was not."""

LOGON_FAULTS = {0, 5, 0x721, 0x1C01000B}
"""What a server answers to the first call or the last token of a logon that it refused."""

ACCESS_DENIED, BAD_STUB, CALL_FAILED, UNKNOWN_CONTEXT, UNKNOWN_OPERATION = 5, 0x6F7, 0x1C000012, 0x1C00001C, 0x1C010002
"""The faults that a server of this package gives."""


def rejection(code: int) -> str:
    """Return a text for the code with which a server rejected all interfaces."""
    return {5: "the server allows nobody to use the interface", 1723: "the server is too busy"}.get(
        code, "the server does not offer the interface"
    )


def fault_code(status: int, *, logon: bool = False) -> int:
    """Return the Windows code for the status of a fault; never 0.

    Args:
        status: The status.
        logon: Whether it came instead of an answer to a logon.
    """
    if logon and status in LOGON_FAULTS:
        return 5
    known = FAULTS.get(status)
    if known is not None:
        return known
    return status if 0 < status < 0x10000 else 1726
