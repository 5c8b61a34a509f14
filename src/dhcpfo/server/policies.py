"""The policy methods of `Server`: policies of the server and of scopes, their ranges, and whether they apply."""

from collections.abc import Iterable
from typing import Any

from .. import arguments
from ..enums import PolicyFields
from ..models import AddressLike, AddressRange, Policy, PolicyCondition, PolicyGroup
from ..models.page import NO_MORE_WITH_LAST_PAGE
from ..models.policies import flatten, suffix_properties
from .connection import Connection
from .unchanged import UNCHANGED, Unchanged

__all__ = ["PoliciesMethods"]

PAGE = 1000
"""How many policies are asked for at once."""


class PoliciesMethods(Connection):
    """Policies."""

    __slots__ = ()

    def policies(self, *, scope: AddressLike | None = None) -> list[Policy]:
        """Return the policies of the server or of a scope, in the order in which the server tries them.

        The result is complete, or the call raises. `Policy.condition` shows the conditions as a tree. The option
        values of a policy are not part of it.

        Args:
            scope: The scope; None returns the policies of the server.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotSupportedError: The server is older than Windows Server 2012 R2 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4EnumPoliciesEx ([MS-DHCPM] 3.2.4.130).
        """
        level = arguments.optional_address("scope", scope)
        found = self._follow(self._api.enum_policies, NO_MORE_WITH_LAST_PAGE, level, maximum=PAGE)
        return sorted(found, key=lambda policy: policy.order)

    def get_policy(self, name: str, *, scope: AddressLike | None = None) -> Policy:
        """Return one policy.

        Args:
            name: The policy's name.
            scope: The scope that the policy belongs to; None is the server.

        Raises:
            NotFoundError: No policy has this name (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotSupportedError: The server is older than Windows Server 2012 R2 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4GetPolicyEx ([MS-DHCPM] 3.2.4.128).
        """
        return self._api.get_policy(arguments.policy_name(name), arguments.optional_address("scope", scope))

    def create_policy(self, policy: Policy) -> None:
        """Create a policy on this server only.

        `Policy.build` makes one from a tree of conditions. Policies with the same or a later ``order`` move up by one.
        Classes that it names must exist on this server.

        Args:
            policy: The policy. Its ``order`` is at most one more than that of the last policy of its level; 0 appends
                it.

        Raises:
            AlreadyExistsError: A policy with this name exists on the level (20105).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: A vendor class that it names does not exist on this server (20044).
            InvalidParameterError: The server does not accept a value (87).
            DhcpError: The conditions are not valid (20109), a range is outside the scope's range or not valid (20107),
                overlaps that of another policy (20106), is not allowed because of a condition on the DNS name (20135)
                or in a policy of the server (20108), or ``order`` is too large (20110).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4CreatePolicyEx ([MS-DHCPM] 3.2.4.127).
        """
        self._api.create_policy(arguments.policy(policy))

    def set_policy(
        self,
        name: str,
        *,
        scope: AddressLike | None = None,
        new_name: str | Unchanged = UNCHANGED,
        order: int | Unchanged = UNCHANGED,
        condition: PolicyGroup | PolicyCondition | Unchanged = UNCHANGED,
        ranges: Iterable[AddressRange] | Unchanged = UNCHANGED,
        description: str | Unchanged | None = UNCHANGED,
        enabled: bool | Unchanged = UNCHANGED,
        dns_suffix: str | Unchanged | None = UNCHANGED,
    ) -> None:
        """Change a policy on this server only. Values that you do not pass stay as they are.

        Args:
            name: The policy's name.
            scope: The scope that the policy belongs to; None is the server.
            new_name: Another name.
            order: Its new place. [MS-DHCPM] does not say that the other policies move, so two may get the same place.
            condition: The new conditions: all of them, as one condition or a group.
            ranges: The new ranges: all of them.
            description: New description; None removes it.
            enabled: Whether the policy applies.
            dns_suffix: New DNS suffix of the clients; None removes it.

        Raises:
            ValueError: Nothing to change is passed, or a value cannot be sent.
            NotFoundError: No policy has this name (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            InvalidParameterError: The server does not accept a value (87).
            DhcpError: As for `create_policy`; 20137 if conditions on the DNS name do not go with the policy's ranges or
                option values.
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4SetPolicyEx ([MS-DHCPM] 3.2.4.129).
        """
        level = arguments.optional_address("scope", scope)
        values: dict[str, Any] = {"name": arguments.policy_name(name), "scope": level}
        fields = PolicyFields(0)
        if not isinstance(new_name, Unchanged):
            values["name"] = arguments.policy_name(new_name, "new_name")
            fields |= PolicyFields.NAME
        if not isinstance(order, Unchanged):
            values["order"] = arguments.policy_order(order)
            fields |= PolicyFields.ORDER
        if not isinstance(condition, Unchanged):
            values["conditions"], values["expressions"] = flatten(condition)
            fields |= PolicyFields.CONDITIONS
        if not isinstance(ranges, Unchanged):
            values["ranges"] = arguments.address_ranges(ranges)
            fields |= PolicyFields.RANGES
        if not isinstance(description, Unchanged):
            values["description"] = arguments.policy_description(description)
            fields |= PolicyFields.DESCRIPTION
        if not isinstance(enabled, Unchanged):
            values["enabled"] = arguments.truth("enabled", enabled)
            fields |= PolicyFields.ENABLED
        if not isinstance(dns_suffix, Unchanged):
            values["properties"] = suffix_properties(arguments.dns_suffix(dns_suffix))
            fields |= PolicyFields.DNS_SUFFIX
        if not fields:
            raise ValueError(
                "nothing to change: pass at least one of new_name, order, condition, ranges, description, enabled, "
                "dns_suffix"
            )
        self._api.set_policy(name, level, fields, Policy(**values))

    def delete_policy(self, name: str, *, scope: AddressLike | None = None) -> None:
        """Delete a policy with its option values, on this server only. The places of the others stay as they are.

        Args:
            name: The policy's name.
            scope: The scope that the policy belongs to; None is the server.

        Raises:
            NotFoundError: No policy has this name (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4DeletePolicy ([MS-DHCPM] 3.2.4.112).
        """
        self._api.delete_policy(arguments.policy_name(name), arguments.optional_address("scope", scope))

    def add_policy_ranges(self, name: str, ranges: Iterable[AddressRange], *, scope: AddressLike) -> None:
        """Add ranges to a policy of a scope, on this server only.

        The server takes one range in a call, so this method makes one call for each. If one is refused, those before
        it stay.

        Args:
            name: The policy's name.
            ranges: The ranges to add; each inside the scope's range.
            scope: The scope that the policy belongs to.

        Raises:
            NotFoundError: No policy has this name (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            DhcpError: A range is outside the scope's range or not valid (20107), overlaps one of the policy (20106),
                or is not allowed because of a condition on the DNS name (20135).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4AddPolicyRange ([MS-DHCPM] 3.2.4.114).
        """
        arguments.policy_name(name)
        level, checked = arguments.address("scope", scope), arguments.address_ranges(ranges)
        for span in checked:
            self._api.add_policy_range(name, level, span)

    def remove_policy_ranges(self, name: str, ranges: Iterable[AddressRange], *, scope: AddressLike) -> None:
        """Remove ranges from a policy of a scope, on this server only.

        The server takes one range in a call, so this method makes one call for each. If one is refused, those before
        it are gone.

        Args:
            name: The policy's name.
            ranges: The ranges to remove, exactly as the policy has them.
            scope: The scope that the policy belongs to.

        Raises:
            NotFoundError: No policy has this name (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            DhcpError: The policy has no such range (20107).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4RemovePolicyRange ([MS-DHCPM] 3.2.4.115).
        """
        arguments.policy_name(name)
        level, checked = arguments.address("scope", scope), arguments.address_ranges(ranges)
        for span in checked:
            self._api.remove_policy_range(name, level, span)

    def get_policy_enforcement(self, *, scope: AddressLike | None = None) -> bool:
        """Return whether policies apply at all, on the server or in a scope.

        Args:
            scope: The scope; None is the server.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4QueryPolicyEnforcement ([MS-DHCPM] 3.2.4.107).
        """
        return self._api.get_policy_enforcement(arguments.optional_address("scope", scope))

    def set_policy_enforcement(self, *, enabled: bool, scope: AddressLike | None = None) -> None:
        """Turn all policies of the server or of a scope on or off, on this server only.

        Args:
            enabled: Whether they apply.
            scope: The scope; None is the server.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4SetPolicyEnforcement ([MS-DHCPM] 3.2.4.108).
        """
        level = arguments.optional_address("scope", scope)
        self._api.set_policy_enforcement(level, arguments.truth("enabled", enabled))
