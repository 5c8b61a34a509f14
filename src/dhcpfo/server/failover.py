"""The failover methods of `Server`: relationships, their scopes and clients, the servers' clocks."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from .. import arguments
from ..enums import AddressStatus, FailoverMode, FailoverState, RelationshipFlags
from ..errors import DhcpError
from ..models import (
    AddressLike,
    FailoverClient,
    Relationship,
    RelationshipValues,
    ScopeStatistics,
    Secret,
    SystemTime,
)
from ..models.convert import wrong_type
from ..models.failover import FLAG_OF_VALUE
from ..models.page import SUCCESS_AFTER_COUNT
from ..models.secret import hide
from .clients import client_search
from .connection import Connection
from .scope_errors import SCOPE_ERRORS, explain
from .unchanged import UNCHANGED, Unchanged

__all__ = ["FailoverMethods"]

MOST_PAGES = 1024
"""A server holds at most 31 relationships, so one that sends more pages is looping."""

MEANING = {
    FailoverMode.LOAD_BALANCE: "the primary server's share of the clients",
    FailoverMode.HOT_STANDBY: "the share of the free addresses reserved for the standby server",
}


class FailoverMethods(Connection):
    """Failover relationships, their scopes and their clients."""

    __slots__ = ()

    def relationships(self) -> list[Relationship]:
        """Return all relationships of this server, in the server's order.

        The list is complete, or an error is raised: "access denied" or "unreachable" never looks like an empty list.
        It usually takes one round trip. If it takes more, changes made between two of them may show.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).
            InvalidAnswerError: The server does not end the list, or announces relationships and does not send them.

        Wraps DhcpV4FailoverEnumRelationship ([MS-DHCPM] 3.2.4.94).
        """
        return list(self._follow(self._api.enum_relationships, SUCCESS_AFTER_COUNT, most_pages=MOST_PAGES))

    def get_relationship(self, name: str) -> Relationship:
        """Return this server's copy of a relationship.

        Args:
            name: The relationship's name.

        Raises:
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4FailoverGetRelationship ([MS-DHCPM] 3.2.4.93).
        """
        return self._api.get_relationship(arguments.relationship_name(name))

    def create_relationship(self, relationship: Relationship) -> None:
        """Create a failover relationship on this server only.

        Failover starts once the partner has the same relationship with the other ``server_type``. Create it on the
        partner first. If this call fails, delete it there.

        Args:
            relationship: The relationship to create. Its scopes must exist on this server. ``mclt`` and
                ``state_switch_interval`` are sent as whole seconds; servers store an interval of 0 as "never". Servers
                ignore ``state`` and ``previous_state``. An empty server name is sent as None.

        Raises:
            ValueError: A value cannot be sent, or primary and secondary are the same server.
            RelationshipExistsError: This server has a relationship with this name (20114).
            ScopeInRelationshipError: A scope is already in a relationship (20113); see `DhcpError.held_by`.
            ScopeNotFoundError: A scope does not exist on this server (20005).
            LimitReachedError: This server has 31 relationships, the maximum (20128).
            InvalidParameterError: The server refuses a value (87), or a scope that serves BOOTP only (87 or 20131).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverCreateRelationship ([MS-DHCPM] 3.2.4.90).
        """
        if not isinstance(relationship, Relationship):
            error, relationship = wrong_type("relationship", relationship, "Relationship"), None
            raise error  # with the name bound again, so that no traceback shows a dict with a secret in it
        checked = arguments.relationship(relationship)
        try:
            self._api.create_relationship(checked)
        except SCOPE_ERRORS as error:
            self._explain(error, checked.scopes, checked.name)
            raise

    def set_relationship(
        self,
        name: str,
        *,
        mclt: "timedelta | Unchanged" = UNCHANGED,
        state_switch_interval: "timedelta | Unchanged | None" = UNCHANGED,
        state: "FailoverState | Unchanged" = UNCHANGED,
        previous_state: "FailoverState | Unchanged" = UNCHANGED,
        mode: "FailoverMode | Unchanged" = UNCHANGED,
        percentage: "int | Unchanged" = UNCHANGED,
        shared_secret: "str | bytes | Secret | Unchanged | None" = UNCHANGED,
    ) -> None:
        """Change a relationship on this server only. Values that you do not pass stay as they are.

        Both servers should have equal values, except for ``state``: repeat the call on the partner.

        Args:
            name: The relationship's name. It cannot be changed.
            mclt: Maximum client lead time, in whole seconds.
            state_switch_interval: How long the server stays in COMMUNICATION_INTERRUPTED before it enters PARTNER_DOWN
                by itself, in whole seconds; None is never.
            state: ``FailoverState.PARTNER_DOWN`` declares the partner down, from COMMUNICATION_INTERRUPTED. Other
                states are sent too, but how a real server handles them is undocumented.
            previous_state: The previous state to record. Its use is undocumented.
            mode: Load balance or hot standby. Needs ``percentage``, because the number means something else in each.
            percentage: 0 to 100. In load balance the primary server's share of the clients, on both servers; in hot
                standby the share of the free addresses reserved for the standby server.
            shared_secret: The new secret, as text or as bytes in UTF-8; None turns authentication off. The flag for it
                is in the Windows SDK but not in [MS-DHCPM].

        Raises:
            ValueError: Nothing to change is passed, ``mode`` is passed without ``percentage``, or a value cannot be
                sent.
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            InvalidParameterError: The server refuses a value or flag (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverSetRelationship ([MS-DHCPM] 3.2.4.91).
        """
        values: dict[str, Any] = {}
        if shared_secret is not UNCHANGED:
            # First, and bound to its name again, so that no traceback that shows variables shows the text.
            shared_secret = hide(shared_secret)  # type: ignore[assignment]
            values["shared_secret"] = arguments.shared_secret(shared_secret)
        arguments.relationship_name(name)
        if mclt is not UNCHANGED:
            values["mclt"] = arguments.seconds("mclt", mclt)
        if state_switch_interval is not UNCHANGED:
            values["state_switch_interval"] = arguments.state_switch_interval(state_switch_interval)
        if state is not UNCHANGED:
            values["state"] = arguments.member("state", state, FailoverState)
        if previous_state is not UNCHANGED:
            values["previous_state"] = arguments.member("previous_state", previous_state, FailoverState)
        if mode is not UNCHANGED:
            values["mode"] = arguments.member("mode", mode, FailoverMode)
            if percentage is UNCHANGED:
                meaning = MEANING.get(mode, "something else")
                raise ValueError(
                    f"percentage must be passed together with mode: in {mode.name} the number that the relationship "
                    f"has now would become {meaning}"
                )
        if percentage is not UNCHANGED:
            values["percentage"] = arguments.percentage(percentage)
        if not values:
            raise ValueError(f"nothing to change: pass at least one of {', '.join(FLAG_OF_VALUE)}")
        flags = RelationshipFlags(0)
        for key in values:
            flags |= FLAG_OF_VALUE[key]
        self._api.set_relationship(name, flags, RelationshipValues(**values))

    def delete_relationship(self, name: str) -> None:
        """Delete a relationship from this server only. Its scopes stay, but failover ends for them.

        Delete it on the partner too. Caution: afterwards both servers have the same scopes, enabled, and give out the
        same addresses to different clients. Before you delete the relationship on the second server, disable or delete
        its scopes on one of the two.

        Args:
            name: The relationship's name.

        Raises:
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverDeleteRelationship ([MS-DHCPM] 3.2.4.92).
        """
        self._api.delete_relationship(arguments.relationship_name(name))

    def add_failover_scopes(self, name: str, scopes: Iterable[AddressLike]) -> None:
        """Add scopes to a relationship on this server only. Add them on the partner first.

        Args:
            name: The relationship's name. The relationship must be NORMAL.
            scopes: The network addresses of the scopes to add, at most 400. The scopes must exist on this server.

        Raises:
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            NotFoundError: This server has no relationships at all (2).
            ScopeNotFoundError: A scope does not exist on this server (20005).
            ScopeInRelationshipError: A scope is already in a relationship (20113); see `DhcpError.held_by`.
            NotNormalError: The relationship is not NORMAL, or is re-integrating (20120, 20133). Try again later.
            LimitReachedError: More than 400 scopes (20130).
            InvalidParameterError: A scope serves BOOTP only (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95).
        """
        name, checked = arguments.relationship_name(name), arguments.scopes(scopes)
        try:
            self._api.add_failover_scopes(name, checked)
        except SCOPE_ERRORS as error:
            self._explain(error, checked, name)
            raise

    def remove_failover_scopes(self, name: str, scopes: Iterable[AddressLike]) -> None:
        """Remove scopes from a relationship on this server only. The scopes themselves stay.

        Remove them on the partner too. Caution: afterwards both servers have the same scopes, enabled, and give out
        the same addresses to different clients. Disable or delete them on one of the two.

        Args:
            name: The relationship's name. The relationship may be in any state.
            scopes: The network addresses of the scopes to remove.

        Raises:
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            NotFoundError: This server has no relationships at all (2).
            ScopeNotFoundError: A scope does not exist on this server (20005).
            ScopeNotInRelationshipError: A scope is not in this relationship (20116); see `DhcpError.held_by`.
            NotNormalError: The relationship is re-integrating (20133). Try again later.
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96).
        """
        name, checked = arguments.relationship_name(name), arguments.scopes(scopes)
        try:
            self._api.remove_failover_scopes(name, checked)
        except SCOPE_ERRORS as error:
            self._explain(error, checked, name)
            raise

    def get_scope_relationship(self, scope: AddressLike) -> Relationship:
        """Return the relationship that a scope is in, with all its scopes.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotInRelationshipError: The scope is not in a relationship, or does not exist (20116).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97).
        """
        return self._api.get_scope_relationship(arguments.address("scope", scope))

    def get_scope_statistics(self, scope: AddressLike) -> ScopeStatistics:
        """Return the address counts of a failover scope, split between this server and its partner.

        Args:
            scope: The scope's network address.

        Raises:
            NotFoundError: This server has no failover statistics for the scope (2).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98).
        """
        return self._api.get_scope_statistics(arguments.address("scope", scope))

    def get_failover_client(
        self,
        *,
        address: AddressLike | None = None,
        client_id: bytes | str | None = None,
        name: str | None = None,
        scope: AddressLike | None = None,
    ) -> FailoverClient:
        """Return a client's lease with its failover times. Finds clients of all scopes, in failover or not.

        Pass exactly one of ``address``, ``client_id`` and ``name``.

        Args:
            address: The leased address.
            client_id: The client identifier, usually the MAC address, as bytes or hexadecimal text, together with
                ``scope``. Without ``scope`` it must be the *unique ID* under which the server keeps the client, as in
                `FailoverClient.client_id`.
            name: The client's host name. If several clients have it, the one with the lowest address is returned.
            scope: The network address of the client's scope. Only valid together with ``client_id``.

        Raises:
            ClientNotFoundError: No client matches, or the server's database failed (20013 or 20016).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4FailoverGetClientInfo ([MS-DHCPM] 3.2.4.99).
        """
        return self._api.get_failover_client(client_search(address, client_id, name, scope))

    def get_system_time(self) -> SystemTime:
        """Return this server's clock, and how much the clocks of two partners may differ.

        Compare both servers before you create a relationship: with larger differences failover does not start. Every
        caller may use it.

        Wraps DhcpV4FailoverGetSystemTime ([MS-DHCPM] 3.2.4.100).
        """
        return self._api.get_system_time()

    def get_address_status(self, address: AddressLike) -> AddressStatus:
        """Return which server owns an address of a failover scope.

        Args:
            address: A client's address (the API calls this parameter a subnet address).

        Raises:
            InvalidParameterError: No scope contains the address (87).
            ScopeNotInRelationshipError: Its scope is not in a relationship (20116).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4FailoverGetAddressStatus ([MS-DHCPM] 3.2.4.126).
        """
        return self._api.get_address_status(arguments.address("address", address))

    def trigger_address_allocation(self, name: str) -> None:
        """Redistribute the free addresses of a relationship's scopes between the two servers now.

        Args:
            name: The relationship's name. This server must be its primary.

        Raises:
            NotPrimaryError: This server is the relationship's secondary (20117).
            RelationshipNotFoundError: This server has no relationship with this name (20115).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4FailoverTriggerAddrAllocation ([MS-DHCPM] 3.2.4.101).
        """
        self._api.trigger_address_allocation(arguments.relationship_name(name))

    def _explain(self, error: DhcpError, scopes: Sequence[IPv4Address], name: str) -> None:
        """Add to an error about scopes which ones it is about."""
        relationships = self._follow(self._api.enum_relationships, SUCCESS_AFTER_COUNT, most_pages=MOST_PAGES)
        explain(error, self._api, relationships, scopes, name)
