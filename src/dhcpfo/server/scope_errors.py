"""Finding out which of several scopes a server refused.

The codes for a missing scope, a scope that is taken and a scope that is not in a relationship name none of the scopes
of a call. After such an error the server is asked again, with reading calls only. An error of those calls never
replaces the original one.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address

from ..api import ManagementApi
from ..errors import (
    DhcpError,
    InvalidParameterError,
    ScopeInRelationshipError,
    ScopeNotFoundError,
    ScopeNotInRelationshipError,
)
from ..models import Relationship

__all__ = ["SCOPE_ERRORS", "explain"]

SCOPE_ERRORS = (ScopeInRelationshipError, ScopeNotFoundError, ScopeNotInRelationshipError)


def explain(
    error: DhcpError,
    api: ManagementApi,
    relationships: Iterable[Relationship],
    scopes: Sequence[IPv4Address],
    name: str,
) -> None:
    """Add to ``error`` the scopes that caused it, and the relationships that hold them.

    Args:
        error: One of `SCOPE_ERRORS`.
        api: The server.
        relationships: The relationships of the server, read when iterated over.
        scopes: The scopes of the failed call.
        name: The relationship of the failed call.
    """
    if error.scope is None:
        error.candidates = tuple(scopes)
    with suppress(DhcpError):
        holders = {scope: held.name for held in relationships for scope in held.scopes}
        match error:
            case ScopeInRelationshipError():
                error.held_by = {scope: holders[scope] for scope in scopes if scope in holders}
                found = list(error.held_by)
            case ScopeNotInRelationshipError():
                error.held_by = {scope: holders[scope] for scope in scopes if holders.get(scope, name) != name}
                found = [scope for scope in scopes if holders.get(scope) != name]
            case _:
                found = [scope for scope in scopes if scope not in holders and _is_missing(api, scope)]
        if found:
            error.scope = found[0] if len(found) == 1 else None
            error.scopes, error.candidates = tuple(found), ()


def _is_missing(api: ManagementApi, scope: IPv4Address) -> bool:
    """Return whether no scope of the server contains this address."""
    try:
        api.get_address_status(scope)
    except InvalidParameterError:
        return True
    except DhcpError as error:
        if isinstance(error, ScopeNotInRelationshipError):
            return False
        raise
    return False
