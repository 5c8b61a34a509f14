"""NTLM: the protection of a connection, and the server's side of a logon.

The acceptor checks the client's proof over the bytes as they were received. Only NTLMv2 with 128-bit keys, session
security and key exchange is accepted.
"""

from collections.abc import Callable
from hmac import compare_digest
from secrets import token_bytes
from struct import error, pack, unpack_from
from time import time

from .._wire import Seal, md4, md5, rc4
from . import pdu as wire
from .connection import LogonError
from .pdu import ProtocolError

__all__ = ["NtlmAcceptor", "NtlmProtection", "nt_hash", "sign_list"]

TOKEN = 16
SIGNATURE = b"NTLMSSP\0"
NEGOTIATE, CHALLENGE, AUTHENTICATE = 1, 2, 3

UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN = 0x1, 0x4, 0x10, 0x20, 0x200, 0x8000
TARGET_IS_SERVER, SESSION_SECURITY, TARGET_INFO = 0x20000, 0x80000, 0x800000
VERSION, KEY_128, KEY_EXCHANGE = 0x2000000, 0x20000000, 0x40000000
NEEDED = UNICODE | SIGN | NTLM | SESSION_SECURITY | KEY_128 | KEY_EXCHANGE
OFFERED = NEEDED | SEAL | ALWAYS_SIGN | VERSION | REQUEST_TARGET

AV_END, AV_COMPUTER, AV_DOMAIN, AV_DNS_COMPUTER, AV_DNS_DOMAIN, AV_FLAGS, AV_TIME = 0, 1, 2, 3, 4, 6, 7
MIC_PRESENT = 2
MIC_AT = 72
BLOB_HEADER = 28
TICKS_TO_UNIX_EPOCH = 116_444_736_000_000_000

Lookup = Callable[[str, str], bytes | None]
"""Returns the NT hash of a user of a domain, or None."""


class NtlmProtection:
    """Signs and, at level PRIVACY, encrypts with the key of an NTLM logon.

    Args:
        key: The exported session key.
        client: Whether this is the client's end.
        type: NTLM or SPNEGO.
        level: INTEGRITY or PRIVACY.
        number: The number of the first PDU: 1 after SPNEGO signed its list.
    """

    size = TOKEN
    fixed_size = True

    def __init__(self, key: bytes, *, client: bool, type: int, level: int, number: int) -> None:  # noqa: A002
        self.type = type
        self.level = level
        self._private = level == wire.PRIVACY
        self.sealing = Seal(key, client, number)

    def protect(self, pdu: bytearray, start: int, stop: int) -> None:
        """Seal ``pdu[start:stop]`` in place, and write the token over the last bytes."""
        self.sealing.seal(pdu, start if self._private else stop, stop)

    def open(self, pdu: bytearray, start: int, stop: int) -> None:
        """Open ``pdu[start:stop]`` in place; raise `ProtocolError` if the token does not match."""
        try:
            self.sealing.unseal(pdu, start if self._private else stop, stop)
        except ValueError:
            raise ProtocolError("the signature of a PDU is wrong", 1825) from None


def sign_list(key: bytes, *, client: bool, data: bytes) -> bytes:
    """Return the signature of SPNEGO's list of mechanisms by one end."""
    signed = bytearray(data + bytes(TOKEN))
    Seal(key, client, 0).seal(signed, len(data), len(data))
    return bytes(signed[-TOKEN:])


def nt_hash(password: str) -> bytes:
    """Return what NTLM makes of a password."""
    return md4(password.encode("utf-16-le", "surrogatepass"))


def hmac(key: bytes, data: bytes) -> bytes:
    """Return the HMAC-MD5; with our own MD5, because `hashlib` may have it switched off."""
    if len(key) > 64:
        key = md5(key)
    key = key.ljust(64, b"\0")
    inner = md5(bytes(byte ^ 0x36 for byte in key) + data)
    return md5(bytes(byte ^ 0x5C for byte in key) + inner)


