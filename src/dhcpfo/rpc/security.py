"""Credentials, and a client's logon through the package pyspnego."""

import sys
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Literal

from ..models.secret import Secret, hide, to_secret
from . import pdu as wire
from .attempts import REFUSED_BY_KERBEROS, Attempts
from .client_connection import Logon
from .connection import LogonError, Protection
from .kerberos import KerberosLogon, explain
from .pdu import ProtocolError

__all__ = ["Credentials", "is_address", "make_logon"]

Mechanism = Literal["kerberos", "negotiate", "ntlm"]
MECHANISMS = ("kerberos", "negotiate", "ntlm")


class Credentials:
    r"""Who calls a server, and how that is proved.

    Args:
        user: The user, ``user@REALM`` or ``DOMAIN\user``; None is the user with the Kerberos tickets of this process.
        password: The password; None uses the tickets. Any `str` is wrapped; it is shown nowhere.
        ntlm: Whether NTLM may be used where Kerberos cannot. None allows it only with a password and a server that is
            named by its address or by a name without a domain, because Kerberos knows neither.
        mechanism: Use only ``"kerberos"`` or ``"ntlm"``, or ``"negotiate"``: Kerberos, and NTLM where it fails. None
            chooses by ``ntlm``.

    Raises:
        ValueError: A password without a user, a mechanism that contradicts ``ntlm`` or is unknown, or text that cannot
            be sent.
    """

    __slots__ = ("_attempts", "_mechanism", "_ntlm", "_password", "_user")

    def __init__(
        self,
        user: str | None = None,
        password: "str | Secret | None" = None,
        *,
        ntlm: bool | None = None,
        mechanism: Mechanism | None = None,
    ) -> None:
        password = hide(password)  # type: ignore[assignment]  # first: no traceback may show the text
        self._user: str | None = None
        self._password = None if password is None else to_secret(password, "password")  # type: ignore[arg-type]
        if user is not None and not isinstance(user, str):
            raise TypeError(f"user must be str, not {type(user).__name__}")
        if user is not None and not can_be_sent(user):
            raise ValueError(f"user must be text without NUL that UTF-8 can hold, got {user!a}")
        if self._password is not None and not can_be_sent(self._password.reveal()):
            raise ValueError("password must be text without NUL that UTF-8 can hold")
        if user is None and self._password is not None:
            raise ValueError("user must be given with a password")
        if mechanism is not None and mechanism not in MECHANISMS:
            raise ValueError(f"mechanism must be one of {', '.join(MECHANISMS)}, got {mechanism!r}")
        if ntlm is False and mechanism == "ntlm":
            raise ValueError("mechanism must not be 'ntlm' with ntlm=False")
        if (mechanism == "ntlm" or ntlm) and self._password is None and sys.platform != "win32":
            raise ValueError("password must be given for NTLM")
        self._attempts = None if self._password is None else Attempts()
        self._user = user
        self._ntlm = ntlm
        self._mechanism = mechanism

    @property
    def user(self) -> str | None:
        """The user; None for the one with the tickets of this process."""
        return self._user

    @property
    def has_password(self) -> bool:
        """Whether a password was given. Such credentials cannot be pickled."""
        return self._password is not None

    def choose(self, host: str) -> Mechanism:
        """Return the mechanism for a server.

        Args:
            host: The server as the user named it.
        """
        if self._mechanism is not None and not (self._mechanism == "negotiate" and self._ntlm is False):
            return self._mechanism
        allowed = self._ntlm
        if allowed is None:
            allowed = self._password is not None and (is_address(host) or "." not in host)
        return "negotiate" if allowed else "kerberos"

    def __repr__(self) -> str:
        return f"<Credentials {'of this process' if self._user is None else self._user}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._password is not None:
            raise TypeError("cannot pickle credentials with a password")
        return _credentials, (self._user, self._ntlm, self._mechanism)


