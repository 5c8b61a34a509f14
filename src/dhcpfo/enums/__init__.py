"""The enumerations of the API, open to values that a later Windows Server may add.

`str` and `format` give a member's name, `int` its number. ``json.dumps`` writes the number, because it treats every
subclass of `int` that way; the ``to_dict`` methods of the models write names.
"""

import enum
from typing import TYPE_CHECKING, Any

from .base import Named as Named
from .base import OpenIntEnum

if TYPE_CHECKING:
    from .policies import Comparator, ConditionType, LogicOperator, PolicyFields, PropertyId, PropertyType
    from .service import ApiProtocols, ConfigFields

__all__ = [
    "AddressStatus",
    "ApiProtocols",
    "AttributeId",
    "ClientType",
    "Comparator",
    "ConditionType",
    "ConfigFields",
    "DhcidState",
    "DnsFlags",
    "ElementType",
    "FailoverMode",
    "FailoverState",
    "FilterList",
    "FilterStatus",
    "ForceFlag",
    "LeaseState",
    "LogicOperator",
    "OpenIntEnum",
    "OptionLevelType",
    "OptionType",
    "PolicyFields",
    "PropertyId",
    "PropertyType",
    "QuarantineStatus",
    "RangeType",
    "RelationshipFlags",
    "ScopeState",
    "SearchType",
    "ServerType",
]


class FailoverMode(OpenIntEnum):
    """How two servers share a scope (DHCP_FAILOVER_MODE).

    Attributes:
        LOAD_BALANCE: Both servers lease addresses; the percentage is the primary's share of the clients.
        HOT_STANDBY: The active server leases addresses; the percentage is reserved for the standby.
    """

    LOAD_BALANCE = 0
    HOT_STANDBY = 1


class ServerType(OpenIntEnum):
    """The role that the server holding a relationship has in it (DHCP_FAILOVER_SERVER).

    Attributes:
        PRIMARY: The primary: the active server in hot standby.
        SECONDARY: The secondary: the standby server in hot standby.
    """

    PRIMARY = 0
    SECONDARY = 1


class FailoverState(OpenIntEnum):
    """State of a server in the failover protocol (FSM_STATE).

    Attributes:
        NO_STATE: No state is known. Nothing to do.
        INIT: The relationship is new and has not connected yet. Wait; if it stays, create it on the partner too.
        STARTUP: The server has just started and looks for its partner. Wait some seconds.
        NORMAL: Both servers are connected and serve clients. Scopes can be added and removed.
        COMMUNICATION_INTERRUPTED: The partner does not answer, and may or may not still serve clients. Restore the
            connection. Set PARTNER_DOWN only if you know that the partner is down and will stay down.
        PARTNER_DOWN: The server takes over all clients because its partner is down. Start the partner again; it then
            recovers.
        POTENTIAL_CONFLICT: Both servers may have leased the same addresses and are comparing their leases. Wait.
        CONFLICT_DONE: The primary has compared its leases and waits for the secondary to finish. Wait.
        RESOLUTION_INTERRUPTED: The connection was lost in POTENTIAL_CONFLICT. Restore it.
        RECOVER: The server is fetching from its partner the leases that it missed. It does not serve clients. Wait.
        RECOVER_WAIT: The server has all leases and waits for the MCLT, because clients may still hold leases it cannot
            know. It does not serve clients. Wait at most the MCLT.
        RECOVER_DONE: The server has recovered and waits for its partner to return to NORMAL. Wait.
        PAUSED: The service was stopped for a short time; the partner is in COMMUNICATION_INTERRUPTED. Start the
            service.
        SHUTDOWN: The service was stopped for a longer time; the partner is in PARTNER_DOWN. Start the service.
    """

    NO_STATE = 0
    INIT = 1
    STARTUP = 2
    NORMAL = 3
    COMMUNICATION_INTERRUPTED = 4
    PARTNER_DOWN = 5
    POTENTIAL_CONFLICT = 6
    CONFLICT_DONE = 7
    RESOLUTION_INTERRUPTED = 8
    RECOVER = 9
    RECOVER_WAIT = 10
    RECOVER_DONE = 11
    PAUSED = 12
    SHUTDOWN = 13


class RelationshipFlags(Named, enum.IntFlag, boundary=enum.KEEP):
    """The fields that a DhcpV4FailoverSetRelationship call changes.

    Attributes:
        MCLT: ``mclt``.
        STATE_SWITCH_INTERVAL: ``state_switch_interval``.
        STATE: ``state``.
        PERCENTAGE: ``percentage``.
        MODE: ``mode``; send PERCENTAGE with it, because the old number means something else in the other mode.
        PREVIOUS_STATE: ``previous_state``.
        SHARED_SECRET: ``shared_secret``. In the Windows SDK's header, but not in [MS-DHCPM], according to which a
            server returns 87.
    """

    MCLT = 0x01
    STATE_SWITCH_INTERVAL = 0x02
    STATE = 0x04
    PERCENTAGE = 0x08
    MODE = 0x10
    PREVIOUS_STATE = 0x20
    SHARED_SECRET = 0x40