class NtlmAcceptor:
    """The server's side of an NTLM logon.

    Args:
        lookup: Returns the NT hash of a user of a domain.
        name: The server's name that clients are told.
        type: NTLM or SPNEGO.
        level: INTEGRITY or PRIVACY.
    """

    def __init__(
        self,
        lookup: Lookup,
        name: str,
        type: int = wire.NTLM,  # noqa: A002
        level: int = wire.PRIVACY,
    ) -> None:
        self._needed = NEEDED | SEAL if level == wire.PRIVACY else NEEDED
        self.complete = False
        self.user = ""
        self._lookup = lookup
        self._name = name
        self._type = type
        self._number = 0
        self._key = b""
        self._negotiate = b""
        self._challenge = b""
        self._nonce = token_bytes(8)

    def step(self, token: bytes) -> bytes | None:
        """Take the client's token and return the next one to send."""
        if self.complete or (self._challenge and not self._negotiate):
            raise LogonError("the NTLM logon is over")
        try:
            if not self._challenge:
                return self._answer_negotiate(token)
            self._check(token)
        except (error, UnicodeDecodeError):
            raise LogonError("the NTLM message is malformed") from None
        finally:
            if self._challenge and len(token) > 32 and token[8] == AUTHENTICATE:
                self._negotiate = b""  # one try for each connection
        return None

    def protection(self, level: int, *, signs_headers: bool) -> NtlmProtection:
        """Return the protection of the connection, which always signs headers."""
        return NtlmProtection(self._key, client=False, type=self._type, level=level, number=self._number)

    def check_mic(self, data: bytes, mic: bytes) -> None:
        """Check the client's signature of SPNEGO's list."""
        if not compare_digest(sign_list(self._key, client=True, data=data), mic):
            raise LogonError("the signature of the list of mechanisms is wrong")

    def mic(self, data: bytes) -> bytes:
        """Return the server's signature of SPNEGO's list."""
        self._number = 1
        return sign_list(self._key, client=False, data=data)

    def _answer_negotiate(self, token: bytes) -> bytes:
        kind, flags = unpack_from("<II", token, 8)
        if token[:8] != SIGNATURE or kind != NEGOTIATE:
            raise LogonError("the first NTLM message is not NEGOTIATE")
        if flags & self._needed != self._needed:
            raise LogonError("the client does not offer NTLMv2 with 128-bit keys and key exchange")
        name = self._name.encode("utf-16-le")
        upper = self._name.upper().encode("utf-16-le")
        now = int(time() * 10_000_000) + TICKS_TO_UNIX_EPOCH
        pairs = b"".join(
            pack("<HH", number, len(value)) + value
            for number, value in (
                (AV_DOMAIN, upper),
                (AV_COMPUTER, upper),
                (AV_DNS_DOMAIN, name),
                (AV_DNS_COMPUTER, name),
                (AV_TIME, pack("<Q", now)),
                (AV_END, b""),
            )
        )
        self._flags = (flags & OFFERED) | TARGET_IS_SERVER | TARGET_INFO
        self._negotiate = token
        head = 56
        self._challenge = (
            SIGNATURE
            + pack("<IHHII", CHALLENGE, len(upper), len(upper), head, self._flags)
            + self._nonce
            + bytes(8)
            + pack("<HHI", len(pairs), len(pairs), head + len(upper))
            + b"\x0a\x00\x00\x00\x00\x00\x00\x0f"  # a version of Windows, and of NTLM
            + upper
            + pairs
        )
        return self._challenge

    def _check(self, token: bytes) -> None:
        (kind,) = unpack_from("<I", token, 8)
        (flags,) = unpack_from("<I", token, 60)
        if token[:8] != SIGNATURE or kind != AUTHENTICATE:
            raise LogonError("the second NTLM message is not AUTHENTICATE")
        if flags & self._needed != self._needed:
            raise LogonError("the client changed what it had offered")
        answer, domain, user, sent_key = (_buffer(token, at) for at in (20, 28, 36, 52))
        if len(domain) % 2 or len(user) % 2 or not user or len(sent_key) != 16:
            raise LogonError("the NTLM message is malformed")
        proof, blob = answer[:16], answer[16:]
        if len(blob) < BLOB_HEADER + 4 or blob[:2] != b"\1\1":
            raise LogonError("the client did not use NTLMv2")
        mic_is_present = _av_flags(blob) & MIC_PRESENT
        user_name, domain_name = user.decode("utf-16-le"), domain.decode("utf-16-le")
        known = self._lookup(user_name, domain_name)
        secret = hmac(known or token_bytes(16), user_name.upper().encode("utf-16-le") + domain)
        expected = hmac(secret, self._nonce + blob)
        right = compare_digest(expected, proof) and known is not None
        key = rc4(hmac(secret, expected), sent_key)
        if mic_is_present and right:
            if len(token) < MIC_AT + 16:
                raise LogonError("the NTLM message is malformed")
            without = token[:MIC_AT] + bytes(16) + token[MIC_AT + 16 :]
            mic = hmac(key, self._negotiate + self._challenge + without)
            right = compare_digest(mic, token[MIC_AT : MIC_AT + 16])
        if not right:
            raise LogonError("unknown user name or wrong password")
        self._key = key
        self.user = f"{domain_name}\\{user_name}" if domain_name else user_name
        self.complete = True


def _buffer(token: bytes, at: int) -> bytes:
    """Return a field of an AUTHENTICATE message."""
    length, _, start = unpack_from("<HHI", token, at)
    if length and (start < 64 or start + length > len(token)):
        raise LogonError("the NTLM message is malformed")
    return token[start : start + length]


def _av_flags(blob: bytes) -> int:
    """Return the flags in the client's list of attributes; the list must end."""
    at, flags = BLOB_HEADER, 0
    while True:
        kind, length = unpack_from("<HH", blob, at)
        if kind == AV_END:
            return flags
        if kind == AV_FLAGS and length == 4:
            (flags,) = unpack_from("<I", blob, at + 4)
        at += 4 + length