def can_be_sent(text: str) -> bool:
    """Whether a name or a password is such that the packages for logons take it."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _credentials(user: str | None, ntlm: bool | None, mechanism: Mechanism | None) -> Credentials:
    return Credentials(user, ntlm=ntlm, mechanism=mechanism)


def is_address(host: str) -> bool:
    """Whether a server is named by its address."""
    try:
        IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return False
    return True


def make_logon(credentials: Credentials, host: str) -> Logon:
    """Return a logon to a server.

    Args:
        credentials: Who logs on.
        host: The server's name, to which Kerberos binds the logon.

    Raises:
        ImportError: A package that the mechanism needs is not installed.
        LogonError: The logon cannot begin.
    """
    mechanism = credentials.choose(host)
    password = credentials._password
    if mechanism == "kerberos" and sys.platform != "win32":
        try:
            return KerberosLogon(host, credentials.user, None if password is None else password.reveal())
        except LogonError as error:
            if is_address(host):
                raise LogonError(f"{error}. Kerberos cannot be used with an address; connect by name") from None
            raise
    return SpnegoLogon(mechanism, host, credentials.user, password)


class SpnegoLogon:
    """A client's logon by NTLM, or by SPNEGO with Kerberos or NTLM inside it.

    Args:
        mechanism: The mechanism.
        host: The server's name.
        user: The user.
        password: The password.
    """

    level = wire.PRIVACY

    def __init__(self, mechanism: Mechanism, host: str, user: str | None, password: Secret | None) -> None:
        try:
            import spnego
        except ImportError as error:
            raise ImportError(
                f"logging on needs the package pyspnego ({error}): install it with pip install 'dhcpfo[rpc]'."
            ) from error
        from .fallback import watch  # needs logging, as pyspnego does

        self._causes = watch()
        self._negotiates = mechanism == "negotiate"
        self._cause = ""
        self.type = {"ntlm": wire.NTLM, "negotiate": wire.SPNEGO, "kerberos": wire.KERBEROS}[mechanism]
        self._signed_list = False
        self._errors = _errors()
        requested = spnego.ContextReq
        flags = requested.mutual_auth | requested.replay_detect | requested.sequence_detect
        flags |= requested.confidentiality | requested.integrity
        if mechanism != "ntlm":
            flags |= requested.dce_style
        try:
            self._context = spnego.client(
                user,
                None if password is None else password.reveal(),
                hostname=host,
                service="host",
                protocol=mechanism,
                context_req=flags,
            )
        except self._errors as error:
            raise _explain(error) from None

    @property
    def complete(self) -> bool:
        """Whether the mechanism needs no further token."""
        return bool(self._context.complete)

    @property
    def mechanism(self) -> str:
        """The mechanism that is used."""
        return str(self._context.negotiated_protocol or self._context.protocol)

    @property
    def why_not_kerberos(self) -> str:
        """Why NTLM is used where Kerberos was wanted; empty if that is not so."""
        if not self._negotiates or self.mechanism == "kerberos":
            return ""
        from importlib.util import find_spec

        if sys.platform != "win32" and find_spec("gssapi") is None:
            return "the package gssapi is not installed (pip install 'dhcpfo[kerberos]')"
        if self._cause:
            return str(explain(ValueError(self._cause), advise=False))
        return "the server did not choose it" if self.mechanism == "ntlm" else ""

    def step(self, token: bytes | None) -> bytes | None:
        """Take the server's token, None at first, and return the next one to send."""
        if self._context.complete:
            return None
        self._causes.take()
        try:
            answer: bytes | None = self._context.step(token)
        except self._errors as error:
            raise _explain(error) from None
        self._cause = self._causes.take() or self._cause
        if any(text in self._cause for text in REFUSED_BY_KERBEROS):  # by NTLM it would be wrong for a second time
            raise LogonError(f"{explain(ValueError(self._cause))}; mechanism='ntlm' is for users of the server itself")
        if self.type == wire.SPNEGO:
            from .spnego import has_mic  # no other logon needs it

            self._signed_list |= has_mic(answer)
        return answer

    def needs_header_signing(self) -> bool:
        """Whether the server must agree to sign headers: NTLM always covers them."""
        return self.mechanism != "ntlm"

    def protection(self) -> Protection:
        """Return the protection of the connection."""
        if self.mechanism == "ntlm" and sys.platform != "win32":
            from .ntlm import NtlmProtection  # with hmac and secrets, which `dhcpfo check` must not wait for

            key = self._context.session_key
            number = 1 if self._signed_list else 0
            return NtlmProtection(key, client=True, type=self.type, level=self.level, number=number)
        return SpnegoProtection(self._context, self.type)


