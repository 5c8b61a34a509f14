"""The endpoint mapper: which TCP port an interface listens on. Both ends of its one operation."""

from struct import error, pack, unpack_from

from .pdu import NDR20, ProtocolError

__all__ = ["NOT_REGISTERED", "OPNUM", "answer_map", "decode_answer", "encode_request"]

OPNUM = 3
NOT_REGISTERED = 0x16C9A0D6
MOST_TOWERS = 4


def _tower(interface: bytes, port: int) -> bytes:
    floors = pack("<H", 5)
    for syntax in (interface, NDR20):
        floors += pack("<HB", 19, 13) + syntax[:18] + pack("<H", 2) + syntax[18:20]
    floors += pack("<HBHH", 1, 11, 2, 0)
    floors += pack("<HBH", 1, 7, 2) + pack(">H", port)
    return floors + pack("<HBHI", 1, 9, 4, 0)


def encode_request(interface: bytes) -> bytes:
    """Return the stub that asks for the port of an interface."""
    tower = _tower(interface, 0)
    sized = pack("<II", len(tower), len(tower)) + tower
    return pack("<I16xI", 1, 2) + sized + bytes(-len(sized) % 4) + bytes(20) + pack("<I", MOST_TOWERS)


def decode_answer(stub: bytes | bytearray) -> int | None:
    """Return the port in an answer; None if the interface is not registered.

    Raises:
        ProtocolError: The answer is malformed, or has another status.
    """
    try:
        (status,) = unpack_from("<I", stub, len(stub) - 4)
        if status == NOT_REGISTERED:
            return None
        if status:
            raise ProtocolError(f"the endpoint mapper answered with status 0x{status:08x}")
        count, _, _, actual = unpack_from("<IIII", stub, 20)
        if actual > len(stub) // 4 or count > actual:
            raise ProtocolError("the endpoint mapper's answer is malformed")
        at = 36 + 4 * actual
        for _ in range(count):
            length, size = unpack_from("<II", stub, at)
            if length != size or at + 8 + length > len(stub):
                raise ProtocolError("the endpoint mapper's answer is malformed")
            port = _port(bytes(stub[at + 8 : at + 8 + length]))
            if port:
                return port
            at += 8 + length + -length % 4
    except error:
        raise ProtocolError("the endpoint mapper's answer is cut") from None
    return None


def _port(tower: bytes) -> int:
    """Return the TCP port in a tower; 0 if it has none."""
    (floors,) = unpack_from("<H", tower)
    at = 2
    for _ in range(floors):
        (left,) = unpack_from("<H", tower, at)
        kind = tower[at + 2 : at + 3]
        at += 2 + left
        (right,) = unpack_from("<H", tower, at)
        if kind == b"\x07" and right == 2:
            return int(unpack_from(">H", tower, at + 2)[0])
        at += 2 + right
    return 0


def answer_map(stub: bytes | bytearray, ports: dict[bytes, int]) -> bytes | None:
    """Return the answer to a request.

    Args:
        stub: The request's stub.
        ports: The port of each interface.

    Returns:
        None if the request is malformed.
    """
    try:
        (object_is_there,) = unpack_from("<I", stub)
        at = 20 if object_is_there else 4
        (tower_is_there,) = unpack_from("<I", stub, at)
        if not tower_is_there:
            return None
        size, length = unpack_from("<II", stub, at + 4)
        if size != length or at + 12 + length + 24 > len(stub):
            return None
        tower = bytes(stub[at + 12 : at + 12 + length])
        if unpack_from("<HHB", tower) != (5, 19, 13):
            return None
        interface = tower[5:23] + tower[25:27]
    except error:
        return None
    port = ports.get(interface)
    if port is None:
        return bytes(20) + pack("<IIII", 0, MOST_TOWERS, 0, 0) + pack("<I", NOT_REGISTERED)
    answer = _tower(interface, port)
    sized = pack("<II", len(answer), len(answer)) + answer
    head = bytes(20) + pack("<IIIII", 1, MOST_TOWERS, 0, 1, 3)
    return head + sized + bytes(-len(sized) % 4) + pack("<I", 0)
