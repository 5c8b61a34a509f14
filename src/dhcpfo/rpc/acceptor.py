"""Which logons a server takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from ..models.secret import Secret, hide, to_secret
from . import pdu as wire
from .kerberos import KerberosAcceptor, load_gssapi
from .ntlm import NtlmAcceptor, nt_hash
from .server_connection import Acceptor
from .spnego import KERBEROS_OIDS, NTLM_OID, Mechanism, SpnegoAcceptor

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Account", "Logons"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, init=False)
class Account:
    """An account that may log on to an `RpcServer`.

    Args:
        password: The password, for NTLM; None for an account that logs on by Kerberos only.
        rights: ``"admin"`` may read and change, ``"read"`` may read.
    """

    password: Secret | None
    rights: Literal["admin", "read"]

    def __init__(self, password: "str | Secret | None" = None, rights: Literal["admin", "read"] = "admin") -> None:
        password = hide(password)  # type: ignore[assignment]  # first: no traceback may show the text
        if rights not in ("admin", "read"):
            raise ValueError(f"rights must be 'admin' or 'read', got {rights!r}")
        secret = None if password is None else to_secret(password, "password")  # type: ignore[arg-type]
        object.__setattr__(self, "password", secret)
        object.__setattr__(self, "rights", rights)


class Logons:
    r"""The accounts of a server, and the acceptors for their logons.

    Args:
        accounts: For each user, ``DOMAIN\user``, ``user`` or ``user@REALM``, the account.
        keytab: The file with the server's Kerberos keys, if it takes Kerberos.
        name: The server's name that NTLM tells its clients.
        unsigned_headers: Take Kerberos from clients that do not sign headers.
    """

    def __init__(
        self,
        accounts: Mapping[str, "Account | str | Secret"],
        keytab: "str | PathLike[str] | None",
        name: str,
        *,
        unsigned_headers: bool = False,
    ) -> None:
        self._accounts: dict[str, Account] = {}
        self._hashes: dict[str, bytes] = {}
        for user, given in accounts.items():
            account = given if isinstance(given, Account) else Account(given)
            self._accounts[user.casefold()] = account
            if account.password is not None:
                self._hashes[user.casefold()] = nt_hash(account.password.reveal())
        self._keytab = keytab
        self._name = name
        self._unsigned_headers = unsigned_headers
        if keytab is not None:
            load_gssapi()  # to say now what is missing

    def rights(self, user: str) -> str | None:
        """Return the rights of a user who has logged on; None for one without an account."""
        account = _find(self._accounts, user)
        if account is not None:
            return account.rights
        return "admin" if not self._accounts else None

    def acceptor(self, type: int, level: int) -> Acceptor | None:  # noqa: A002
        """Return the acceptor for a type and level of authentication, or None if the server does not take it."""
        if type == wire.NTLM and self._hashes:
            return NtlmAcceptor(self._lookup, self._name, wire.NTLM, level)
        if type == wire.KERBEROS and self._keytab is not None:
            return KerberosAcceptor(self._keytab, unsigned_headers=self._unsigned_headers)
        if type == wire.SPNEGO and (self._hashes or self._keytab is not None):
            inside: dict[bytes, Callable[[], Mechanism]] = {}
            if self._keytab is not None:
                for oid in KERBEROS_OIDS:
                    inside[oid] = partial(
                        KerberosAcceptor, self._keytab, wire.SPNEGO, unsigned_headers=self._unsigned_headers
                    )
            if self._hashes:
                inside[NTLM_OID] = partial(NtlmAcceptor, self._lookup, self._name, wire.SPNEGO, level)
            return SpnegoAcceptor(inside)
        return None

    def _lookup(self, user: str, domain: str) -> bytes | None:
        return _find(self._hashes, f"{domain}\\{user}" if domain else user)


def _find(table: Mapping[str, Value], user: str) -> Value | None:
    """Return the entry for a user: with the domain, or else one without any."""
    key = user.casefold()
    return table.get(key) or table.get(key.rpartition("\\")[2])
