"""The exceptions that failed calls raise, and the table of error codes.

There is a subclass wherever a caller would act differently; all others are `DhcpError` itself.
"""

from typing import TYPE_CHECKING, Any

from . import exceptions
from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    ClientNotFoundError,
    ClockSkewError,
    DhcpError,
    DhcpsapiMissingError,
    InvalidAnswerError,
    InvalidParameterError,
    LimitReachedError,
    NotFoundError,
    NotNormalError,
    NotPrimaryError,
    NotSupportedError,
    OutcomeUnknownError,
    RelationshipExistsError,
    RelationshipNotFoundError,
    ScopeInRelationshipError,
    ScopeNotFoundError,
    ScopeNotInRelationshipError,
    ServerUnavailableError,
)

if TYPE_CHECKING:
    from .codes import ErrorCode, from_code

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "ClientNotFoundError",
    "ClockSkewError",
    "DhcpError",
    "DhcpsapiMissingError",
    "ErrorCode",
    "InvalidAnswerError",
    "InvalidParameterError",
    "LimitReachedError",
    "NotFoundError",
    "NotNormalError",
    "NotPrimaryError",
    "NotSupportedError",
    "OutcomeUnknownError",
    "RelationshipExistsError",
    "RelationshipNotFoundError",
    "ScopeInRelationshipError",
    "ScopeNotFoundError",
    "ScopeNotInRelationshipError",
    "ServerUnavailableError",
    "from_code",
]


def _load_codes() -> None:
    from . import codes as codes


exceptions.load_codes = _load_codes


def __getattr__(name: str) -> Any:
    # The table of codes takes a tenth of the time of an import, and few programs need it before the first error.
    if name in ("ErrorCode", "from_code"):
        from . import codes

        return getattr(codes, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
