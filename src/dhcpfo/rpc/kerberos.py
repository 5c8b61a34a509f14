"""Kerberos in DCE style through the package gssapi: both sides of a logon, and the protection of a connection."""

import re
from os import fspath
from typing import TYPE_CHECKING, Any

from .._wire import KerberosSeal
from . import pdu as wire
from .connection import LogonError
from .pdu import ProtocolError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["KerberosAcceptor", "KerberosLogon", "KerberosProtection", "explain", "load_gssapi"]

HELP = (
    ("Server", "not found in Kerberos database", "connect by the name that the server has in the directory"),
    ("Client", "not found in Kerberos database", "the user does not exist"),
    ("", "Preauthentication failed", "the password is wrong"),
    ("", "Decrypt integrity check failed", "the password is wrong"),
    ("", "No Kerberos credentials available", "run kinit, or pass a user name and a password"),
    ("", "No credentials cache found", "run kinit, or pass a user name and a password"),
    ("", "Cannot find KDC for realm", "name the user as user@REALM, or allow NTLM with ntlm=True"),
    ("", "not specify default realm", "name the user as user@REALM, or set default_realm in krb5.conf"),
    ("", "Clock skew", "set the clock of this machine"),
    ("", "Ticket expired", "run kinit again"),
)
"""What Kerberos says, in two parts, and what helps."""

CODE = re.compile(r" -\d{10}$")
"""The number of an error behind its text."""

FRAME = bytes.fromhex("06092a864886f7120102020100")
"""What is between the length of a framed token and the token."""


def load_gssapi() -> Any:
    """Return the package gssapi.

    Raises:
        ImportError: It is not installed; the text says how to install it.
    """
    try:
        import gssapi
    except ImportError as error:
        raise ImportError(
            f"Kerberos needs the package gssapi ({error}): install it with pip install 'dhcpfo[kerberos]'. On Linux "
            "that needs a C compiler and Kerberos' headers: apt-get install gcc python3-dev libkrb5-dev, or dnf "
            "install gcc python3-devel krb5-devel."
        ) from error
    gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False  # or it hides the real error behind another one
    return gssapi


def explain(error: Exception, *, advise: bool = True) -> LogonError:
    """Return the error of a logon for one of Kerberos, with what helps unless ``advise`` is False."""
    major, _, minor = str(error).rpartition("Minor (")
    text = minor.partition("): ")[2] or str(error)
    if text.startswith("Success"):
        text = major.rpartition("Major (")[2].partition("): ")[2].rstrip(", ")
    text = CODE.sub("", text.partition(", Context: ")[0])
    for one, other, advice in HELP if advise else ():
        if one in text and other in text:
            return LogonError(f"{text}: {advice}")
    return LogonError(text)


class KerberosProtection:
    """Signs and encrypts with a Kerberos context.

    Args:
        context: The complete context of gssapi. It may be exported, so that nothing else can use it any more.
        type: KERBEROS or SPNEGO.
        signs_headers: Whether what surrounds the stub is signed, too.
    """

    level = wire.PRIVACY
    fixed_size = False

    def __init__(self, context: Any, type: int, *, signs_headers: bool = True) -> None:  # noqa: A002
        from gssapi import raw
        from gssapi.raw import ext_dce

        self.type = type
        self._raw = raw
        self._context = context
        kinds = raw.IOVBufferType
        self._header, self._data = kinds.header, kinds.data
        self._signed = kinds.sign_only if signs_headers else kinds.empty
        sample = raw.IOV(self._header, b"", std_layout=False)
        raw.wrap_iov_length(context, sample)
        self.size = len(sample[0].value)
        self.sealing = None
        extension = ext_dce.__file__
        if KerberosSeal.is_usable(extension):
            try:
                self.sealing = KerberosSeal(context.export(), extension, self.size, signs_headers)
            except (raw.GSSError, ValueError) as error:
                raise LogonError(f"the logon cannot be taken over from gssapi: {error}") from None

    @property
    def is_in_place(self) -> bool:
        """Whether PDUs are protected without copies, which gssapi itself cannot."""
        return self.sealing is not None

    def protect(self, pdu: bytearray, start: int, stop: int) -> None:
        """Seal ``pdu[start:stop]`` in place, and write the token over the last bytes."""
        if self.sealing is not None:
            try:
                self.sealing.seal(pdu, start, stop)
            except ValueError as error:
                raise ProtocolError(str(error), 1825) from None
            return
        raw = self._raw
        buffers = raw.IOV(
            (self._signed, bytes(pdu[:start])),
            (self._data, bytes(pdu[start:stop])),
            (self._signed, bytes(pdu[stop : stop + wire.TRAILER])),
            self._header,
            std_layout=False,
        )
        try:
            raw.wrap_iov(self._context, buffers, True, None)
        except raw.GSSError as error:
            raise ProtocolError(f"the PDU could not be sealed: {error}", 1825) from None
        token = buffers[3].value
        if len(token) != self.size:
            raise ProtocolError(f"Kerberos made a token of {len(token)} bytes, not {self.size}", 1825)
        pdu[start:stop] = buffers[1].value
        pdu[-self.size :] = token

    def open(self, pdu: bytearray, start: int, stop: int) -> None:
        """Open ``pdu[start:stop]`` in place; raise `ProtocolError` if the token does not match."""
        if self.sealing is not None:
            try:
                self.sealing.unseal(pdu, start, stop)
            except ValueError as error:
                raise ProtocolError(str(error), 1825) from None
            return
        raw = self._raw
        buffers = raw.IOV(
            (self._header, False, bytes(pdu[stop + wire.TRAILER :])),
            (self._signed, False, bytes(pdu[:start])),
            (self._data, False, bytes(pdu[start:stop])),
            (self._signed, False, bytes(pdu[stop : stop + wire.TRAILER])),
            std_layout=False,
        )
        try:
            result = raw.unwrap_iov(self._context, buffers)
        except raw.GSSError:
            raise ProtocolError("the signature of a PDU is wrong", 1825) from None
        if not result.encrypted:
            raise ProtocolError("the PDU is not encrypted", 1825)
        pdu[start:stop] = buffers[2].value


