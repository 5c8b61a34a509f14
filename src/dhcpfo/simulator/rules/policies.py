"""The rules of the policy functions."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any

from ...api import WHOLE
from ...enums import Comparator, PolicyFields, PropertyId, PropertyType
from ...errors import ErrorCode
from ...limits import MAX_DNS_SUFFIX, MAX_POLICY_DESCRIPTION, MAX_POLICY_NAME
from ...models import AddressRange, Page, Policy
from ...models.policies import suffix_properties
from ..scopes import Scope
from ..tables.options import OptionTable
from ..tables.policies import DNS_NAME_CONDITIONS, PolicyTable, StoredPolicy
from ..transaction import Call, Rules, exclusive
from .option_levels import WITH_DNS_CONDITION, classes_known
from .pages import page_of
from .policy_conditions import are_valid

__all__ = ["PoliciesRules"]

KNOWN_FIELDS = 0x7F


class PoliciesRules(Rules):
    """Offers `dhcpfo.api.PoliciesApi`."""

    @exclusive
    def enum_policies(self, scope: IPv4Address | None, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Policy]:
        """DhcpV4EnumPoliciesEx ([MS-DHCPM] 3.2.4.130): the handle is an index, the maximum counts policies."""
        with self._call("enum_policies", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = [_shown(entry) for entry in _table(call, scope).scan()]  # 3
            nothing_more = ErrorCode.ERROR_NO_MORE_ITEMS
            if preferred_maximum == 0:
                rest = len(found[resume:])
                return Page((), resume, rest, int(ErrorCode.ERROR_MORE_DATA if rest else nothing_more))
            return page_of(call, found, resume, preferred_maximum, lambda _: 1, last=nothing_more)  # 4

    @exclusive
    def get_policy(self, name: str, scope: IPv4Address | None) -> Policy:
        """DhcpV4GetPolicyEx ([MS-DHCPM] 3.2.4.128)."""
        with self._call("get_policy", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            return _shown(_need(call, _table(call, scope), name))  # 4, 5

    @exclusive
    def create_policy(self, policy: Policy) -> None:
        """DhcpV4CreatePolicyEx ([MS-DHCPM] 3.2.4.127)."""
        with self._call("create_policy", scope=policy.scope) as call:
            refuse, scope = call.refuse, policy.scope
            refuse(not policy.name, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            refuse(not policy.conditions or not policy.expressions, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            valid = are_valid(policy.conditions, policy.expressions)
            refuse(not valid, ErrorCode.ERROR_DHCP_INVALID_POLICY_EXPRESSION)  # 4
            ranged = bool(policy.ranges)
            refuse(scope is None and ranged, ErrorCode.ERROR_DHCP_RANGE_INVALID_IN_SERVER_POLICY)  # 5
            _check_level(call, scope)  # 6
            refuse(_any_bad(policy.ranges), ErrorCode.ERROR_DHCP_POLICY_RANGE_BAD)  # 7
            refuse(ranged and _about_dns_name(policy), ErrorCode.ERROR_DHCP_POLICY_FQDN_RANGE_UNSUPPORTED)  # 8
            table = _table(call, scope)  # 9
            refuse(table.has(policy.name), ErrorCode.ERROR_DHCP_POLICY_EXISTS)  # 10
            _check_ranges(call, scope, policy.ranges, table.ranges())  # 11, 12
            last = table.last_order()
            refuse(policy.order > last + 1, ErrorCode.ERROR_DHCP_INVALID_PROCESSING_ORDER)  # 13
            _check_vendor_classes(call, policy)  # 14
            _check_lengths(call, policy)
            order = policy.order or (last + 1 if call.lab.switches.policy_order_zero_appends else 1)
            for entry in table.scan():  # 15
                if entry.policy.order >= order:
                    table.put(_changed(entry, order=entry.policy.order + 1))
            suffix = _suffix(policy)
            stored = policy.replace(order=order, properties=())
            table.put(StoredPolicy(policy=stored, dns_suffix=suffix, user_class=_tied_class(call, policy)))  # 16

    @exclusive
    def set_policy(self, name: str, scope: IPv4Address | None, fields: PolicyFields, values: Policy) -> None:
        """DhcpV4SetPolicyEx ([MS-DHCPM] 3.2.4.129): the other policies keep their order."""
        with self._call("set_policy", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            table = _table(call, scope)  # 4
            entry = _need(call, table, name)  # 5
            changed = self._change(call, table, entry, fields, values)
            table.put(changed, instead_of=entry.policy.name)
            if changed.policy.name != entry.policy.name:
                _options(call, scope).rename_policy(entry.policy.name, changed.policy.name)

    def _change(
        self, call: Call, table: PolicyTable, entry: StoredPolicy, fields: PolicyFields, values: Policy
    ) -> StoredPolicy:
        """Return the policy with its new values, field by field as [MS-DHCPM] checks them."""
        refuse, policy, scope = call.refuse, entry.policy, entry.policy.scope
        changes: dict[str, Any] = {}
        suffix, user_class = entry.dns_suffix, entry.user_class
        if fields & PolicyFields.RANGES:
            refuse(scope is None, ErrorCode.ERROR_DHCP_RANGE_INVALID_IN_SERVER_POLICY)  # 6
            refuse(_any_bad(values.ranges), ErrorCode.ERROR_DHCP_POLICY_RANGE_BAD)  # 7
            dns = bool(values.ranges) and entry.has_dns_condition
            refuse(dns, ErrorCode.ERROR_DHCP_POLICY_EDIT_FQDN_UNSUPPORTED)  # 8
            by_letter = call.lab.switches.policy_ranges_by_letter
            others = list(policy.ranges) if by_letter else table.ranges(without=policy.name)
            _check_ranges(call, scope, values.ranges, others)  # 9, 10
            changes["ranges"] = values.ranges
        if fields & PolicyFields.CONDITIONS:
            wrong = ErrorCode.ERROR_DHCP_INVALID_POLICY_EXPRESSION
            refuse(not values.conditions or not values.expressions, wrong)  # 11
            ranged = bool(changes.get("ranges", policy.ranges))
            ranged |= _options(call, scope).has_policy_values(policy.name, WITH_DNS_CONDITION)
            refuse(_about_dns_name(values) and ranged, ErrorCode.ERROR_DHCP_POLICY_EDIT_FQDN_UNSUPPORTED)  # 12
            refuse(not are_valid(values.conditions, values.expressions), wrong)  # 13
            changes["conditions"], changes["expressions"] = values.conditions, values.expressions
            user_class = _tied_class(call, values)
        if fields & PolicyFields.ORDER:
            refuse(values.order > table.last_order() + 1, ErrorCode.ERROR_DHCP_INVALID_PROCESSING_ORDER)  # 14
            changes["order"] = values.order
        if fields & PolicyFields.NAME:
            refuse(not values.name, ErrorCode.ERROR_INVALID_PARAMETER)  # 15
            # [MS-DHCPM] has no check here, but two policies of one name could not be told apart.
            taken = table.get(values.name)
            refuse(taken is not None and taken is not entry, ErrorCode.ERROR_DHCP_POLICY_EXISTS)
            changes["name"] = values.name
        if fields & PolicyFields.DESCRIPTION:
            changes["description"] = values.description  # 16
        if fields & PolicyFields.ENABLED:
            changes["enabled"] = values.enabled  # 17
        if fields & PolicyFields.DNS_SUFFIX:
            suffix = _suffix(values)  # 18
        refuse(bool(fields & ~KNOWN_FIELDS), ErrorCode.ERROR_INVALID_PARAMETER)  # 19
        changed = policy.replace(**changes)
        _check_lengths(call, changed, suffix)
        return StoredPolicy(policy=changed, dns_suffix=suffix, user_class=user_class)

    @exclusive
    def delete_policy(self, name: str, scope: IPv4Address | None) -> None:
        """DhcpV4DeletePolicy ([MS-DHCPM] 3.2.4.112): the others keep their order."""
        with self._call("delete_policy", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            table = _table(call, scope)  # 4
            found = _need(call, table, name)  # 5
            table.delete(found.policy.name)  # 6
            _options(call, scope).delete_policy(found.policy.name)

    @exclusive
    def get_policy_enforcement(self, scope: IPv4Address | None) -> bool:
        """DhcpV4QueryPolicyEnforcement ([MS-DHCPM] 3.2.4.107)."""
        with self._call("get_policy_enforcement", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            return _table(call, scope).enforced  # 3, 4

    @exclusive
    def set_policy_enforcement(self, scope: IPv4Address | None, enabled: bool) -> None:
        """DhcpV4SetPolicyEnforcement ([MS-DHCPM] 3.2.4.108)."""
        with self._call("set_policy_enforcement", scope=scope) as call:
            _check_level(call, scope)  # 1
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            _table(call, scope).enforced = enabled  # 3, 4

    @exclusive
    def add_policy_range(self, name: str, scope: IPv4Address, span: AddressRange) -> None:
        """DhcpV4AddPolicyRange ([MS-DHCPM] 3.2.4.114)."""
        with self._call("add_policy_range", scope=scope) as call:
            _check_level(call, scope)
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(span.end < span.start, ErrorCode.ERROR_DHCP_POLICY_RANGE_BAD)  # 2
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 3
            known = call.host.scopes.get(scope)
            dns = known is not None and known.policies.has_dns_condition(name)
            call.refuse(dns, ErrorCode.ERROR_DHCP_POLICY_FQDN_RANGE_UNSUPPORTED)  # 4
            table = _table(call, scope)  # 5
            entry = _need(call, table, name)  # 6
            by_letter = call.lab.switches.policy_ranges_by_letter
            others = list(entry.policy.ranges) if by_letter else table.ranges()
            _check_ranges(call, scope, [span], others)  # 7, 8
            table.put(_changed(entry, ranges=(*entry.policy.ranges, span)))  # 9

    @exclusive
    def remove_policy_range(self, name: str, scope: IPv4Address, span: AddressRange) -> None:
        """DhcpV4RemovePolicyRange ([MS-DHCPM] 3.2.4.115)."""
        with self._call("remove_policy_range", scope=scope) as call:
            _check_level(call, scope)
            call.refuse(name is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            table = _table(call, scope)  # 3
            entry = _need(call, table, name)  # 4
            call.refuse(span not in entry.policy.ranges, ErrorCode.ERROR_DHCP_POLICY_RANGE_BAD)  # 5
            table.put(_changed(entry, ranges=tuple(other for other in entry.policy.ranges if other != span)))  # 6


def _check_level(call: Call, scope: IPv4Address | None) -> None:
    """Answer 87 to the address 0; with the server's flag no address can be given."""
    call.refuse(scope is not None and int(scope) == 0, ErrorCode.ERROR_INVALID_PARAMETER)