class AddressStatus(OpenIntEnum):
    """Owner of an address of a failover scope (DhcpV4FailoverGetAddressStatus).

    Attributes:
        PRIMARY: The primary server can lease it.
        SECONDARY: The secondary server can lease it.
        EXCLUDED: Neither can: it is in an exclusion range.
        RESERVED: It is reserved for a client.
    """

    PRIMARY = 0
    SECONDARY = 1
    EXCLUDED = 2
    RESERVED = 3


class SearchType(OpenIntEnum):
    """Key by which a client is looked up (DHCP_SEARCH_INFO_TYPE).

    Attributes:
        ADDRESS: The leased address.
        CLIENT_ID: The unique ID; see `unique_client_id`.
        NAME: The name of the client.
    """

    ADDRESS = 0
    CLIENT_ID = 1
    NAME = 2


class ClientType(OpenIntEnum):
    """Protocol by which a client gets its address.

    Attributes:
        UNSPECIFIED: Not recorded.
        DHCP: A DHCP client.
        BOOTP: A BOOTP client.
        BOTH: Either protocol.
        RESERVATION: A reservation without a lease yet.
        NONE: Neither protocol.
    """

    UNSPECIFIED = 0
    DHCP = 1
    BOOTP = 2
    BOTH = 3
    RESERVATION = 4
    NONE = 0x64


class LeaseState(OpenIntEnum):
    """State of a lease: bits 0 and 1 of a client's address state.

    Attributes:
        OFFERED: The address was offered, but the client has not requested it yet.
        ACTIVE: The client has the lease.
        DECLINED: The client found the address already in use.
        DOOMED: The lease has ended, and the server is going to delete the record.
    """

    OFFERED = 0
    ACTIVE = 1
    DECLINED = 2
    DOOMED = 3


class DhcidState(OpenIntEnum):
    """How a client's DHCID record was made: bits 2 and 3 of its address state.

    Attributes:
        NO_DHCID: There is no DHCID record.
        WITHOUT_CLIENT_ID: From the hardware address.
        WITH_CLIENT_ID: From the client identifier.
        WITH_DUID: From the DUID.
    """

    NO_DHCID = 0
    WITHOUT_CLIENT_ID = 1
    WITH_CLIENT_ID = 2
    WITH_DUID = 3


class DnsFlags(Named, enum.IntFlag, boundary=enum.KEEP):
    """Pending DNS updates of a client: bits 4 to 7 of its address state.

    Attributes:
        CLEANUP: The DNS record must be deleted.
        UPDATE_BOTH: The server updates both the A and the PTR record.
        UPDATE_PENDING: An update is outstanding.
        EXPIRED_NOT_CLEANED: The lease has expired, but its DNS record still exists.
    """

    CLEANUP = 0x10
    UPDATE_BOTH = 0x20
    UPDATE_PENDING = 0x40
    EXPIRED_NOT_CLEANED = 0x80


class FilterList(OpenIntEnum):
    """A list of link-layer filters (DHCP_FILTER_LIST_TYPE).

    Attributes:
        DENY: The addresses that are not served.
        ALLOW: The only addresses that are served.
    """

    DENY = 0
    ALLOW = 1


class FilterStatus(Named, enum.IntFlag, boundary=enum.KEEP):
    """The link-layer filters that match a client.

    Attributes:
        NONE: No filter matches.
        FULL_ALLOW: The whole address is in the allow list.
        FULL_DENY: The whole address is in the deny list.
        WILDCARD_ALLOW: A wildcard of the allow list matches.
        WILDCARD_DENY: A wildcard of the deny list matches.
    """

    NONE = 0x01
    FULL_ALLOW = 0x02
    FULL_DENY = 0x04
    WILDCARD_ALLOW = 0x08
    WILDCARD_DENY = 0x10


class QuarantineStatus(OpenIntEnum):
    """Network Access Protection status of a client; always NO_QUARANTINE on Windows Server 2016 and later.

    Attributes:
        NO_QUARANTINE: Full access.
        RESTRICTED_ACCESS: Access to the restricted network only.
        DROP_PACKET: The server ignores the client.
        PROBATION: Full access until the probation ends.
        EXEMPT: Exempt from Network Access Protection.
        DEFAULT_SETTING: The default of the server applies.
        NO_INFORMATION: The policy server gave no answer.
    """

    NO_QUARANTINE = 0
    RESTRICTED_ACCESS = 1
    DROP_PACKET = 2
    PROBATION = 3
    EXEMPT = 4
    DEFAULT_SETTING = 5
    NO_INFORMATION = 6


