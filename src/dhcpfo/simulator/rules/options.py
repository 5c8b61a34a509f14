"""The rules of the functions for options.

Definitions and values belong to a pair of a user class and a vendor class; None is the default class. A value of a user
class needs a definition of that class or of the default one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import groupby

from ...api import WHOLE
from ...enums import OptionLevelType
from ...errors import ErrorCode
from ...models import (
    AllOptions,
    ClassOptionValues,
    OptionData,
    OptionDefinition,
    OptionLevel,
    OptionValue,
    Page,
    PolicyOptionValues,
    VendorOption,
)
from ..tables.options import StoredDefinition, StoredValue, pack, unpack
from ..transaction import Call, Rules, exclusive
from .option_levels import (
    DNS_SETTINGS,
    LEASE,
    classes_known,
    find_table,
    is_vendor,
    policy_table,
    update_lease_times,
)
from .pages import page_of, text_bytes

__all__ = ["OptionsRules"]

DEFINITION_BYTES, VALUE_BYTES, ELEMENT_BYTES = 48, 24, 24
"""The structures on a 64-bit machine."""


class OptionsRules(Rules):
    """Offers `dhcpfo.api.OptionsApi`."""

    @exclusive
    def get_all_options(self) -> AllOptions:
        """DhcpGetAllOptions ([MS-DHCPM] 3.2.4.30)."""
        with self._call("get_all_options") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            # 2 is about the flags
            entries = call.host.option_definitions.scan()
            standard = [entry for entry in entries if entry.vendor_class is entry.user_class is None]
            return AllOptions(
                standard=tuple(_definition(entry) for entry in standard if not entry.vendor),
                vendor=tuple(
                    VendorOption(
                        definition=_definition(entry), vendor_class=entry.vendor_class, user_class=entry.user_class
                    )
                    for entry in entries
                    if entry.vendor or entry not in standard
                ),
            )

    @exclusive
    def enum_options(
        self,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        resume: int = 0,
        preferred_maximum: int = WHOLE,
    ) -> Page[OptionDefinition]:
        """DhcpEnumOptionsV5 ([MS-DHCPM] 3.2.4.18)."""
        with self._call("enum_options") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            classes_known(call, user_class, vendor_class)  # 3
            probe = StoredDefinition(number=0, vendor=vendor, vendor_class=vendor_class, user_class=user_class)
            entries = [
                _definition(entry)
                for entry in call.host.option_definitions.scan()
                if replace(probe, number=entry.number).key == entry.key
            ]
            return page_of(call, entries, resume, preferred_maximum, _definition_size)

    @exclusive
    def get_option(self, option: int, flags: int, user_class: str | None, vendor_class: str | None) -> OptionDefinition:
        """DhcpGetOptionInfoV5 ([MS-DHCPM] 3.2.4.17)."""
        with self._call("get_option") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            classes_known(call, user_class, vendor_class)  # 3
            found = call.host.option_definitions.get(option, vendor, user_class, vendor_class)
            return _definition(call.need(found, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT))  # 4

    @exclusive
    def create_option(
        self, option: int, flags: int, user_class: str | None, vendor_class: str | None, definition: OptionDefinition
    ) -> None:
        """DhcpCreateOptionV5 ([MS-DHCPM] 3.2.4.15)."""
        with self._call("create_option") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            classes_known(call, user_class, vendor_class)  # 3
            call.refuse(not definition.default, ErrorCode.ERROR_INVALID_PARAMETER)  # 4
            found = call.host.option_definitions.get(option, vendor, user_class, vendor_class)
            call.refuse(found is not None, ErrorCode.ERROR_DHCP_OPTION_EXITS)  # 5
            call.host.option_definitions.put(_stored(option, vendor, user_class, vendor_class, definition))  # 6
            update_lease_times(call.host, option)

    @exclusive
    def set_option(
        self, option: int, flags: int, user_class: str | None, vendor_class: str | None, definition: OptionDefinition
    ) -> None:
        """DhcpSetOptionInfoV5 ([MS-DHCPM] 3.2.4.16)."""
        with self._call("set_option") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            call.refuse(not definition.default, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            classes_known(call, user_class, vendor_class)  # 4
            found = call.host.option_definitions.get(option, vendor, user_class, vendor_class)
            call.need(found, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 5
            call.host.option_definitions.put(_stored(option, vendor, user_class, vendor_class, definition))  # 6
            update_lease_times(call.host, option)

    @exclusive
    def remove_option(self, option: int, flags: int, user_class: str | None, vendor_class: str | None) -> None:
        """DhcpRemoveOptionV5 ([MS-DHCPM] 3.2.4.19): values stay."""
        with self._call("remove_option") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            classes_known(call, user_class, vendor_class)  # 3
            found = call.host.option_definitions.get(option, vendor, user_class, vendor_class)
            found = call.need(found, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 4
            call.host.option_definitions.delete([found.key])  # 5
            update_lease_times(call.host, option)

    @exclusive
    def get_all_option_values(self, level: OptionLevel) -> tuple[ClassOptionValues, ...]:
        """DhcpGetAllOptionValues ([MS-DHCPM] 3.2.4.31): two entries for each pair of classes with values."""
        with self._call("get_all_option_values", scope=level.scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(level.type == OptionLevelType.DEFAULT, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            table = find_table(  # 3
                call,
                level,
                no_scope=ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT,
                multicast=ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT,
            )
            entries = list(table.scan(reservation=level.reservation))
            return tuple(
                ClassOptionValues(
                    user_class=first.user_class,
                    vendor_class=first.vendor_class,
                    is_vendor=vendor,
                    values=_grouped(call, chosen),
                )
                for first, vendor, chosen in _groups(entries)
            )

    @exclusive
    def enum_option_values(
        self,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        resume: int = 0,
        preferred_maximum: int = WHOLE,
    ) -> Page[OptionValue]:
        """DhcpEnumOptionValuesV5 ([MS-DHCPM] 3.2.4.23)."""
        with self._call("enum_option_values", scope=level.scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            classes_known(call, user_class, vendor_class)  # 3
            call.refuse(level.type == OptionLevelType.DEFAULT, ErrorCode.ERROR_INVALID_PARAMETER)  # 4
            wanted = _wanted(0, vendor, user_class, vendor_class, level)
            entries = [
                _value(entry)
                for entry in find_table(call, level).scan(reservation=level.reservation)  # 5
                if replace(wanted, number=entry.number).key == entry.key
            ]
            last = ErrorCode.ERROR_NO_MORE_ITEMS
            return page_of(call, entries, resume, preferred_maximum, _value_size, last=last)  # 6

    @exclusive
    def get_option_value(
        self, option: int, level: OptionLevel, flags: int, user_class: str | None, vendor_class: str | None
    ) -> OptionValue:
        """DhcpGetOptionValueV5 ([MS-DHCPM] 3.2.4.22): an unknown class has no values."""
        with self._call("get_option_value", scope=level.scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            if level.type == OptionLevelType.DEFAULT:
                found = call.host.option_definitions.get(option, vendor, user_class, vendor_class)
                default = call.need(found, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT).default  # 3
                return OptionValue(option, *unpack(default))
            value = find_table(call, level).get(_wanted(option, vendor, user_class, vendor_class, level))  # 4
            return _value(call.need(value, ErrorCode.ERROR_FILE_NOT_FOUND))  # 5

    @exclusive
    def set_option_value(
        self,
        option: int,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        data: OptionData,
    ) -> None:
        """DhcpSetOptionValueV5 ([MS-DHCPM] 3.2.4.20): the type is not compared with that of the definition."""
        with self._call("set_option_value", scope=level.scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            call.refuse(not data.values, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            classes_known(call, user_class, vendor_class)  # 4
            _set(call, level, _wanted(option, vendor, user_class, vendor_class, level), data)

    @exclusive
    def set_option_values(
        self,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        values: Sequence[OptionValue],
    ) -> None:
        """DhcpSetOptionValuesV5 ([MS-DHCPM] 3.2.4.21): values before the one that is refused stay."""
        with self._call("set_option_values", scope=level.scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            if not values:
                return  # 2
            # 3 is about NULL
            vendor = is_vendor(call, flags)  # 4
            classes_known(call, user_class, vendor_class)  # 5
            for value in values:
                call.refuse(not value.values, ErrorCode.ERROR_INVALID_PARAMETER)  # 6
                data = OptionData(value.type, value.values)
                _set(call, level, _wanted(value.id, vendor, user_class, vendor_class, level), data)

    @exclusive
    def remove_option_value(
        self, option: int, level: OptionLevel, flags: int, user_class: str | None, vendor_class: str | None
    ) -> None:
        """DhcpRemoveOptionValueV5 ([MS-DHCPM] 3.2.4.24)."""
        with self._call("remove_option_value", scope=level.scope) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            vendor = is_vendor(call, flags)  # 2
            call.refuse(level.type == OptionLevelType.DEFAULT, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            table = find_table(call, level)  # 4
            call.refuse(vendor != (vendor_class is not None), ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 5
            classes_known(call, user_class, vendor_class)  # 6
            wanted = _wanted(option, vendor, user_class, vendor_class, level)
            call.need(table.get(wanted), ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 7
            table.delete(wanted)  # 8
            update_lease_times(call.host, option, _only(level))

    @exclusive
    def get_all_policy_option_values(self, level: OptionLevel) -> tuple[PolicyOptionValues, ...]:
        """DhcpV4GetAllOptionValues ([MS-DHCPM] 3.2.4.106): two entries for each policy and vendor class."""
        with self._call("get_all_policy_option_values", scope=level.scope) as call:
            # 1 is about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            # 3 is about the flags
            owners = (OptionLevelType.SERVER, OptionLevelType.SCOPE)
            call.refuse(level.type not in owners, ErrorCode.ERROR_INVALID_PARAMETER)  # 4
            entries = list(find_table(call, level).scan_policies())  # 5
            return tuple(
                PolicyOptionValues(
                    policy=first.policy,
                    vendor_class=first.vendor_class,
                    is_vendor=vendor,
                    values=_grouped(call, chosen),
                )
                for first, vendor, chosen in _groups(entries)
            )

    @exclusive
    def get_policy_option_value(
        self, option: int, level: OptionLevel, flags: int, policy: str | None, vendor_class: str | None
    ) -> OptionValue:
        """DhcpV4GetOptionValue ([MS-DHCPM] 3.2.4.104)."""
        with self._call("get_policy_option_value", scope=level.scope) as call:
            vendor = is_vendor(call, flags)  # 1
            table = policy_table(call, level, call.rights.read, policy, [option], vendor_class)  # 2 to 7
            value = table.get(_wanted(option, vendor, None, vendor_class, level, policy))
            return _value(call.need(value, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT))  # 8

    @exclusive
    def set_policy_option_value(
        self,
        option: int,
        level: OptionLevel,
        flags: int,
        policy: str | None,
        vendor_class: str | None,
        data: OptionData,
    ) -> None:
        """DhcpV4SetOptionValue ([MS-DHCPM] 3.2.4.102): the option needs no definition."""
        with self._call("set_policy_option_value", scope=level.scope) as call:
            value = OptionValue(option, data.type, data.values)
            _set_for_policy(call, level, flags, policy, vendor_class, [value])

    @exclusive
    def set_policy_option_values(
        self,
        level: OptionLevel,
        flags: int,
        policy: str | None,
        vendor_class: str | None,
        values: Sequence[OptionValue],
    ) -> None:
        """DhcpV4SetOptionValues ([MS-DHCPM] 3.2.4.103): values before the one that is refused stay."""
        with self._call("set_policy_option_values", scope=level.scope) as call:
            _set_for_policy(call, level, flags, policy, vendor_class, values)

    @exclusive
    def remove_policy_option_value(
        self, option: int, level: OptionLevel, flags: int, policy: str | None, vendor_class: str | None
    ) -> None:
        """DhcpV4RemoveOptionValue ([MS-DHCPM] 3.2.4.105)."""
        with self._call("remove_policy_option_value", scope=level.scope) as call:
            vendor = is_vendor(call, flags)  # 1
            table = policy_table(call, level, call.rights.write, policy, [option], vendor_class)  # 2 to 7
            wanted = _wanted(option, vendor, None, vendor_class, level, policy)
            call.need(table.get(wanted), ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 8
            table.delete(wanted)  # 9


def _set(call: Call, level: OptionLevel, wanted: StoredValue, data: OptionData) -> None:
    """Set a value: the rules from the definition on."""
    definitions = call.host.option_definitions
    of_user_class = definitions.get(wanted.number, wanted.vendor, wanted.user_class, wanted.vendor_class)
    definition = of_user_class or definitions.get(wanted.number, wanted.vendor, None, wanted.vendor_class)
    if definition is None and (wanted.number != DNS_SETTINGS or wanted.vendor):
        raise call.error(ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)  # 5
    if level.type == OptionLevelType.DEFAULT:
        definition = call.need(of_user_class, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT)
        definitions.put(replace(definition, default=pack(data.type, data.values)))
    else:
        find_table(call, level).put(replace(wanted, data=pack(data.type, data.values)))  # 6
    if wanted.number == LEASE:
        update_lease_times(call.host, wanted.number, _only(level))


def _only(level: OptionLevel) -> IPv4Address | None:
    """Return the scope of a level; None if it is one of the whole server."""
    return level.scope if level.type in (OptionLevelType.SCOPE, OptionLevelType.RESERVATION) else None


def _set_for_policy(
    call: Call,
    level: OptionLevel,
    flags: int,
    policy: str | None,
    vendor_class: str | None,
    values: Sequence[OptionValue],
) -> None:
    vendor = is_vendor(call, flags)  # 1
    empty = not all(value.values for value in values)
    numbers = [value.id for value in values]
    table = policy_table(call, level, call.rights.write, policy, numbers, vendor_class, empty)  # 2 to 7
    for value in values:
        wanted = _wanted(value.id, vendor, None, vendor_class, level, policy)
        table.put(replace(wanted, data=pack(value.type, value.values)))  # 8


def _wanted(
    option: int,
    vendor: bool,
    user_class: str | None,
    vendor_class: str | None,
    level: OptionLevel,
    policy: str | None = None,
) -> StoredValue:
    return StoredValue(
        number=option,
        vendor=vendor,
        vendor_class=vendor_class,
        user_class=user_class,
        policy=policy,
        reservation=level.reservation,
    )


def _groups(entries: Iterable[StoredValue]) -> Iterator[tuple[StoredValue, bool, list[StoredValue]]]:
    """Yield the two entries of each owner and pair of classes: its standard options, then those of the vendor class."""
    for _, group in groupby(entries, lambda entry: entry.group):
        members = list(group)
        for vendor in (False, True):
            yield members[0], vendor, [entry for entry in members if entry.vendor is vendor]


def _grouped(call: Call, entries: Iterable[StoredValue]) -> tuple[OptionValue, ...]:
    shifted = call.lab.switches.vendor_options_shifted
    return tuple(_value(replace(entry, number=entry.number + 256 * (shifted and entry.vendor))) for entry in entries)


def _stored(
    option: int, vendor: bool, user_class: str | None, vendor_class: str | None, definition: OptionDefinition
) -> StoredDefinition:
    return StoredDefinition(
        number=option,
        vendor=vendor,
        vendor_class=vendor_class,
        user_class=user_class,
        name=definition.name,
        description=definition.description,
        multivalued=definition.multivalued,
        default=pack(definition.type, definition.default),
    )


def _definition(entry: StoredDefinition) -> OptionDefinition:
    type_, default = unpack(entry.default)
    return OptionDefinition(
        id=entry.number,
        name=entry.name,
        type=type_,
        default=default,
        multivalued=entry.multivalued,
        description=entry.description,
    )


def _value(entry: StoredValue) -> OptionValue:
    return OptionValue(entry.number, *unpack(entry.data))


def _data_size(values: Sequence[object]) -> int:
    texts = sum(text_bytes(value) for value in values if isinstance(value, str))
    return len(values) * ELEMENT_BYTES + texts + sum(len(value) for value in values if isinstance(value, bytes))


def _definition_size(entry: OptionDefinition) -> int:
    return DEFINITION_BYTES + text_bytes(entry.name) + text_bytes(entry.description) + _data_size(entry.default)


def _value_size(entry: OptionValue) -> int:
    return VALUE_BYTES + _data_size(entry.values)
