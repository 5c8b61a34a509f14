"""One DHCP server, as a Python programmer wants it: keywords, units, lists, checks before the call."""

import enum
import sys
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address
from types import TracebackType
from typing import Any, Literal, TypeAlias

from .. import arguments
from ..api import FUNCTIONS, ManagementApi
from ..enums import AddressStatus, FailoverMode, FailoverState, RelationshipFlags, SearchType
from ..errors import DhcpsapiMissingError, ErrorCode, InvalidAnswerError
from ..models import (
    AddressLike,
    ClientSearch,
    FailoverClient,
    Relationship,
    RelationshipValues,
    ScopeStatistics,
    Secret,
    SystemTime,
    unique_client_id,
)
from ..models.failover import FLAG_OF_VALUE
from ..trace import call

__all__ = ["Server", "connect"]

MAX_PAGES = 1024
"""No server holds more than 31 relationships; one that answers more pages than this never ends."""


class _Unset(enum.Enum):
    UNSET = "not given"


UNSET: Literal[_Unset.UNSET] = _Unset.UNSET
Unset: TypeAlias = Literal[_Unset.UNSET]


class Server:
    """One DHCP server, over any `ManagementApi`.

    Every call touches this one server only; a failover relationship lives on two. A `Server` holds no state of its
    own, so threads may share it. Every method raises `dhcpfo.errors.DhcpError` (a subclass says what to do about
    it), and `ValueError` or `TypeError` for a bad argument before anything is sent.

    Args:
        api: The route to the server; `connect` makes one to a real server, `dhcpfo.simulator.Lab.connect` to a
            simulated one.
    """

    __slots__ = ("__weakref__", "_api")

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    @property
    def name(self) -> str | None:
        """The server as it was named when connecting; None for this machine."""
        return self._api.server

    @property
    def api(self) -> ManagementApi:
        """The route underneath: one method for each API function, nothing checked."""
        return self._api

    def create_relationship(self, relationship: Relationship) -> None:
        """Create a failover relationship on this server only.

        Failover starts when the partner holds the same relationship with the other ``server_type``. Create it on
        the partner first, and delete it there when this call fails.

        Args:
            relationship: ``mclt`` and ``state_switch_interval`` travel as whole seconds; an interval of 0 is stored
                as never. ``percentage`` is the primary's share of the load (LOAD_BALANCE) or the part of the free
                addresses kept for the standby (HOT_STANDBY), 0 to 100. The scopes must exist on this server.
                ``state`` and ``previous_state`` are ignored by the server.

        Raises:
            RelationshipExistsError: The name is taken (20114).
            ScopeInRelationshipError: A scope belongs to a relationship already (20113).
            ScopeNotFoundError: A scope does not exist on this server (20005).
            LimitReachedError: The server holds 31 relationships (20128).
            InvalidParameterError: The server refuses a value (87), or a scope with a BOOTP-only range (87 or 20131).
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverCreateRelationship ([MS-DHCPM] 3.2.4.90).
        """
        call(self._api, "create_relationship", self._api.create_relationship, arguments.relationship(relationship))

    def set_relationship(
        self,
        name: str,
        *,
        mclt: timedelta | Unset = UNSET,
        state_switch_interval: timedelta | Unset | None = UNSET,
        state: FailoverState | Unset = UNSET,
        previous_state: FailoverState | Unset = UNSET,
        mode: FailoverMode | Unset = UNSET,
        percentage: int | Unset = UNSET,
        shared_secret: str | Secret | Unset | None = UNSET,
    ) -> None:
        """Change a relationship on this server only; what is not given stays.

        Values other than ``state`` should be equal on both servers: repeat the call on the partner.

        Args:
            name: The relationship; it cannot be renamed.
            mclt: Maximum client lead time, whole seconds.
            state_switch_interval: Whole seconds in COMMUNICATION_INTERRUPTED before PARTNER_DOWN; None is never.
            state: ``FailoverState.PARTNER_DOWN`` declares the partner down, from COMMUNICATION_INTERRUPTED. Other
                states are sent as they are; what a real server makes of them is undocumented.
            previous_state: The state to note as the one before; undocumented in use.
            mode: Load balance or hot standby.
            percentage: 0 to 100, as in `Relationship`: always the primary's share, on both servers.
            shared_secret: The new secret; None turns authentication off. Sent with a flag that the SDK's header has
                and the protocol's specification lacks.

        Raises:
            ValueError: Nothing to change is given.
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            InvalidParameterError: The server refuses a value or flag (87).
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverSetRelationship ([MS-DHCPM] 3.2.4.91).
        """
        given: dict[str, Any] = {}
        if shared_secret is not UNSET:
            # First, and bound to its name again, so that no traceback that shows variables shows the text.
            shared_secret = None if shared_secret is None else Secret(shared_secret)
            given["shared_secret"] = arguments.shared_secret(shared_secret)
        arguments.relationship_name(name)
        if mclt is not UNSET:
            given["mclt"] = arguments.seconds("mclt", mclt)
        if state_switch_interval is not UNSET:
            given["state_switch_interval"] = arguments.state_switch_interval(state_switch_interval)
        if state is not UNSET:
            given["state"] = arguments.member("state", state, FailoverState)
        if previous_state is not UNSET:
            given["previous_state"] = arguments.member("previous_state", previous_state, FailoverState)
        if mode is not UNSET:
            given["mode"] = arguments.member("mode", mode, FailoverMode)
        if percentage is not UNSET:
            given["percentage"] = arguments.percentage(percentage)
        if not given:
            raise ValueError(f"nothing to change is given; give at least one of {', '.join(FLAG_OF_VALUE)}")
        flags = RelationshipFlags(0)
        for key in given:
            flags |= FLAG_OF_VALUE[key]
        call(self._api, "set_relationship", self._api.set_relationship, name, flags, RelationshipValues(**given))

    def delete_relationship(self, name: str) -> None:
        """Delete a relationship from this server only; its scopes stay, no longer in failover.

        The partner keeps its copy until it is deleted there too.

        Args:
            name: The relationship.

        Raises:
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverDeleteRelationship ([MS-DHCPM] 3.2.4.92).
        """
        call(self._api, "delete_relationship", self._api.delete_relationship, arguments.relationship_name(name))

    def get_relationship(self, name: str) -> Relationship:
        """Return this server's copy of a relationship.

        Args:
            name: The relationship.

        Raises:
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            AccessDeniedError: The caller is neither DHCP user nor administrator there (5).

        Wraps DhcpV4FailoverGetRelationship ([MS-DHCPM] 3.2.4.93).
        """
        return call(self._api, "get_relationship", self._api.get_relationship, arguments.relationship_name(name))

    def relationships(self) -> list[Relationship]:
        """Return all relationships of this server with their scopes, in the server's order.

        One round trip as a rule: everything is asked for at once, and further pages are followed. The list is
        complete or an error is raised; "denied" or "unreachable" never looks like "none". A change made by somebody
        else between two pages can show.

        Raises:
            AccessDeniedError: The caller may not read there (5).
            InvalidAnswerError: The server never ends, or announces more and does not send it.

        Wraps DhcpV4FailoverEnumRelationship ([MS-DHCPM] 3.2.4.94).
        """
        found: list[Relationship] = []
        resume = 0
        for _ in range(MAX_PAGES):
            page = call(self._api, "enum_relationships", self._api.enum_relationships, resume)
            found += page.items
            stands = page.resume == resume
            # A server that counts what it has just sent as remaining is done all the same.
            nothing_left = page.remaining == 0 or (stands and page.remaining == len(page.items))
            if page.status == ErrorCode.ERROR_NO_MORE_ITEMS or (page.status == 0 and nothing_left):
                return found
            if stands:
                break
            resume = page.resume
        raise InvalidAnswerError(
            ErrorCode.ERROR_INVALID_DATA,
            FUNCTIONS["enum_relationships"].name,
            self.name,
            detail=f"the enumeration does not end: {len(found)} relationships read, {page.remaining} announced",
        )

    def add_failover_scopes(self, name: str, scopes: Iterable[AddressLike]) -> None:
        """Add scopes to a relationship on this server only; repeat it on the partner, there first.

        Args:
            name: The relationship; it must be NORMAL.
            scopes: The scopes to add, at most 400; each must exist on this server.

        Raises:
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            NotFoundError: The server has no relationship at all (2).
            ScopeNotFoundError: A scope does not exist on this server (20005).
            ScopeInRelationshipError: A scope is in a relationship already (20113).
            NotNormalError: The relationship is not NORMAL or is re-integrating (20120, 20133): try again later.
            LimitReachedError: More than 400 scopes (20130).
            InvalidParameterError: A scope has a BOOTP-only range (87).
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95).
        """
        call(
            self._api,
            "add_failover_scopes",
            self._api.add_failover_scopes,
            arguments.relationship_name(name),
            arguments.scopes(scopes),
        )

    def remove_failover_scopes(self, name: str, scopes: Iterable[AddressLike]) -> None:
        """Take scopes out of a relationship on this server only; the scopes themselves stay.

        Args:
            name: The relationship, in any state.
            scopes: The scopes to take out.

        Raises:
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            NotFoundError: The server has no relationship at all (2).
            ScopeNotFoundError: A scope does not exist on this server (20005).
            ScopeNotInRelationshipError: A scope is not in this relationship (20116).
            NotNormalError: The relationship is re-integrating (20133): try again later.
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96).
        """
        call(
            self._api,
            "remove_failover_scopes",
            self._api.remove_failover_scopes,
            arguments.relationship_name(name),
            arguments.scopes(scopes),
        )

    def get_scope_relationship(self, scope: AddressLike) -> Relationship:
        """Return the relationship that a scope is in, with all its scopes.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotInRelationshipError: The scope is in none, or does not exist (20116).
            AccessDeniedError: The caller is neither DHCP user nor administrator there (5).

        Wraps DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97).
        """
        return call(
            self._api, "get_scope_relationship", self._api.get_scope_relationship, arguments.address("scope", scope)
        )

    def get_scope_statistics(self, scope: AddressLike) -> ScopeStatistics:
        """Return the address counts of a failover scope, split between this server and its partner.

        Args:
            scope: The scope's network address.

        Raises:
            NotFoundError: The server has no failover statistics for the scope (2).
            AccessDeniedError: The caller is neither DHCP user nor administrator there (5).

        Wraps DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98).
        """
        return call(
            self._api, "get_scope_statistics", self._api.get_scope_statistics, arguments.address("scope", scope)
        )

    def get_failover_client(
        self,
        *,
        address: AddressLike | None = None,
        client_id: bytes | str | None = None,
        name: str | None = None,
        scope: AddressLike | None = None,
    ) -> FailoverClient:
        """Return a client's lease with its failover times; any client of any scope, in failover or not.

        Give exactly one of ``address``, ``client_id`` and ``name``.

        Args:
            address: The leased address.
            client_id: With ``scope``: the client identifier, usually the MAC address, as bytes or hexadecimal text.
                Without: the *unique ID* under which the server keeps the client, as `FailoverClient.client_id` has it.
            name: The client's host name. Of several the numerically lowest address is returned.
            scope: The client's scope; only with ``client_id``.

        Raises:
            ClientNotFoundError: No such client, or the server's database failed (20013 or 20016).
            AccessDeniedError: The caller is neither DHCP user nor administrator there (5).

        Wraps DhcpV4FailoverGetClientInfo ([MS-DHCPM] 3.2.4.99).
        """
        if (address is not None) + (client_id is not None) + (name is not None) != 1:
            raise ValueError("give exactly one of address, client_id and name")
        if scope is not None and client_id is None:
            raise ValueError("scope: given without a client_id, with which alone it has a meaning")
        if address is not None:
            search = ClientSearch(type=SearchType.ADDRESS, value=arguments.address("address", address))
        elif client_id is not None:
            key = arguments.client_id(client_id, in_scope=scope is not None)
            if scope is not None:
                key = unique_client_id(arguments.address("scope", scope), key)
            search = ClientSearch(type=SearchType.CLIENT_ID, value=key)
        else:
            assert name is not None
            search = ClientSearch(type=SearchType.NAME, value=arguments.text("name", name))
        return call(self._api, "get_failover_client", self._api.get_failover_client, search)

    def get_system_time(self) -> SystemTime:
        """Return this server's clock and by how much the partners' clocks may differ.

        Compare both servers before creating a relationship: servers whose clocks differ too much do not talk.

        Wraps DhcpV4FailoverGetSystemTime ([MS-DHCPM] 3.2.4.100).
        """
        return call(self._api, "get_system_time", self._api.get_system_time)

    def get_address_status(self, address: AddressLike) -> AddressStatus:
        """Return whose an address of a failover scope is.

        Args:
            address: A client address (the API calls the parameter a subnet address).

        Raises:
            InvalidParameterError: No scope contains the address (87).
            ScopeNotInRelationshipError: Its scope is in no relationship (20116).
            AccessDeniedError: The caller is neither DHCP user nor administrator there (5).

        Wraps DhcpV4FailoverGetAddressStatus ([MS-DHCPM] 3.2.4.126).
        """
        return call(
            self._api, "get_address_status", self._api.get_address_status, arguments.address("address", address)
        )

    def trigger_address_allocation(self, name: str) -> None:
        """Have the free addresses of a relationship's scopes divided anew between the servers, now.

        Args:
            name: The relationship; this server must be its primary.

        Raises:
            NotPrimaryError: This server is the relationship's secondary (20117).
            RelationshipNotFoundError: No relationship has this name on this server (20115).
            AccessDeniedError: The caller is no DHCP administrator there (5).

        Wraps DhcpV4FailoverTriggerAddrAllocation ([MS-DHCPM] 3.2.4.101).
        """
        call(
            self._api,
            "trigger_address_allocation",
            self._api.trigger_address_allocation,
            arguments.relationship_name(name),
        )

    def close(self) -> None:
        """Release the connection; for Dhcpsapi there is nothing to release."""
        self._api.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self) -> "Server":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Server":
        return self

    def __repr__(self) -> str:
        return f"<Server {'this machine' if self.name is None else self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        reopen = getattr(self._api, "reopen", None)
        if reopen is None:
            raise TypeError(f"{self!r} cannot be pickled: its {type(self._api).__name__} cannot be opened anew")
        answer: tuple[Any, ...] = reopen()
        return answer


