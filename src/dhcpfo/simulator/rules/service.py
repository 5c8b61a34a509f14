"""The rules of the service functions."""

from collections.abc import Sequence

from ...enums import AttributeId
from ...errors import ErrorCode
from ...models import ServerAttribute, ServerVersion
from ..transaction import Rules, exclusive

__all__ = ["ServiceRules"]


class ServiceRules(Rules):
    """Offers `dhcpfo.api.ServiceApi`."""

    @exclusive
    def get_version(self) -> ServerVersion:
        """DhcpGetVersion ([MS-DHCPM] 3.1.4.29), which anybody may call."""
        with self._call("get_version") as call:
            # 1 is about NULL
            return call.host.version  # 2

    @exclusive
    def query_attributes(self, ids: Sequence[AttributeId]) -> tuple[ServerAttribute, ...]:
        """DhcpServerQueryAttributes ([MS-DHCPM] 3.2.4.36)."""
        with self._call("query_attributes") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(not ids, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            values: dict[AttributeId, bool | int] = {
                AttributeId.IS_ROGUE: False,
                AttributeId.IS_DYNAMIC_BOOTP: True,
                AttributeId.IS_PART_OF_DIRECTORY: False,
                AttributeId.IS_BINDING_AWARE: True,
                AttributeId.IS_ADMINISTRATOR: call.rights.write,
                AttributeId.RESTORE_STATUS: 0,
            }
            known = [ServerAttribute(entry, values[entry]) for entry in ids if entry in values]
            call.refuse(not known, ErrorCode.ERROR_NOT_SUPPORTED)  # 3
            return tuple(known)  # 4