class KerberosLogon:
    """A client's logon by Kerberos.

    Args:
        host: The server's name, to which the ticket is bound.
        user: The user, ``user@REALM``; None for the tickets that the user has.
        password: The password, if there is one.
    """

    type = wire.KERBEROS
    level = wire.PRIVACY
    mechanism = "kerberos"
    why_not_kerberos = ""

    def __init__(self, host: str, user: str | None, password: str | None) -> None:
        gssapi = load_gssapi()
        from gssapi import raw

        self._errors = (raw.GSSError,)
        flags = gssapi.RequirementFlag
        kerberos = gssapi.MechType.kerberos
        try:
            credentials = None
            if user is not None:
                domain, backslash, plain = user.partition("\\")
                principal = f"{plain}@{domain.upper()}" if backslash else user
                name = gssapi.Name(principal, gssapi.NameType.user)
                if password is None:
                    credentials = gssapi.Credentials(name=name, usage="initiate", mechs=[kerberos])
                else:
                    acquired = raw.acquire_cred_with_password(name, password.encode(), mechs=[kerberos])
                    credentials = gssapi.Credentials(acquired.creds)
            self._context = gssapi.SecurityContext(
                name=gssapi.Name(f"host@{host}", gssapi.NameType.hostbased_service),
                creds=credentials,
                usage="initiate",
                mech=kerberos,
                flags=flags.mutual_authentication
                | flags.replay_detection
                | flags.out_of_sequence_detection
                | flags.confidentiality
                | flags.integrity
                | flags.dce_style,
            )
        except self._errors as error:
            raise explain(error) from None
        finally:
            del password

    @property
    def complete(self) -> bool:
        """Whether the mechanism needs no further token."""
        return bool(self._context.complete)

    def step(self, token: bytes | None) -> bytes | None:
        """Take the server's token, None at first, and return the next one to send."""
        try:
            answer: bytes | None = self._context.step(token)
        except self._errors as error:
            raise explain(error) from None
        return answer

    def protection(self) -> KerberosProtection:
        """Return the protection of the connection."""
        return KerberosProtection(self._context, wire.KERBEROS)

    def needs_header_signing(self) -> bool:
        """Return True: without it, the number of the operation is not protected."""
        return True


class KerberosAcceptor:
    """The server's side of a Kerberos logon.

    Args:
        keytab: The file with the keys of the server.
        type: KERBEROS or SPNEGO.
        unsigned_headers: Take clients that do not sign headers.
    """

    def __init__(
        self,
        keytab: "str | PathLike[str]",
        type: int = wire.KERBEROS,  # noqa: A002
        *,
        unsigned_headers: bool = False,
    ) -> None:
        gssapi = load_gssapi()
        from gssapi import raw

        self.complete = False
        self.user = ""
        self._type = type
        self._unsigned_headers = unsigned_headers
        self._errors = (raw.GSSError,)
        try:
            keys = gssapi.Credentials(
                usage="accept", mechs=[gssapi.MechType.kerberos], store={"keytab": fspath(keytab)}
            )
            self._context = gssapi.SecurityContext(creds=keys, usage="accept")
        except self._errors as error:
            raise LogonError(f"the keytab cannot be used: {explain(error)}") from None

    def step(self, token: bytes) -> bytes | None:
        """Take the client's token and return the next one to send."""
        try:
            answer: bytes | None = self._context.step(_without_frame(token))
            self.complete = bool(self._context.complete)
            if self.complete:
                self.user = str(self._context.initiator_name)
        except self._errors as error:
            raise explain(error) from None
        return answer

    def check_mic(self, data: bytes, mic: bytes) -> None:
        """Check the client's signature of SPNEGO's list."""
        try:
            self._context.verify_signature(data, mic)
        except self._errors as error:
            raise explain(error) from None

    def mic(self, data: bytes) -> bytes:
        """Return the server's signature of SPNEGO's list."""
        return bytes(self._context.get_signature(data))

    def protection(self, level: int, *, signs_headers: bool) -> KerberosProtection:
        """Return the protection of the connection."""
        if level != wire.PRIVACY:
            raise LogonError("with Kerberos the server takes encrypted calls only")
        if not signs_headers and not self._unsigned_headers:
            raise LogonError("the client does not sign headers, without which calls could be changed")
        return KerberosProtection(self._context, self._type, signs_headers=signs_headers)


def _without_frame(token: bytes) -> bytes:
    """Return a client's first token as the protocol wants it. impacket puts it into a frame, which MIT refuses."""
    at = token.find(FRAME, 0, 24)
    return token[at + len(FRAME) :] if at > 0 and token[:1] == b"\x60" else token
