"""Which policies apply to a client, and what they decide about its lease."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from ..enums import Comparator, ConditionType, LogicOperator
from ..models import Policy, PolicyCondition, PolicyGroup
from ..models.standard_options import LEASE
from .runs import Run
from .scopes import Scope
from .state import Host
from .switches import Switches
from .tables.options import OptionTable, StoredValue, unpack
from .tables.policies import PolicyTable

__all__ = ["Request", "RequestKind", "applying", "choices", "lease_time_of"]


class RequestKind(enum.StrEnum):
    """What a client asks for."""

    DISCOVER = "discover"
    """An address: it asks all servers, and accepts any address."""
    RENEW = "renew"
    """A longer lease: it asks the server that gave it."""
    REBIND = "rebind"
    """A longer lease: it asks all servers, since the one that gave it did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sends when it asks for an address.

    Attributes:
        client_id: The client identifier, which stands for the hardware address, too.
        name: Its host name, or None.
        vendor_class: Option 60, or None.
        user_class: Option 77, or None.
        relay_agent: Option 82, which its relay adds, or None.
        kind: What it asks for; None is a renewal if it has a lease, and an address otherwise, of all servers.
    """

    client_id: bytes
    name: str | None = None
    vendor_class: bytes | None = None
    user_class: bytes | None = None
    relay_agent: bytes | None = None
    kind: RequestKind | None = None

    @property
    def renews(self) -> bool:
        """Whether only a server that has its lease may answer."""
        return self.kind in (RequestKind.RENEW, RequestKind.REBIND)

    def value(self, condition: PolicyCondition) -> bytes | None:
        """Return the value that a condition compares, or None if the client does not send it."""
        match condition.type:
            case ConditionType.MAC_ADDRESS:
                return self.client_id
            case ConditionType.OPTION:
                options = {60: self.vendor_class, 61: self.client_id, 77: self.user_class, 82: self.relay_agent}
                return options.get(condition.option_id)
            case ConditionType.SUB_OPTION:
                return dict(_sub_options(self.relay_agent or b"")).get(condition.sub_option_id)
            case ConditionType.FQDN:
                return None if self.name is None else self.name.lower().encode()
        return None


def _sub_options(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 2:
        end = 2 + data[1]
        yield data[0], data[2:end]
        data = data[end:]


Applying = list[tuple[Policy, OptionTable]]


def applying(host: Host, scope: Scope, request: Request, switches: Switches) -> Applying:
    """Return the policies that apply to a client, each with the table of its option values.

    Those of the scope come first, then those of the server; each in their order.
    """
    levels: tuple[tuple[PolicyTable, OptionTable], ...] = (
        (scope.policies, scope.options),
        (host.policies, host.options),
    )
    return [
        (entry.policy, options)
        for policies, options in levels
        if policies.enforced and policies.policies
        for entry in policies.scan()
        if entry.policy.enabled and _holds(entry.policy.condition, request, switches)
    ]


def _holds(part: PolicyGroup | PolicyCondition, request: Request, switches: Switches) -> bool:
    if isinstance(part, PolicyGroup):
        joined = any if part.operator == LogicOperator.OR else all
        return joined(_holds(item, request, switches) for item in part.items)
    negative = part.comparator in (Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH)
    if part.type == ConditionType.FQDN_SINGLE_LABEL:
        return request.name is not None and ("." in request.name) is negative
    value, wanted = request.value(part), part.value
    if value is None:
        return negative and switches.absent_values_differ
    if part.type == ConditionType.FQDN:
        wanted = wanted.lower()
    match part.comparator:
        case Comparator.BEGINS_WITH | Comparator.NOT_BEGINS_WITH:
            same = value.startswith(wanted)
        case Comparator.ENDS_WITH | Comparator.NOT_ENDS_WITH:
            same = value.endswith(wanted)
        case _:
            same = value == wanted
    return same is not negative


def choices(scope: Scope, policies: Applying, switches: Switches) -> list[list[Run]]:
    """Return the addresses that a client can get, as ascending runs: the first choice, the second, and so on.

    Args:
        scope: The scope.
        policies: The policies that apply to the client.
        switches: The assumptions about real servers.
    """
    if not scope.policies.policies or not scope.policies.enforced:
        return [scope.leasable()]
    kept = [span for entry in scope.policies.scan() if entry.policy.enabled for span in entry.policy.ranges]
    rest = scope.leasable(without=kept) if switches.policy_ranges_kept else scope.leasable()
    own = [scope.leasable(within=policy.ranges) for policy, _ in policies if policy.ranges]
    if own and switches.policy_clients_stay:
        return own
    return [*own, rest]


def lease_time_of(scope: Scope, policies: Applying) -> timedelta:
    """Return how long a lease lasts: as option 51 of the first policy that has it says, or as that of the scope."""
    for policy, options in policies:
        entry = options.get(StoredValue(number=LEASE, policy=policy.name))
        values = unpack(entry.data)[1] if entry is not None else ()
        if values and isinstance(values[0], int):
            return timedelta(seconds=values[0])
    return scope.lease_time