def connect(server: str | IPv4Address | None = None) -> Server:
    """Connect to a DHCP server through Windows' Dhcpsapi.dll; nothing is sent before the first call.

    The calls use the credentials of the calling thread.

    Args:
        server: A host name or IPv4 address; None is this machine.

    Raises:
        DhcpsapiMissingError: Dhcpsapi cannot be used here; the message says what is missing and what can be done.
    """
    if isinstance(server, IPv4Address):
        server = str(server)
    arguments.optional_text("server", server)
    try:
        from .._dhcpsapi import NativeApi

        return Server(NativeApi(server))
    except ImportError as error:
        raise DhcpsapiMissingError(_what_is_missing(error)) from error


def _what_is_missing(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError):
        return "The compiled extension is not part of this installation of dhcpfo: install a wheel, or a C compiler."
    if sys.platform == "win32":
        # Windows' own words tell a missing DLL from a missing function and from what else can keep a module out.
        return (
            f"Dhcpsapi.dll with the failover functions is missing on this machine, or cannot be loaded ({error}): "
            "install the DHCP server tools (RSAT) of Windows Server 2012 or later, or run this where they are."
        )
    return (
        f"Dhcpsapi.dll exists on Windows only, not on {sys.platform}: run this on a Windows machine with the DHCP "
        "server tools, or use dhcpfo.simulator.Lab here."
    )
