"""A failover relationship as one server holds it, and what a call can change of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from ..enums import FailoverMode, FailoverState, RelationshipFlags, ServerType
from .addresses import Addresses, AddressLike, to_address, to_addresses
from .secret import Secret

__all__ = ["Relationship", "RelationshipValues"]

DEFAULT_PERCENTAGE = {FailoverMode.LOAD_BALANCE: 50, FailoverMode.HOT_STANDBY: 5}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Relationship:
    """A failover relationship as one server holds it (DHCP_FAILOVER_RELATIONSHIP).

    Each of the two servers keeps its own copy; all but ``server_type`` and the states should be equal. A model says
    what a server answered or is to be told; it checks no limits, `Server` does.

    Attributes:
        name: The key on each server; at most 126 UTF-16 units.
        primary_server: The primary's address, the same on both servers.
        secondary_server: The secondary's address, the same on both servers.
        primary_server_name: The primary's host name, or None.
        secondary_server_name: The secondary's host name, or None.
        mode: Load balance or hot standby.
        server_type: The role of the server that holds this copy.
        state: Where that server stands in the protocol; ignored when creating.
        previous_state: Where it stood before; ignored when creating.
        mclt: Maximum client lead time, whole seconds; 1 hour unless given.
        state_switch_interval: How long in COMMUNICATION_INTERRUPTED before PARTNER_DOWN by itself, whole seconds;
            None (the default) is never.
        percentage: 0 to 100. In load balance the primary's share of the clients (50 unless given); in hot standby
            the part of the free addresses that is kept for the standby (5 unless given).
        scopes: The scopes in it, as an immutable sequence of `IPv4Address`.
        shared_secret: The secret for message authentication, or None for no authentication. Shown nowhere; pickle
            carries it.
    """

    name: str
    primary_server: IPv4Address
    secondary_server: IPv4Address
    primary_server_name: str | None
    secondary_server_name: str | None
    mode: FailoverMode
    server_type: ServerType
    state: FailoverState
    previous_state: FailoverState
    mclt: timedelta
    state_switch_interval: timedelta | None
    percentage: int
    scopes: Addresses
    shared_secret: Secret | None = field(repr=False)

    def __init__(
        self,
        *,
        name: str,
        primary_server: AddressLike,
        secondary_server: AddressLike,
        scopes: Iterable[AddressLike] = (),
        primary_server_name: str | None = None,
        secondary_server_name: str | None = None,
        mode: FailoverMode = FailoverMode.LOAD_BALANCE,
        server_type: ServerType = ServerType.PRIMARY,
        state: FailoverState = FailoverState.NO_STATE,
        previous_state: FailoverState = FailoverState.NO_STATE,
        mclt: timedelta = timedelta(hours=1),
        state_switch_interval: timedelta | None = None,
        percentage: int | None = None,
        shared_secret: str | Secret | None = None,
    ) -> None:
        fill = object.__setattr__
        fill(self, "name", name)
        fill(self, "primary_server", to_address(primary_server, "primary_server"))
        fill(self, "secondary_server", to_address(secondary_server, "secondary_server"))
        fill(self, "primary_server_name", primary_server_name)
        fill(self, "secondary_server_name", secondary_server_name)
        fill(self, "mode", mode)
        fill(self, "server_type", server_type)
        fill(self, "state", state)
        fill(self, "previous_state", previous_state)
        fill(self, "mclt", mclt)
        fill(self, "state_switch_interval", state_switch_interval)
        fill(self, "percentage", DEFAULT_PERCENTAGE.get(mode, 0) if percentage is None else percentage)
        fill(self, "scopes", to_addresses(scopes, "scopes"))
        fill(self, "shared_secret", None if shared_secret is None else Secret(shared_secret))

    @property
    def load_balance_percent(self) -> int | None:
        """The primary's share of the clients in load balance; None in hot standby."""
        return self.percentage if self.mode == FailoverMode.LOAD_BALANCE else None

    @property
    def reserve_percent(self) -> int | None:
        """The part of the free addresses kept for the standby; None in load balance."""
        return self.percentage if self.mode == FailoverMode.HOT_STANDBY else None

    @property
    def partner_server(self) -> IPv4Address:
        """The address of the other server, as seen from the one that was asked."""
        return self.secondary_server if self.server_type == ServerType.PRIMARY else self.primary_server

    @property
    def partner_server_name(self) -> str | None:
        """The host name of the other server, as seen from the one that was asked."""
        return self.secondary_server_name if self.server_type == ServerType.PRIMARY else self.primary_server_name

    @property
    def authenticated(self) -> bool:
        """Whether messages between the servers are authenticated with a shared secret."""
        return self.shared_secret is not None

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values; the secret is left out, ``authenticated`` says whether there is one.

        Args:
            powershell: Use the property names and values that Get-DhcpServerv4Failover shows: percentage and role
                as seen from the server asked, times as ``[d.]hh:mm:ss``.
        """
        return self._to_powershell() if powershell else self._to_dict()

    def _to_dict(self) -> dict[str, Any]:
        interval = self.state_switch_interval
        return {
            "name": self.name,
            "primary_server": str(self.primary_server),
            "secondary_server": str(self.secondary_server),
            "primary_server_name": self.primary_server_name,
            "secondary_server_name": self.secondary_server_name,
            "mode": self.mode.name,
            "server_type": self.server_type.name,
            "state": self.state.name,
            "previous_state": self.previous_state.name,
            "mclt": int(self.mclt.total_seconds()),
            "state_switch_interval": None if interval is None else int(interval.total_seconds()),
            "percentage": self.percentage,
            "scopes": [str(scope) for scope in self.scopes],
            "authenticated": self.authenticated,
        }

    def _to_powershell(self) -> dict[str, Any]:
        primary = self.server_type == ServerType.PRIMARY
        share, reserve = self.load_balance_percent, self.reserve_percent
        role = None
        if reserve is not None:
            role = "Active" if primary else "Standby"
        return {
            "Name": self.name,
            "PartnerServer": self.partner_server_name or str(self.partner_server),
            "Mode": _pascal(self.mode.name),
            "ServerRole": role,
            "LoadBalancePercent": share if share is None or primary else 100 - share,
            "ReservePercent": reserve,
            "ScopeId": [str(scope) for scope in self.scopes],
            "MaxClientLeadTime": _timespan(self.mclt),
            "AutoStateTransition": self.state_switch_interval is not None,
            "StateSwitchInterval": (
                None if self.state_switch_interval is None else _timespan(self.state_switch_interval)
            ),
            "State": _pascal(self.state.name),
            "EnableAuth": self.authenticated,
        }


def _timespan(time: timedelta) -> str:
    """Format as .NET's TimeSpan does: ``01:00:00``, ``2.01:00:00``."""
    minutes, seconds = divmod(time.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{time.days}." if time.days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipValues:
    """The values of a DhcpV4FailoverSetRelationship call; a server looks only at those that its flags name.

    Attributes:
        mclt: Maximum client lead time, whole seconds.
        state_switch_interval: Whole seconds; None is never.
        state: The state to enter; PARTNER_DOWN is the documented use.
        previous_state: The state to note as the one before.
        mode: Load balance or hot standby.
        percentage: 0 to 100, as in `Relationship`.
        shared_secret: The new secret; None turns authentication off.
    """

    mclt: timedelta = timedelta(0)
    state_switch_interval: timedelta | None = None
    state: FailoverState = FailoverState.NO_STATE
    previous_state: FailoverState = FailoverState.NO_STATE
    mode: FailoverMode = FailoverMode.LOAD_BALANCE
    percentage: int = 0
    shared_secret: str | Secret | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.shared_secret is not None:
            object.__setattr__(self, "shared_secret", Secret(self.shared_secret))


FLAG_OF_VALUE = {entry.name: RelationshipFlags[entry.name.upper()] for entry in fields(RelationshipValues)}
"""The flag under which each field of `RelationshipValues` travels."""