class SpnegoProtection:
    """Signs and encrypts with a context of pyspnego.

    Args:
        context: The complete context.
        type: The type of the PDUs' verifiers.
    """

    level = wire.PRIVACY
    fixed_size = False

    def __init__(self, context: Any, type: int) -> None:  # noqa: A002
        from spnego.iov import BufferType

        self.type = type
        self._context = context
        self._kinds = BufferType
        self._errors = _errors()
        self.size = int(context.query_message_sizes().header)

    def protect(self, pdu: bytearray, start: int, stop: int) -> None:
        """Seal ``pdu[start:stop]`` in place, and write the token over the last bytes."""
        kinds = self._kinds
        head, data, tail = bytes(pdu[:start]), bytes(pdu[start:stop]), bytes(pdu[stop : stop + wire.TRAILER])
        try:
            made = self._context.wrap_iov(
                [(kinds.sign_only, head), (kinds.data, data), (kinds.sign_only, tail), kinds.header]
            )
        except self._errors as error:
            raise ProtocolError(f"the PDU could not be sealed: {error}", 1825) from None
        token = made.buffers[3].data or b""
        if len(token) != self.size:
            raise ProtocolError(f"the token has {len(token)} bytes, not {self.size}", 1825)
        pdu[start:stop] = made.buffers[1].data or b""
        pdu[-self.size :] = token

    def open(self, pdu: bytearray, start: int, stop: int) -> None:
        """Open ``pdu[start:stop]`` in place; raise `ProtocolError` if the token does not match."""
        kinds = self._kinds
        head, data, tail = bytes(pdu[:start]), bytes(pdu[start:stop]), bytes(pdu[stop : stop + wire.TRAILER])
        token = bytes(pdu[stop + wire.TRAILER :])
        try:
            opened = self._context.unwrap_iov(
                [(kinds.sign_only, head), (kinds.data, data), (kinds.sign_only, tail), (kinds.header, token)]
            )
        except self._errors:
            raise ProtocolError("the signature of a PDU is wrong", 1825) from None
        if not opened.encrypted:
            raise ProtocolError("the PDU is not encrypted", 1825)
        pdu[start:stop] = opened.buffers[1].data or b""


def _errors() -> tuple[type[Exception], ...]:
    """Return what pyspnego and the packages under it raise."""
    from spnego.exceptions import SpnegoError

    errors: list[type[Exception]] = [SpnegoError, ValueError]
    try:
        from krb5 import Krb5Error

        errors.append(Krb5Error)
    except ImportError:
        pass
    try:
        from gssapi.raw import GSSError

        errors.append(GSSError)
    except ImportError:
        pass
    try:
        from cryptography.exceptions import UnsupportedAlgorithm

        errors.append(UnsupportedAlgorithm)
    except ImportError:
        pass
    return tuple(errors)


def _explain(error: Exception) -> LogonError:
    """Return the error of a logon for one of pyspnego."""
    text = str(error)
    if "RC4" in text or "ARC4" in text:
        return LogonError("NTLM needs RC4, which this OpenSSL has switched off; use Kerberos")
    return explain(error)