def _scope(call: Call, scope: IPv4Address) -> Scope:
    return call.need(call.host.scopes.get(scope), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)


def _table(call: Call, scope: IPv4Address | None) -> PolicyTable:
    """Return the policies of the server or of a scope, or answer 20005."""
    return call.host.policies if scope is None else _scope(call, scope).policies


def _options(call: Call, scope: IPv4Address | None) -> OptionTable:
    """Return the table with the option values of a level's policies."""
    return call.host.options if scope is None else _scope(call, scope).options


def _need(call: Call, table: PolicyTable, name: str) -> StoredPolicy:
    return call.need(table.get(name), ErrorCode.ERROR_DHCP_POLICY_NOT_FOUND)


def _shown(entry: StoredPolicy) -> Policy:
    return entry.policy.replace(properties=suffix_properties(entry.dns_suffix))


def _changed(entry: StoredPolicy, **changes: Any) -> StoredPolicy:
    return StoredPolicy(
        policy=entry.policy.replace(**changes), dns_suffix=entry.dns_suffix, user_class=entry.user_class
    )


def _suffix(policy: Policy) -> str | None:
    """Return the DNS suffix among the properties; a missing or empty one is none."""
    for entry in policy.properties:
        if entry.id == PropertyId.POLICY_DNS_SUFFIX and entry.type == PropertyType.STRING:
            return str(entry.value) if entry.value else None
    return None


