"""The rules of the scope functions."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

from ...api import WHOLE
from ...enums import ForceFlag
from ...errors import ErrorCode
from ...limits import MAX_DELAY
from ...models import HostInfo, Page, Scope, ServerVersion, SuperscopeEntry
from ...models.standard_options import LEASE
from ..scopes import Scope as ScopeCopy
from ..state import Host
from ..tables.scopes import ScopeProperties, SuperscopeRow
from ..transaction import Call, Rules, exclusive
from .option_levels import update_lease_times
from .pages import page_of

__all__ = ["ScopesRules"]

LOOPBACK_HOST = HostInfo(address=IPv4Address("127.0.0.1"))
WITHOUT_NAP = ServerVersion(10, 0)


class ScopesRules(Rules):
    """Offers `dhcpfo.api.ScopesApi`."""

    @exclusive
    def enum_scopes(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[IPv4Address]:
        """DhcpEnumSubnets ([MS-DHCPM] 3.1.4.4): the handle is an index, the maximum counts scopes."""
        with self._call("enum_scopes") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            ids = sorted(call.host.scopes)
            nothing = ErrorCode.ERROR_NO_MORE_ITEMS
            if not ids and not resume and not call.lab.switches.empty_lists_have_no_more_items:
                nothing = ErrorCode.ERROR_SUCCESS
            if preferred_maximum == 0:
                return Page((), resume, len(ids[resume:]), int(ErrorCode.ERROR_NO_MORE_ITEMS))  # 2
            return page_of(
                call, ids, resume, preferred_maximum, lambda _: 1, more=ErrorCode.ERROR_SUCCESS, empty=nothing
            )  # 3, 4

    @exclusive
    def get_scope(self, scope: IPv4Address) -> Scope:
        """DhcpGetSubnetInfoVQ ([MS-DHCPM] 3.1.4.50)."""
        with self._call("get_scope", scope=scope) as call:
            # 1 is about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = _need(call, scope)  # 3
            return Scope(
                scope_id=scope,
                subnet_mask=found.network.netmask,
                name=found.properties.name,
                comment=found.properties.comment,
                primary_host=LOOPBACK_HOST,
                state=found.properties.state,
            )  # 4

    @exclusive
    def create_scope(self, scope: IPv4Address, info: Scope) -> None:
        """DhcpCreateSubnetVQ ([MS-DHCPM] 3.1.4.49): neither a range nor a lease duration is made."""
        with self._call("create_scope", scope=scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            network = _network(call, scope, info)  # 2, 3, 4
            overlaps = any(other.network.overlaps(network) for other in call.host.scopes.values())
            call.refuse(overlaps, ErrorCode.ERROR_DHCP_SUBNET_EXISTS)  # 5
            properties = ScopeProperties(name=info.name, comment=info.comment, state=info.state)
            call.host.scopes = {**call.host.scopes, scope: ScopeCopy(network=network, properties=properties)}  # 6
            update_lease_times(call.host, LEASE, scope)

    @exclusive
    def set_scope(self, scope: IPv4Address, info: Scope) -> None:
        """DhcpSetSubnetInfoVQ ([MS-DHCPM] 3.1.4.51): nothing there protects the subnet mask."""
        with self._call("set_scope", scope=scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            network = _network(call, scope, info)  # 2, 3, 4
            found = _need(call, scope)  # 5
            if call.host.version >= WITHOUT_NAP:
                call.refuse(info.nap_enabled, ErrorCode.ERROR_DHCP_NAP_NOT_SUPPORTED)  # 6
            found.network = network
            found.properties = replace(found.properties, name=info.name, comment=info.comment, state=info.state)  # 7

    @exclusive
    def delete_scope(self, scope: IPv4Address, force: ForceFlag) -> None:
        """DhcpDeleteSubnet ([MS-DHCPM] 3.1.4.8): everything in the scope goes with it."""
        with self._call("delete_scope", scope=scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            found = _need(call, scope)  # 2
            related = call.host.endpoint_of_scope(scope) is not None
            call.refuse(related, ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP)  # 3
            leased = force == ForceFlag.NO_FORCE and bool(found.clients)
            call.refuse(leased, ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE)  # 4
            call.host.scopes = {key: other for key, other in call.host.scopes.items() if key != scope}  # 5

    @exclusive
    def get_scope_delay(self, scope: IPv4Address) -> timedelta:
        """DhcpGetSubnetDelayOffer ([MS-DHCPM] 3.2.4.81)."""
        with self._call("get_scope_delay", scope=scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            return _need(call, scope).properties.delay  # 2, 3

    @exclusive
    def set_scope_delay(self, scope: IPv4Address, delay: timedelta) -> None:
        """DhcpSetSubnetDelayOffer ([MS-DHCPM] 3.2.4.80)."""
        with self._call("set_scope_delay", scope=scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(delay > MAX_DELAY, ErrorCode.ERROR_DHCP_INVALID_DELAY)  # 2
            found = _need(call, scope)  # 3
            found.properties = replace(found.properties, delay=delay)  # 4

    @exclusive
    def get_superscope_table(self) -> tuple[SuperscopeEntry, ...]:
        """DhcpGetSuperScopeInfoV4 ([MS-DHCPM] 3.1.4.38): one entry for each scope, in a superscope or not."""
        with self._call("get_superscope_table") as call:
            # 1 is about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            names = {row.number: row.name for row in call.host.superscopes}
            return tuple(
                SuperscopeEntry(scope_id=key, number=number, name=names.get(number))
                for key, scope in sorted(call.host.scopes.items())
                for number in (scope.properties.superscope,)
            )  # 3

    @exclusive
    def set_superscope(self, scope: IPv4Address, name: str | None, move: bool) -> None:
        """DhcpSetSuperScopeV4 ([MS-DHCPM] 3.1.4.37)."""
        with self._call("set_superscope", scope=scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            found = _need(call, scope)  # 2
            if name is None:
                found.properties = replace(found.properties, superscope=0)  # 3
                return
            member = found.properties.superscope != 0
            call.refuse(member and not move, ErrorCode.ERROR_DHCP_SUBNET_EXITS)  # 4
            row = _superscope(call, name) or _new_superscope(call.host, name)  # 5
            found.properties = replace(found.properties, superscope=row.number)  # 6

    @exclusive
    def delete_superscope(self, name: str) -> None:
        """DhcpDeleteSuperScopeV4 ([MS-DHCPM] 3.1.4.39): its scopes stay."""
        with self._call("delete_superscope") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            row = call.need(_superscope(call, name), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 3
            for scope in call.host.scopes.values():
                if scope.properties.superscope == row.number:
                    scope.properties = replace(scope.properties, superscope=0)
            call.host.superscopes = tuple(other for other in call.host.superscopes if other != row)  # 4


def _need(call: Call, scope: IPv4Address) -> ScopeCopy:
    """Return the scope, or answer 20005."""
    return call.need(call.host.scopes.get(scope), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)


def _network(call: Call, scope: IPv4Address, info: Scope) -> IPv4Network:
    """Return the network that ``info`` describes, or answer 87."""
    call.refuse(int(scope) == 0, ErrorCode.ERROR_INVALID_PARAMETER)
    call.refuse(scope != info.scope_id, ErrorCode.ERROR_INVALID_PARAMETER)
    call.refuse(int(scope) & int(info.subnet_mask) != int(scope), ErrorCode.ERROR_INVALID_PARAMETER)
    try:
        return info.network
    except ValueError:  # [MS-DHCPM] does not say what a server makes of a mask with gaps
        raise call.error(ErrorCode.ERROR_INVALID_PARAMETER) from None


def _superscope(call: Call, name: str) -> SuperscopeRow | None:
    return next((row for row in call.host.superscopes if call.lab.switches.same_name(row.name, name)), None)


def _new_superscope(host: Host, name: str) -> SuperscopeRow:
    row = SuperscopeRow(number=max((row.number for row in host.superscopes), default=0) + 1, name=name)
    host.superscopes = (*host.superscopes, row)
    return row