class ScopeState(OpenIntEnum):
    """Whether a server leases addresses of a scope (DHCP_SUBNET_STATE).

    Attributes:
        ENABLED: It leases addresses.
        DISABLED: It leases none and renews no leases.
        ENABLED_SWITCHED: As ENABLED; the physical network has other scopes, too.
        DISABLED_SWITCHED: As DISABLED; the physical network has other scopes, too.
    """

    ENABLED = 0
    DISABLED = 1
    ENABLED_SWITCHED = 2
    DISABLED_SWITCHED = 3


class ElementType(OpenIntEnum):
    """What an element of a scope is (DHCP_SUBNET_ELEMENT_TYPE).

    Attributes:
        RANGES: A range; reading returns those of every kind.
        SECONDARY_HOSTS: Not used by servers.
        RESERVATIONS: A reservation.
        EXCLUSIONS: An exclusion.
        USED_CLUSTERS: Not used by servers.
        DHCP_RANGES: A range for DHCP clients.
        DHCP_BOOTP_RANGES: A range for DHCP and BOOTP clients; reading returns ranges of every kind, with their kind.
        BOOTP_RANGES: A range for BOOTP clients.
    """

    RANGES = 0
    SECONDARY_HOSTS = 1
    RESERVATIONS = 2
    EXCLUSIONS = 3
    USED_CLUSTERS = 4
    DHCP_RANGES = 5
    DHCP_BOOTP_RANGES = 6
    BOOTP_RANGES = 7


class RangeType(OpenIntEnum):
    """The clients that a range serves; the numbers are those of `ElementType`.

    Attributes:
        UNSPECIFIED: Counts as DHCP.
        DHCP: DHCP clients.
        BOTH: DHCP and BOOTP clients.
        BOOTP: BOOTP clients.
    """

    UNSPECIFIED = 0
    DHCP = 5
    BOTH = 6
    BOOTP = 7


class ForceFlag(OpenIntEnum):
    """What is deleted although clients use it (DHCP_FORCE_FLAG).

    Attributes:
        FULL_FORCE: Everything, with the DNS records of the clients.
        NO_FORCE: Nothing: the call fails.
        FAILOVER_FORCE: Everything, but no DNS records. Needs Windows Server 2012 R2 with KB3100473, or later.
    """

    FULL_FORCE = 0
    NO_FORCE = 1
    FAILOVER_FORCE = 2


class AttributeId(OpenIntEnum):
    """An attribute of a DHCP server (DHCP_ATTRIB_ID).

    Attributes:
        IS_ROGUE: The server is not authorized in the directory.
        IS_DYNAMIC_BOOTP: The server can lease addresses to BOOTP clients.
        IS_PART_OF_DIRECTORY: The server belongs to a domain.
        IS_BINDING_AWARE: The server can be bound to chosen network interfaces.
        IS_ADMINISTRATOR: The caller may change the server.
        RESTORE_STATUS: The error code of the last database restore, 0 for success: a number, not a truth value.
    """

    IS_ROGUE = 1
    IS_DYNAMIC_BOOTP = 2
    IS_PART_OF_DIRECTORY = 3
    IS_BINDING_AWARE = 4
    IS_ADMINISTRATOR = 5
    RESTORE_STATUS = 6


class OptionType(OpenIntEnum):
    """The type of an option's data, and the Python type of its values (DHCP_OPTION_DATA_TYPE).

    Attributes:
        BYTE: `int` of 8 bits.
        WORD: `int` of 16 bits.
        DWORD: `int` of 32 bits.
        DWORD_DWORD: `int` of 64 bits; DWord1 is the upper half.
        IP_ADDRESS: `ipaddress.IPv4Address`.
        STRING: `str`.
        BINARY: `bytes`.
        ENCAPSULATED: `bytes`: options inside an option, as vendors define them.
        IPV6_ADDRESS: `str`: an IPv6 address as text.
    """

    BYTE = 0
    WORD = 1
    DWORD = 2
    DWORD_DWORD = 3
    IP_ADDRESS = 4
    STRING = 5
    BINARY = 6
    ENCAPSULATED = 7
    IPV6_ADDRESS = 8


class OptionLevelType(OpenIntEnum):
    """Where a value of an option is set (DHCP_OPTION_SCOPE_TYPE).

    Attributes:
        DEFAULT: The default value in the definition of the option.
        SERVER: The server: all its scopes.
        SCOPE: One scope.
        RESERVATION: One reservation.
        MULTICAST_SCOPE: A multicast scope, which dhcpfo does not support.
    """

    DEFAULT = 0
    SERVER = 1
    SCOPE = 2
    RESERVATION = 3
    MULTICAST_SCOPE = 4


def __getattr__(name: str) -> Any:
    # Loaded on first use: failover does not need them.
    if name in ("ApiProtocols", "ConfigFields"):
        from . import service

        return getattr(service, name)
    if name in __all__:
        from . import policies

        return getattr(policies, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
