"""The calls as they travel: NDR of every function's parameters, and the sealing of NTLM and Kerberos.

``method`` is the name of a method of `ManagementApi`, as in `dhcpfo.api.FUNCTIONS`, which also has its opnum.
``arguments`` are all arguments of that method, in its order; those of an enumeration end with the handle and the
maximum. A stub lies in ``stub[start:stop]``, and is aligned to ``start``; it is copied, so a caller may change the
buffer afterwards. A returned stub has ``reserve`` zero bytes before it, for the header of a PDU; NDR aligns it as if it
began there.

``ndr64`` is for recorded bytes: dhcpfo neither offers nor accepts NDR64.

A client encodes requests and decodes responses::

    pdu = encode_request("get_relationship", ("hq",), reserve=24)
    answer = decode_response("get_relationship", received, ("hq",), "dhcp1", start=24, stop=end)

`decode_response` raises what the code of a response says, and `InvalidAnswerError` for a stub that contradicts itself.
It needs the arguments for that error, and for the filters of a list. `encode_response` needs them where fewer elements
than asked for have a code of their own. `encode_request` raises ValueError or TypeError for arguments that cannot be
sent, before anything is sent, and a `DhcpError` where the DLL has a code for that.

A server decodes requests and encodes responses. `decode_request` raises a `DhcpError`: with 1783 for a stub that is no
request of that method, which a server answers with the fault 0x6F7, and with 87 for a NULL that the specification
refuses before it checks the caller's rights, which a server answers by `encode_failure`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, final

from typing_extensions import disjoint_base

_T = TypeVar("_T")

_Bytes = bytes | bytearray | memoryview

def encode_request(
    method: str, arguments: tuple[Any, ...], server: str | None = None, *, reserve: int = 0, ndr64: bool = False
) -> bytearray: ...
def decode_request(
    method: str, stub: _Bytes, start: int = 0, stop: int | None = None, *, ndr64: bool = False
) -> tuple[Any, ...]: ...
def encode_response(
    method: str, answer: object, arguments: tuple[Any, ...] = (), *, reserve: int = 0, ndr64: bool = False
) -> bytearray: ...
def encode_failure(method: str, code: int, *, reserve: int = 0, ndr64: bool = False) -> bytearray: ...
def decode_response(
    method: str,
    stub: _Bytes,
    arguments: tuple[Any, ...] = (),
    server: str | None = None,
    start: int = 0,
    stop: int | None = None,
    *,
    ndr64: bool = False,
) -> Any: ...

@final
class Seal:
    def __new__(cls, session_key: bytes, client: bool, seq: int = 0) -> Seal: ...
    def seal(self, pdu: bytearray | memoryview, start: int, stop: int) -> None: ...
    def unseal(self, pdu: bytearray | memoryview, start: int, stop: int) -> None: ...

@final
class KerberosSeal:
    def __new__(cls, exported: bytes, extension: str, size: int, signs_headers: bool) -> KerberosSeal: ...
    @staticmethod
    def is_usable(extension: str) -> bool: ...
    def seal(self, pdu: bytearray | memoryview, start: int, stop: int) -> None: ...
    def unseal(self, pdu: bytearray | memoryview, start: int, stop: int) -> None: ...

@final
class Unusual:
    begun: bool
    unsent: bytes
    error: int
    data: bytes
    refused: str
    forged: bool
    request: tuple[int, int, int, bytearray] | None
    answer: bytearray | None
    failed: Exception | None

@disjoint_base
class Channel:
    closed: bool
    shut_down: bool
    between: bool
    busy: bool
    stopping: bool
    _proved: bool
    _call: int
    _waiting: int
    @property
    def can_carry(self) -> bool: ...
    def _arrange(
        self,
        sealing: Seal | KerberosSeal | None,
        trailer: bytes,
        token: int,
        private: bool,
        room: int,
        max_receive: int,
        max_message: int,
    ) -> None: ...
    def exchange(
        self, method: str, arguments: tuple[Any, ...], server: str, context: int, opnum: int, descriptor: int
    ) -> Any: ...
    def serve(self, descriptor: int, api: object, lock: Any, operations: dict[int, str]) -> Unusual: ...

class NoPlace(Exception): ...  # noqa: N818

@final
class Places:
    def __init__(self, most: int) -> None: ...
    @property
    def used(self) -> int: ...
    def hold(self, deadline: float, work: Callable[..., _T], *arguments: object) -> _T: ...

def rc4(key: bytes, data: _Bytes) -> bytes: ...
def md4(data: bytes) -> bytes: ...
def md5(data: bytes) -> bytes: ...
