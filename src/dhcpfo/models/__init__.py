"""Immutable data classes for requests and answers. They check types only, so every answer can be represented."""

from typing import TYPE_CHECKING, Any

from .addresses import Addresses, AddressLike, to_address, to_addresses
from .clients import Client, ClientSearch, ClientValues, HostInfo, unique_client_id
from .failover import FailoverClient, Relationship, RelationshipValues, ScopeStatistics, SystemTime
from .page import Page
from .secret import Secret

if TYPE_CHECKING:
    from .classes import DhcpClass
    from .elements import AddressRange, Reservation, ScopeElement, ScopeRange
    from .filters import Filter, FilterLists, FilterPattern
    from .options import (
        AllOptions,
        ClassOptionValues,
        OptionData,
        OptionDefinition,
        OptionElement,
        OptionKey,
        OptionLevel,
        OptionValue,
        PolicyOptionValues,
        VendorOption,
        to_option_values,
    )
    from .policies import Policy, PolicyAttribute, PolicyCondition, PolicyExpression, PolicyGroup, Property
    from .scopes import Scope, Superscope, SuperscopeEntry
    from .service import (
        AuditLog,
        AuthorizedServer,
        Binding,
        ScopeCounters,
        ServerAttribute,
        ServerConfig,
        ServerCounters,
        ServerVersion,
    )

__all__ = [
    "AddressLike",
    "AddressRange",
    "Addresses",
    "AllOptions",
    "AuditLog",
    "AuthorizedServer",
    "Binding",
    "ClassOptionValues",
    "Client",
    "ClientSearch",
    "ClientValues",
    "DhcpClass",
    "FailoverClient",
    "Filter",
    "FilterLists",
    "FilterPattern",
    "HostInfo",
    "OptionData",
    "OptionDefinition",
    "OptionElement",
    "OptionKey",
    "OptionLevel",
    "OptionValue",
    "Page",
    "Policy",
    "PolicyAttribute",
    "PolicyCondition",
    "PolicyExpression",
    "PolicyGroup",
    "PolicyOptionValues",
    "Property",
    "Relationship",
    "RelationshipValues",
    "Reservation",
    "Scope",
    "ScopeCounters",
    "ScopeElement",
    "ScopeRange",
    "ScopeStatistics",
    "Secret",
    "ServerAttribute",
    "ServerConfig",
    "ServerCounters",
    "ServerVersion",
    "Superscope",
    "SuperscopeEntry",
    "SystemTime",
    "VendorOption",
    "to_address",
    "to_addresses",
    "to_option_values",
    "unique_client_id",
]


def __getattr__(name: str) -> Any:
    # Failover does without these families, so they are loaded on first use. By plain import statements: programs that
    # freeze Python code do not see others.
    if name in __all__:
        from . import classes, elements, filters, options, policies, scopes, service

        for family in (classes, elements, filters, options, policies, scopes, service):
            if name in family.__all__:
                return getattr(family, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
