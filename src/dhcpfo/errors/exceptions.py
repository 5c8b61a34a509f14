"""The exception classes: one for each case in which a caller would act differently."""

import errno
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

CODES: dict[int, Any] = {}
"""The table of codes, by number; `dhcpfo.errors.codes` fills it."""

load_codes: Callable[[], object] = dict  # loads nothing
"""Loads the table; set by the package, because the table needs this module."""

PERMANENT = frozenset({67, 1700, 1702, 1706, 1707, 11001, 11003, 11004, 20124})
"""Codes of an unavailable server that waiting does not help: its name or address is wrong."""


def is_read(function: str) -> bool:
    """Whether an API function changes nothing, according to its name. No regular expression: they slow the import."""
    name = function.removeprefix("Dhcp")
    for group in ("V4", "Failover", "Server", "AuditLog", "Ds"):
        name = name.removeprefix(group)
    return name.startswith(("Get", "Enum", "Query"))


SHOWN_SCOPES = 5
"""Scopes that a message lists; an attribute has them all."""


class DhcpError(OSError):
    """A call failed: a DHCP server refused it, or the server could not be reached.

    Attributes:
        winerror: The error code, a number of the Windows SDK's ``dhcpsapi.h`` or ``winerror.h``.
        code_name: The name of the code there, or ``"unknown"``.
        function: The API function that returned it.
        server: The server that was called, as the caller named it; None for this machine.
        relationship: The name of the relationship, if the call was about one.
        scope: The scope, if the call was about exactly one.
        address: The client address, if the call was about one.
        scopes: The scopes that caused the error, if `Server` could find them.
        candidates: The scopes of the call, if it could not: at least one of them caused the error.
        held_by: For scopes in another relationship than expected: the name of the relationship that holds each.
        retryable: True if the same call can succeed later without any change. After an `OutcomeUnknownError` that is
            so for reads only: the server may already have carried out a change, so read back before you repeat one.
    """

    winerror: int
    function: str
    server: str | None
    retryable: bool = False
    _errno: int = errno.EIO

    def __init__(
        self,
        winerror: int,
        function: str,
        server: str | None = None,
        *,
        relationship: str | None = None,
        scope: IPv4Address | None = None,
        address: IPv4Address | None = None,
        detail: str | None = None,
    ) -> None:
        if not CODES:
            load_codes()
        code = CODES.get(winerror)
        self.code_name = "unknown" if code is None else code.name
        text = "unknown error code" if code is None else code.text
        super().__init__(self._errno, detail or text)
        self.winerror = int(winerror)  # not a member of ErrorCode, which prints as its name
        self.function = function
        self.server = server
        self.relationship = relationship
        self.scope = scope
        self.address = address
        self.scopes: tuple[IPv4Address, ...] = () if scope is None else (scope,)
        self.candidates: tuple[IPv4Address, ...] = ()
        self.held_by: dict[IPv4Address, str] = {}

    def __str__(self) -> str:
        where = [self.function, "this machine" if self.server is None else f"server {self.server}"]
        for what in ("relationship", "scope", "address"):
            value = getattr(self, what)
            if value is not None:
                where.append(f"{what} {value!r}" if isinstance(value, str) else f"{what} {value}")
        if self.candidates:
            where.append(f"at least one of {len(self.candidates)} scopes")
        elif self.scopes and self.scope is None:
            shown = ", ".join(map(str, self.scopes[:SHOWN_SCOPES]))
            more = len(self.scopes) - SHOWN_SCOPES
            where.append(f"scopes {shown}{f' and {more} more' if more > 0 else ''}")
        if holders := sorted(set(self.held_by.values())):
            where.append(f"held by {', '.join(map(repr, holders))}")
        return f"{self.strerror} [{self.code_name} {self.winerror}] ({', '.join(where)})"

    def __repr__(self) -> str:
        # Dask, Celery and containers of results show this, and nothing else.
        return f"{type(self).__qualname__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError's own would call the class with its args alone.
        return _rebuild, (type(self), self.winerror, self.errno, self.strerror), self.__dict__


def _rebuild(cls: type[DhcpError], winerror: int, number: int, text: str) -> DhcpError:
    # Without __init__ and __new__: a subclass may have other signatures.
    error = OSError.__new__(cls)
    OSError.__init__(error, number, text)
    error.winerror = winerror
    return error


class DhcpsapiMissingError(OSError):
    """Dhcpsapi.dll, or one of the functions dhcpfo needs, is not available on this machine. Nothing was sent."""


class NotFoundError(DhcpError):
    """The object of the call does not exist on that server."""

    _errno = errno.ENOENT


class RelationshipNotFoundError(NotFoundError):
    """The server has no relationship with this name."""


class ScopeNotFoundError(NotFoundError):
    """The scope does not exist on that server."""


class ScopeNotInRelationshipError(NotFoundError):
    """The scope is not in this relationship, or not in any."""


class ClientNotFoundError(NotFoundError):
    """No client matches. A failure of the server's database has the same code (20013) and cannot be told from it.

    Only functions that look up a client raise it; from others the same codes are a plain `DhcpError`.
    """


class AlreadyExistsError(DhcpError):
    """An object with this name or address already exists."""

    _errno = errno.EEXIST


class RelationshipExistsError(AlreadyExistsError):
    """A relationship with this name already exists on the server."""


class ScopeInRelationshipError(DhcpError):
    """A scope is already in a relationship; it can only be in one.

    ``held_by`` names the relationship, if `Server` could find it.
    """

    _errno = errno.EBUSY


class AccessDeniedError(DhcpError, PermissionError):
    """The logon failed, or the caller is not in a group that the call requires."""

    _errno = errno.EACCES


class ServerUnavailableError(DhcpError, ConnectionError):
    """The server could not be reached or did not accept the call. Nothing is known about its configuration.

    Unless it is an `OutcomeUnknownError`, the server did not carry out the call.
    """

    _errno = errno.ECONNREFUSED

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        """True unless the name or address of the server is wrong."""
        return self.winerror not in PERMANENT


class OutcomeUnknownError(ServerUnavailableError):
    """The connection failed during the call: the server may or may not have carried it out.

    Repeat reads as you like. After a change, read back what the server has before you repeat it; ``retryable`` is
    therefore True for reads only.
    """

    _errno = errno.ECONNRESET

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        """True if the call was a read."""
        return is_read(self.function)


class NotNormalError(DhcpError):
    """The relationship is busy: not in the NORMAL state, or synchronizing. The same call can succeed later."""

    retryable = True
    _errno = errno.EAGAIN


class NotPrimaryError(DhcpError):
    """Only the relationship's primary server can do this."""


class ClockSkewError(DhcpError):
    """The clocks of the two servers differ by more than the server allows."""


class LimitReachedError(DhcpError):
    """A limit of the server is reached: 31 relationships, or 400 scopes in one call."""


class NotSupportedError(DhcpError):
    """The server or the scope does not support this."""

    _errno = errno.ENOTSUP


class InvalidParameterError(DhcpError):
    """The server rejected an argument."""

    _errno = errno.EINVAL


class InvalidAnswerError(DhcpError):
    """The server's answer contradicts itself or never ends. It is not used."""