def _about_dns_name(policy: Policy) -> bool:
    return any(condition.type in DNS_NAME_CONDITIONS for condition in policy.conditions)


def _any_bad(ranges: Iterable[AddressRange]) -> bool:
    """Return whether a range is reversed, or two overlap."""
    ordered = sorted(ranges)
    reversed_ = any(span.end < span.start for span in ordered)
    return reversed_ or any(after.start <= before.end for before, after in pairwise(ordered))


def _overlap(one: AddressRange, other: AddressRange) -> bool:
    return one.start <= other.end and other.start <= one.end


def _check_ranges(
    call: Call, scope: IPv4Address | None, ranges: Iterable[AddressRange], others: Iterable[AddressRange]
) -> None:
    """Answer 20107 to a range that is not in the scope's, and 20106 to one that overlaps another."""
    if scope is None:
        return
    whole = _scope(call, scope).range
    others = list(others)
    for span in ranges:
        inside = whole is not None and span.start in whole and span.end in whole
        call.refuse(not inside, ErrorCode.ERROR_DHCP_POLICY_RANGE_BAD)
        taken = any(_overlap(span, other) for other in others)
        call.refuse(taken, ErrorCode.ERROR_DHCP_POLICY_RANGE_EXISTS)


def _check_vendor_classes(call: Call, policy: Policy) -> None:
    """Answer 20044 to a vendor class that the server does not have."""
    for condition in policy.conditions:
        classes_known(call, None, condition.vendor_class)


def _tied_class(call: Call, policy: Policy) -> str | None:
    """Return the user class with which a policy is deleted: the one that its only condition names."""
    if len(policy.conditions) != 1 or policy.conditions[0].comparator != Comparator.EQUAL:
        return None
    data = policy.conditions[0].value
    same = (entry.name for entry in call.host.classes.scan() if not entry.is_vendor and entry.data == data)
    return next(same, None)


def _check_lengths(call: Call, policy: Policy, suffix: str | None = None) -> None:
    """Answer 87 to a name, a description or a DNS suffix that is too long."""
    limits = (
        (policy.name, MAX_POLICY_NAME),
        (policy.description, MAX_POLICY_DESCRIPTION),
        (suffix or _suffix(policy), MAX_DNS_SUFFIX),
    )
    too_long = any(text is not None and len(text) > most for text, most in limits)
    call.refuse(too_long, ErrorCode.ERROR_INVALID_PARAMETER)
