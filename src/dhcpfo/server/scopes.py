"""The scope methods of `Server`: scopes, how long a server delays its offers, superscopes."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from .. import arguments
from ..enums import ForceFlag, ScopeState
from ..models import Addresses, AddressLike, Scope, Superscope
from ..models.page import SUCCESS_WITH_EVERY_PAGE
from .connection import Connection
from .unchanged import UNCHANGED, Unchanged

__all__ = ["ScopesMethods"]


class ScopesMethods(Connection):
    """Scopes and superscopes."""

    __slots__ = ()

    def scopes(self) -> list[IPv4Address]:
        """Return the ids of all scopes of this server: their network addresses.

        `get_scope` returns the properties of one. The result is complete, or the call raises.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumSubnets ([MS-DHCPM] 3.1.4.4).
        """
        return list(self._follow(self._api.enum_scopes, SUCCESS_WITH_EVERY_PAGE))

    def get_scope(self, scope: AddressLike) -> Scope:
        """Return the properties of a scope.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetSubnetInfoVQ ([MS-DHCPM] 3.1.4.50).
        """
        return self._api.get_scope(arguments.address("scope", scope))

    def create_scope(
        self,
        network: IPv4Network | str,
        *,
        name: str | None = None,
        comment: str | None = None,
        state: ScopeState = ScopeState.ENABLED,
    ) -> None:
        """Create a scope without a range. Add one with `add_range` before clients can get addresses.

        To avoid half-configured scopes, create it with ``state=ScopeState.DISABLED`` and enable it when it is
        complete. For failover, create it on both servers.

        Args:
            network: The scope's network, such as ``"10.0.1.0/24"``.
            name: Name for administrators.
            comment: Description.
            state: Whether the server leases addresses of the scope.

        Raises:
            AlreadyExistsError: The network overlaps another scope of this server (20052).
            InvalidParameterError: The server does not accept the network (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpCreateSubnetVQ ([MS-DHCPM] 3.1.4.49).
        """
        checked = arguments.network("network", network)
        info = Scope(
            scope_id=checked.network_address,
            subnet_mask=checked.netmask,
            name=arguments.optional_text("name", name),
            comment=arguments.optional_text("comment", comment),
            state=arguments.member("state", state, ScopeState),
        )
        self._api.create_scope(info.scope_id, info)

    def set_scope(
        self,
        scope: AddressLike,
        *,
        name: str | Unchanged | None = UNCHANGED,
        comment: str | Unchanged | None = UNCHANGED,
        state: ScopeState | Unchanged = UNCHANGED,
    ) -> None:
        """Change the name, the comment or the state of a scope. Only the values that you pass change.

        The server can only replace all properties at once, so this method reads them first: it makes two calls. A
        change that somebody else makes between the two is lost. The subnet mask cannot be changed.

        Args:
            scope: The scope's network address.
            name: New name; None removes it.
            comment: New description; None removes it.
            state: New state. A disabled scope gives out no addresses and renews no leases.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetSubnetInfoVQ ([MS-DHCPM] 3.1.4.51).
        """
        changes: dict[str, Any] = {}
        if not isinstance(name, Unchanged):
            changes["name"] = arguments.optional_text("name", name)
        if not isinstance(comment, Unchanged):
            changes["comment"] = arguments.optional_text("comment", comment)
        if not isinstance(state, Unchanged):
            changes["state"] = arguments.member("state", state, ScopeState)
        if not changes:
            raise ValueError("nothing to change: pass at least one of name, comment, state")
        checked = arguments.address("scope", scope)
        self._api.set_scope(checked, self._api.get_scope(checked).replace(**changes))

    def delete_scope(self, scope: AddressLike, *, force: ForceFlag = ForceFlag.NO_FORCE) -> None:
        """Delete a scope with everything in it.

        Args:
            scope: The scope's network address.
            force: ``NO_FORCE`` refuses while clients have leases. ``FULL_FORCE`` deletes the leases and their DNS
                records, too. ``FAILOVER_FORCE`` deletes the leases but leaves DNS alone.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            ScopeInRelationshipError: The scope is in a failover relationship (20113), with any ``force``. Remove it
                there first.
            DhcpError: Clients have leases, and ``force`` is ``NO_FORCE`` (20007).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpDeleteSubnet ([MS-DHCPM] 3.1.4.8).
        """
        self._api.delete_scope(arguments.address("scope", scope), arguments.member("force", force, ForceFlag))

    def get_scope_delay(self, scope: AddressLike) -> timedelta:
        """Return how long this server waits before it answers a client of the scope.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetSubnetDelayOffer ([MS-DHCPM] 3.2.4.81).
        """
        return self._api.get_scope_delay(arguments.address("scope", scope))

    def set_scope_delay(self, scope: AddressLike, *, delay: timedelta) -> None:
        """Set how long this server waits before it answers a client of the scope.

        A delay lets another server with the same scope answer first.

        Args:
            scope: The scope's network address.
            delay: Whole milliseconds, at most one second; zero means none.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetSubnetDelayOffer ([MS-DHCPM] 3.2.4.80).
        """
        self._api.set_scope_delay(arguments.address("scope", scope), arguments.delay("delay", delay))

    def superscopes(self) -> list[Superscope]:
        """Return the superscopes of this server, each with its scopes.

        The server lists its scopes, so a superscope without a scope is not shown.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetSuperScopeInfoV4 ([MS-DHCPM] 3.1.4.38).
        """
        members: dict[tuple[int, str | None], list[IPv4Address]] = {}
        for entry in self._api.get_superscope_table():
            if entry.number or entry.name:
                members.setdefault((entry.number, entry.name), []).append(entry.scope_id)
        return [Superscope(name=name or "", scopes=Addresses(scopes)) for (_, name), scopes in members.items()]

    def set_superscope(self, scope: AddressLike, *, name: str | None, move: bool = False) -> None:
        """Put a scope into a superscope, or take it out.

        Args:
            scope: The scope's network address.
            name: The superscope's name; one that does not exist is created. None takes the scope out. A superscope
                that has lost its last scope stays until you delete it.
            move: Whether a scope that is in a superscope already moves to this one.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AlreadyExistsError: The scope is in a superscope, and ``move`` is false (20004).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetSuperScopeV4 ([MS-DHCPM] 3.1.4.37).
        """
        checked = arguments.address("scope", scope)
        self._api.set_superscope(checked, arguments.optional_text("name", name), arguments.truth("move", move))

    def delete_superscope(self, name: str) -> None:
        """Delete a superscope. Its scopes stay.

        Args:
            name: The superscope's name.

        Raises:
            ScopeNotFoundError: This server has no superscope with this name (20005).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpDeleteSuperScopeV4 ([MS-DHCPM] 3.1.4.39).
        """
        self._api.delete_superscope(arguments.text("name", name))
