"""The exceptions that failed calls raise, and the table of error codes.

There is a subclass wherever a caller would act differently; all others are `DhcpError` itself.
"""

from .codes import ErrorCode, from_code
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
