"""The methods of `Server` for options: their definitions, and their values on every level."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import TypeVar

from .. import arguments
from ..enums import OptionLevelType, OptionType
from ..limits import MAX_DWORD
from ..models import AddressLike, OptionData, OptionDefinition, OptionLevel, OptionValue
from ..models.page import NO_MORE_WITH_LAST_PAGE, SUCCESS_WITH_LAST_PAGE
from .connection import Connection

__all__ = ["OptionsMethods"]

IS_VENDOR = 3
"""The flag for the options of a vendor class (DHCP_FLAGS_OPTION_IS_VENDOR)."""

DNS_SETTINGS = 81
"""The option that has values on every server, but no definition on any: a DWORD of flags."""

PAGE_BYTES = 0x10000
"""The maximum of a page where the caller iterates."""

Found = TypeVar("Found", OptionDefinition, OptionValue)
Value = int | str | bytes | IPv4Address


class OptionsMethods(Connection):
    """Option definitions, and option values of the server, its scopes, reservations and policies."""

    __slots__ = ()

    def option_definitions(self) -> list[OptionDefinition]:
        """Return the option definitions of this server, of all classes. One round trip.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetAllOptions ([MS-DHCPM] 3.2.4.30).
        """
        return self._api.get_all_options().flat()

    def iter_option_definitions(
        self, *, vendor_class: str | None = None, user_class: str | None = None
    ) -> Iterator[OptionDefinition]:
        """Iterate over the option definitions of one class, page by page.

        Args:
            vendor_class: The vendor class; None is the standard options.
            user_class: The user class; None is the default class.

        Raises:
            NotFoundError: This server has no such class (20044).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumOptionsV5 ([MS-DHCPM] 3.2.4.18).
        """
        flags, user_class, vendor_class = _classes(user_class, vendor_class)
        found = self._follow(
            self._api.enum_options, SUCCESS_WITH_LAST_PAGE, flags, user_class, vendor_class, maximum=PAGE_BYTES
        )
        return (_of_classes(definition, user_class, vendor_class) for definition in found)

    def get_option_definition(
        self, id: int, *, vendor_class: str | None = None, user_class: str | None = None
    ) -> OptionDefinition:
        """Return the definition of an option.

        Args:
            id: The option's number.
            vendor_class: The vendor class; None is the standard options.
            user_class: The user class; None is the default class.

        Raises:
            NotFoundError: The option is not defined (20010). Option 81 (DNS settings) never is, and yet has values.
            NotFoundError: This server has no such class (20044).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetOptionInfoV5 ([MS-DHCPM] 3.2.4.17).
        """
        number, (flags, user_class, vendor_class) = _number(id), _classes(user_class, vendor_class)
        return _of_classes(self._api.get_option(number, flags, user_class, vendor_class), user_class, vendor_class)

    def create_option_definition(self, definition: OptionDefinition) -> None:
        """Define an option on this server only. A failover partner needs the same definition.

        Args:
            definition: The definition, with its classes. It needs a default value; use 0, "", 0.0.0.0 or b"".

        Raises:
            AlreadyExistsError: The option is already defined (20009).
            NotFoundError: This server has no such class (20044).
            InvalidParameterError: The default value is missing (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpCreateOptionV5 ([MS-DHCPM] 3.2.4.15).
        """
        flags, user_class, vendor_class = self._defined(definition)
        self._api.create_option(definition.id, flags, user_class, vendor_class, definition)

    def set_option_definition(self, definition: OptionDefinition) -> None:
        """Replace the name, description, type and default of an option's definition, on this server only.

        Values that are already set stay, even if they do not fit the new type.

        Args:
            definition: The definition as it shall be, with its classes. Its number cannot be changed.

        Raises:
            NotFoundError: The option is not defined (20010).
            NotFoundError: This server has no such class (20044).
            InvalidParameterError: The default value is missing (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetOptionInfoV5 ([MS-DHCPM] 3.2.4.16).
        """
        flags, user_class, vendor_class = self._defined(definition)
        self._api.set_option(definition.id, flags, user_class, vendor_class, definition)

    def delete_option_definition(
        self, id: int, *, vendor_class: str | None = None, user_class: str | None = None
    ) -> None:
        """Delete the definition of an option from this server only. Values that are set stay.

        Args:
            id: The option's number.
            vendor_class: The vendor class; None is the standard options.
            user_class: The user class; None is the default class.

        Raises:
            NotFoundError: The option is not defined (20010).
            NotFoundError: This server has no such class (20044).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpRemoveOptionV5 ([MS-DHCPM] 3.2.4.19).
        """
        self._api.remove_option(_number(id), *_classes(user_class, vendor_class))

    def option_values(
        self, *, scope: AddressLike | None = None, reservation: AddressLike | None = None
    ) -> list[OptionValue]:
        """Return all option values of one level, of all user and vendor classes. One round trip.

        Only the values that are set on this level are returned, not those that clients get from a higher one. Values of
        policies have a method of their own, `policy_option_values`.

        Args:
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            DhcpError: The address is not reserved (20018).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetAllOptionValues ([MS-DHCPM] 3.2.4.31).
        """
        groups = self._api.get_all_option_values(_level(scope, reservation))
        return [value for group in groups for value in group.flat()]

    def iter_option_values(
        self,
        *,
        scope: AddressLike | None = None,
        reservation: AddressLike | None = None,
        vendor_class: str | None = None,
        user_class: str | None = None,
    ) -> Iterator[OptionValue]:
        """Iterate over the option values of one level and one class, page by page.

        Args:
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.
            vendor_class: The vendor class; None is the standard options.
            user_class: The user class; None is the default class.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: This server has no such class (20044).
            DhcpError: The address is not reserved (20018).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumOptionValuesV5 ([MS-DHCPM] 3.2.4.23).
        """
        flags, user_class, vendor_class = _classes(user_class, vendor_class)
        given = (_level(scope, reservation), flags, user_class, vendor_class)
        found = self._follow(self._api.enum_option_values, NO_MORE_WITH_LAST_PAGE, *given, maximum=PAGE_BYTES)
        return (_of_classes(value, user_class, vendor_class) for value in found)

    def policy_option_values(self, *, scope: AddressLike | None = None) -> list[OptionValue]:
        """Return the option values of all policies of the server or of a scope. One round trip.

        Args:
            scope: The network address of the scope; None is the policies of the server.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4GetAllOptionValues ([MS-DHCPM] 3.2.4.106).
        """
        groups = self._api.get_all_policy_option_values(_level(scope, None))
        return [value for group in groups for value in group.flat()]

    def get_option_value(
        self,
        id: int,
        *,
        scope: AddressLike | None = None,
        reservation: AddressLike | None = None,
        policy: str | None = None,
        vendor_class: str | None = None,
        user_class: str | None = None,
    ) -> OptionValue:
        """Return the value of an option on one level. A value that only a higher level has is not found.

        Args:
            id: The option's number.
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.
            policy: The policy of the server or of the scope.
            vendor_class: The vendor class; None is the standard options.
            user_class: The user class; None is every client. Not possible together with ``policy``.

        Raises:
            NotFoundError: The option has no value there (2, with a policy 20010), or the policy does not exist (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: This server has no such vendor class (20044).
            DhcpError: The address is not reserved (20018).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetOptionValueV5 ([MS-DHCPM] 3.2.4.22).
        Wraps DhcpV4GetOptionValue ([MS-DHCPM] 3.2.4.104). It is called if you pass a policy.
        """
        number, level = _number(id), _level(scope, reservation, policy, user_class)
        flags, user_class, vendor_class = _classes(user_class, vendor_class)
        if policy is None:
            value = self._api.get_option_value(number, level, flags, user_class, vendor_class)
            return _of_classes(value, user_class, vendor_class)
        value = self._api.get_policy_option_value(number, level, flags, policy, vendor_class)
        return value.replace(policy=policy, vendor_class=vendor_class)

    def set_option_value(
        self,
        id: int,
        *values: Value,
        type: OptionType | None = None,
        scope: AddressLike | None = None,
        reservation: AddressLike | None = None,
        policy: str | None = None,
        vendor_class: str | None = None,
        user_class: str | None = None,
    ) -> None:
        """Set the value of an option on one level of this server, whether or not it has one.

        Without ``type`` the definition of the option is read first, which takes another round trip. It must be one of
        the default user class.

        Args:
            id: The option's number.
            *values: One value or several, in the Python type that `OptionType` names. Addresses may be text.
            type: The type of the data. By default it is that of the option's definition; DWORD for option 81.
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.
            policy: The policy of the server or of the scope.
            vendor_class: The vendor class; None is a standard option.
            user_class: The user class that gets the value; None is every client. Not possible with ``policy``.

        Raises:
            ValueError: A value does not fit the type, or there are several for an option that takes one.
            NotFoundError: The option is not defined (20010), or the policy does not exist (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: This server has no such class (20044).
            DhcpError: The address is not reserved (20018), or the policy cannot have this option (20136).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetOptionValueV5 ([MS-DHCPM] 3.2.4.20).
        Wraps DhcpV4SetOptionValue ([MS-DHCPM] 3.2.4.102). It is called if you pass a policy.
        """
        number, level = _number(id), _level(scope, reservation, policy, user_class)
        flags, user_class, vendor_class = _classes(user_class, vendor_class)
        if not values:
            raise ValueError("pass at least one value")
        if type is None:
            type = self._type_of(number, flags, vendor_class, len(values))  # noqa: A001
        data = OptionData(type, arguments.option_values("values", type, values))
        if policy is None:
            self._api.set_option_value(number, level, flags, user_class, vendor_class, data)
        else:
            self._api.set_policy_option_value(number, level, flags, policy, vendor_class, data)

    def set_option_values(
        self,
        values: Iterable[OptionValue],
        *,
        scope: AddressLike | None = None,
        reservation: AddressLike | None = None,
        policy: str | None = None,
    ) -> None:
        """Set several values on one level of this server. Other values on this level stay.

        One call is made for each class and policy among the values. A call is not atomic: the server sets one value
        after the other and stops at the first that it refuses.

        Args:
            values: The values, each with its type and classes. They may come from `option_values` of another server.
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.
            policy: The policy of the server or of the scope; by default the `OptionValue.policy` of each value.

        Raises:
            ValueError: A value does not fit its type.
            NotFoundError: An option is not defined (20010), or the policy does not exist (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: This server has no such class (20044).
            DhcpError: The address is not reserved (20018), or the policy cannot have this option (20136).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetOptionValuesV5 ([MS-DHCPM] 3.2.4.21).
        Wraps DhcpV4SetOptionValues ([MS-DHCPM] 3.2.4.103). It is called for values of a policy.
        """
        groups: dict[tuple[str | None, str | None, str | None], list[OptionValue]] = {}
        for checked in arguments.options(values):
            group = (checked.policy if policy is None else policy, checked.user_class, checked.vendor_class)
            groups.setdefault(group, []).append(checked)
        levels = {group: _level(scope, reservation, *group[:2]) for group in groups}
        for group, chosen in groups.items():
            flags, user_class, vendor_class = _classes(*group[1:])
            if group[0] is None:
                self._api.set_option_values(levels[group], flags, user_class, vendor_class, tuple(chosen))
            else:
                self._api.set_policy_option_values(levels[group], flags, group[0], vendor_class, tuple(chosen))

    def delete_option_value(
        self,
        id: int,
        *,
        scope: AddressLike | None = None,
        reservation: AddressLike | None = None,
        policy: str | None = None,
        vendor_class: str | None = None,
        user_class: str | None = None,
    ) -> None:
        """Remove the value of an option from one level of this server. Clients then get that of a higher level.

        Args:
            id: The option's number.
            scope: The network address of the scope; None is the server.
            reservation: The reserved address, together with its ``scope``.
            policy: The policy of the server or of the scope.
            vendor_class: The vendor class; None is a standard option.
            user_class: The user class; None is every client. Not possible together with ``policy``.

        Raises:
            NotFoundError: The option has no value there (20010), or the policy does not exist (20111).
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotFoundError: This server has no such class (20044).
            DhcpError: The address is not reserved (20018).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpRemoveOptionValueV5 ([MS-DHCPM] 3.2.4.24).
        Wraps DhcpV4RemoveOptionValue ([MS-DHCPM] 3.2.4.105). It is called if you pass a policy.
        """
        number, level = _number(id), _level(scope, reservation, policy, user_class)
        flags, user_class, vendor_class = _classes(user_class, vendor_class)
        if policy is None:
            self._api.remove_option_value(number, level, flags, user_class, vendor_class)
        else:
            self._api.remove_policy_option_value(number, level, flags, policy, vendor_class)

    def _defined(self, definition: OptionDefinition) -> tuple[int, str | None, str | None]:
        arguments.option_definition(definition)
        return _classes(definition.user_class, definition.vendor_class)

    def _type_of(self, number: int, flags: int, vendor_class: str | None, count: int) -> OptionType:
        """Return the type of an option's definition, after a check whether it takes that many values."""
        if number == DNS_SETTINGS and vendor_class is None:
            return OptionType.DWORD
        definition = self._api.get_option(number, flags, None, vendor_class)
        if count > 1 and not definition.multivalued:
            raise ValueError(f"option {number} ({definition.name}) takes one value, got {count}")
        if definition.type is None:
            raise ValueError(f"type must be passed: the definition of option {number} has no default value to tell it")
        return definition.type


def _number(id: int) -> int:
    return arguments.number("id", id, MAX_DWORD)


def _classes(user_class: str | None, vendor_class: str | None) -> tuple[int, str | None, str | None]:
    """Return the flags, the user class and the vendor class to send."""
    vendor = arguments.optional_text("vendor_class", vendor_class)
    return 0 if vendor is None else IS_VENDOR, arguments.optional_text("user_class", user_class), vendor


def _level(
    scope: AddressLike | None, reservation: AddressLike | None, policy: str | None = None, user_class: str | None = None
) -> OptionLevel:
    """Return the level that the keywords mean."""
    if policy is not None:
        arguments.text("policy", policy)
        if reservation is not None:
            raise ValueError(
                "policy and reservation cannot be passed together: policies belong to scopes or the server"
            )
        if user_class is not None:
            raise ValueError("policy and user_class cannot be passed together: a policy has values for vendor classes")
    if scope is None:
        if reservation is not None:
            raise ValueError("scope must be passed together with reservation")
        return OptionLevel(OptionLevelType.SERVER)
    subnet = arguments.address("scope", scope)
    if reservation is None:
        return OptionLevel(OptionLevelType.SCOPE, subnet)
    return OptionLevel(OptionLevelType.RESERVATION, subnet, arguments.address("reservation", reservation))


def _of_classes(found: Found, user_class: str | None, vendor_class: str | None) -> Found:
    """Return a value or a definition with the classes for which it was asked."""
    if user_class is None and vendor_class is None:
        return found
    return found.replace(user_class=user_class, vendor_class=vendor_class)
