"""The rules of the functions for clients."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from ...api import WHOLE
from ...enums import LeaseState, QuarantineStatus, SearchType
from ...errors import ErrorCode
from ...limits import MAX_DWORD
from ...models import (
    Client,
    ClientSearch,
    ClientValues,
    FailoverClient,
    HostInfo,
    Page,
    ServerVersion,
    unique_client_id,
)
from ..clients import check_record
from ..leases import whole_seconds
from ..scopes import Scope
from ..state import Host
from ..transaction import Call, Rules, exclusive
from .budget import fitting, text_bytes

__all__ = ["ClientsRules", "matching"]

RECORD_BYTES = 112
"""What an enumerated client counts as, besides its texts and bytes: structure and pointer on a 64-bit machine."""

MANY = 0x7FFFFFFF
"""What a server says is left while more pages follow."""

WITHOUT_QUARANTINE = ServerVersion(10, 0)
"""From this version on, nothing about quarantine is stored."""


class ClientsRules(Rules):
    """Offers `dhcpfo.api.ClientsApi`."""

    @exclusive
    def enum_clients(self, scope: IPv4Address, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Client]:
        """DhcpV4EnumSubnetClients ([MS-DHCPM] 3.2.4.116).

        A record counts the 104 bytes of its structure, 8 of its pointer, and those of its texts and identifier.
        """
        with self._call("enum_clients", scope=scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            scopes = _scopes(call.host, scope)
            known = resume == 0 or any(IPv4Address(resume & MAX_DWORD) in one.clients for one in scopes)
            call.refuse(not known, ErrorCode.ERROR_DHCP_JET_ERROR)  # 2
            records = _after(scopes, resume)
            items: list[FailoverClient] = []

            def sizes() -> Iterator[int]:
                for record in records:
                    items.append(record)
                    texts = (record.name, record.comment, record.policy_name, record.owner.netbios_name)
                    yield RECORD_BYTES + len(record.client_id) + sum(map(text_bytes, texts))

            count = fitting(call, sizes(), preferred_maximum)  # 3
            if not items:
                return Page((), 0, 0, int(ErrorCode.ERROR_NO_MORE_ITEMS))  # 4
            page = tuple([_shown(call, record) for record in items[:count]])
            if count == len(items):
                return Page(page, 0, count, int(ErrorCode.ERROR_SUCCESS))  # 5
            last = int(page[-1].address) if page else resume
            return Page(page, last, MANY, int(ErrorCode.ERROR_MORE_DATA))  # 5

    @exclusive
    def get_client(self, search: ClientSearch) -> Client:
        """DhcpV4GetClientInfo ([MS-DHCPM] 3.2.4.124)."""
        with self._call("get_client", address=search.address) as call:
            # 1 and 2 are about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            found = matching(call.host, search, call.lab.switches.same_name)
            return _shown(call, call.need(found, ErrorCode.ERROR_DHCP_INVALID_DHCP_CLIENT))  # 4, 5

    @exclusive
    def create_client(self, client: Client) -> None:
        """DhcpV4CreateClientInfo ([MS-DHCPM] 3.2.4.123).

        By its letter an identifier with a length other than 0 is refused: surely a slip.
        """
        with self._call("create_client", address=client.address) as call:
            refuse, local = call.refuse, whole_seconds(call.local_time)
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            refuse(not client.client_id, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            refuse(client.lease_state == LeaseState.OFFERED, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            found = call.host.scope_of_address(client.address)
            scope = call.need(found, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)  # 4
            unique = unique_client_id(scope.network.network_address, client.client_id)
            taken = client.address in scope.clients or bool(scope.clients.of_client(unique))
            refuse(taken, ErrorCode.ERROR_DHCP_CLIENT_EXISTS)  # 5
            quarantine = call.host.version < WITHOUT_QUARANTINE
            record = FailoverClient(
                address=client.address,
                subnet_mask=scope.network.netmask,
                client_id=unique,
                name=client.name,
                comment=client.comment,
                lease_expires=client.lease_expires,
                owner=HostInfo(address=call.host.address, netbios_name=call.host.name.partition(".")[0].upper()),
                client_type=client.client_type,
                address_state=client.address_state,
                quarantine_status=client.quarantine_status if quarantine else QuarantineStatus.NO_QUARANTINE,
                probation_ends=client.probation_ends if quarantine else None,
                quarantine_capable=client.quarantine_capable and quarantine,
                start_time=local,
                last_transaction=local,
                policy_name=client.policy_name,
            )
            check_record(record)
            scope.clients[client.address] = record  # 6

    @exclusive
    def set_client(self, values: ClientValues) -> None:
        """DhcpSetClientInfoV4 ([MS-DHCPM] 3.1.4.34)."""
        with self._call("set_client", address=values.address) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(not values.client_id, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            found = call.host.scope_of_address(values.address)
            before = found.clients.get(values.address) if found is not None else None
            old = call.need(before, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            assert found is not None
            record = replace(
                old,
                client_id=unique_client_id(found.network.network_address, values.client_id),
                name=old.name if values.name is None else values.name,
                comment=old.comment if values.comment is None else values.comment,
                lease_expires=values.lease_expires,
                owner=replace(old.owner, address=values.owner.address),
                address_state=LeaseState.ACTIVE,
            )
            check_record(record)
            found.clients[values.address] = record  # 4

    @exclusive
    def delete_client(self, search: ClientSearch) -> None:
        """DhcpDeleteClientInfo ([MS-DHCPM] 3.1.4.20)."""
        with self._call("delete_client", address=search.address) as call:
            # 1 is about NULL
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = matching(call.host, search, call.lab.switches.same_name)
            client = call.need(found, ErrorCode.ERROR_DHCP_JET_ERROR)  # 3
            scope = next(one for one in call.host.scopes.values() if one.clients.get(client.address) is client)
            call.refuse(client.address in scope.reservations, ErrorCode.ERROR_DHCP_RESERVED_CLIENT)  # 4
            del scope.clients[client.address]  # 5


def matching(
    host: Host, search: ClientSearch, same_name: Callable[[str | None, str | None], bool]
) -> FailoverClient | None:
    """Return the record that a search finds, the one with the lowest address if there are several; or None."""
    scopes = host.scopes.values()
    found: list[FailoverClient] = []
    match search.type, search.value:
        case SearchType.ADDRESS, IPv4Address() as address:
            found = [scope.clients[address] for scope in scopes if address in scope.clients]
        case SearchType.CLIENT_ID, bytes() as client_id:
            found = [client for scope in scopes for client in scope.clients.of_client(client_id)]
        case SearchType.NAME, str() as name:
            found = [client for scope in scopes for client in scope.clients.values() if same_name(client.name, name)]
    return min(found, key=lambda client: client.address, default=None)


def _scopes(host: Host, scope: IPv4Address) -> list[Scope]:
    """The scope of that address, or all scopes, by address; a scope that does not exist is like an empty one."""
    if int(scope) == 0:
        return [host.scopes[address] for address in sorted(host.scopes)]
    return [host.scopes[scope]] if scope in host.scopes else []


def _after(scopes: list[Scope], resume: int) -> Iterator[FailoverClient]:
    """The records of the addresses behind a handle, by address."""
    for scope in scopes:
        if int(scope.network.broadcast_address) > resume:
            yield from scope.clients.following(resume)


def _shown(call: Call, record: FailoverClient) -> Client:
    return Client(
        address=record.address,
        subnet_mask=record.subnet_mask,
        client_id=record.client_id,
        name=record.name,
        comment=record.comment,
        lease_expires=record.lease_expires,
        owner=record.owner,
        client_type=record.client_type,
        address_state=record.address_state,
        quarantine_status=record.quarantine_status,
        probation_ends=record.probation_ends,
        quarantine_capable=record.quarantine_capable,
        filter_status=call.host.filters.status(record.hardware_address),
        policy_name=record.policy_name,
    )
