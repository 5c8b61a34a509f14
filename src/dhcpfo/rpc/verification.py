"""The verification trailer: what some clients repeat inside the protected stub of a request."""

from struct import error, unpack_from

from .pdu import NDR20, REPRESENTATION, Type

__all__ = ["cut_verification"]

MAGIC = bytes.fromhex("8ae3137102f43671")
LAST = 0x4000
COMMAND = 0x3FFF
CONTEXT, HEADER = 2, 3


def cut_verification(
    stub: bytes | bytearray, call: int, context: int, opnum: int, interface: bytes
) -> bytes | bytearray | None:
    """Return a request's stub without its verification trailer, if it has one; None if that contradicts the PDU."""
    at = stub.rfind(MAGIC)
    while at > 0 and at % 4:
        at = stub.rfind(MAGIC, 0, at + len(MAGIC) - 1)
    if at < 0 or at % 4:
        return stub
    commands = _commands(stub, at + len(MAGIC))
    if commands is None:
        return stub
    for kind, value in commands:
        if kind == CONTEXT and value != interface + NDR20:
            return None
        if kind == HEADER:
            expected = (
                bytes((Type.REQUEST, 0, 0, 0))
                + REPRESENTATION
                + call.to_bytes(4, "little")
                + context.to_bytes(2, "little")
                + opnum.to_bytes(2, "little")
            )
            if value != expected:
                return None
    return stub[:at]


def _commands(stub: bytes | bytearray, at: int) -> list[tuple[int, bytes]] | None:
    """Return the commands of a trailer; None if they do not end where the stub does."""
    commands = []
    try:
        while True:
            kind, length = unpack_from("<HH", stub, at)
            end = at + 4 + length
            commands.append((kind & COMMAND, bytes(stub[at + 4 : end])))
            at = end
            if kind & LAST:
                return commands if at == len(stub) else None
    except error:
        return None
