"""The rules of the functions for classes."""

from dataclasses import replace

from ...api import WHOLE
from ...errors import ErrorCode
from ...limits import MAX_CLASS_DATA
from ...models import DhcpClass, Page
from ..scopes import Scope
from ..state import Host
from ..tables.classes import StoredClass, built_in
from ..transaction import Call, Rules, exclusive
from .pages import page_of, text_bytes

__all__ = ["ClassesRules"]

CLASS_BYTES = 40
"""The structure of a class on a 64-bit machine."""


class ClassesRules(Rules):
    """Offers `dhcpfo.api.ClassesApi`. The reserved parameter is not tested."""

    @exclusive
    def enum_classes(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[DhcpClass]:
        """DhcpEnumClasses ([MS-DHCPM] 3.2.4.29)."""
        with self._call("enum_classes") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            entries = [_shown(entry) for entry in call.host.classes.scan()]
            return page_of(call, entries, resume, preferred_maximum, _size)  # 2, 3

    @exclusive
    def get_class(self, info: DhcpClass) -> DhcpClass:
        """DhcpGetClassInfo ([MS-DHCPM] 3.2.4.28)."""
        with self._call("get_class") as call:
            # 1 is about NULL
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = next((entry for entry in call.host.classes.scan() if _matches(call, entry, info)), None)
            return _shown(call.need(found, ErrorCode.ERROR_DHCP_CLASS_NOT_FOUND))  # 3, 4

    @exclusive
    def create_class(self, info: DhcpClass) -> None:
        """DhcpCreateClass ([MS-DHCPM] 3.2.4.25)."""
        with self._call("create_class") as call:
            call.refuse(_incomplete(info), ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            new = _stored(info)
            taken = call.host.classes.get(new.name, new.is_vendor) is not None  # 3
            taken |= any(entry.data == info.data for entry in call.host.classes.scan())  # 4
            call.refuse(taken, ErrorCode.ERROR_DHCP_CLASS_ALREADY_EXISTS)
            call.host.classes.put(new)  # 5

    @exclusive
    def modify_class(self, info: DhcpClass) -> None:
        """DhcpModifyClass ([MS-DHCPM] 3.2.4.26): whether the kind changes too is a switch."""
        with self._call("modify_class") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(_incomplete(info), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            classes, new = call.host.classes, _stored(info)
            old = classes.get(new.name, new.is_vendor) or classes.get(new.name, not new.is_vendor)
            old = call.need(old, ErrorCode.ERROR_DHCP_CLASS_NOT_FOUND)  # 3
            if not call.lab.switches.class_kind_can_change:
                new = replace(new, is_vendor=old.is_vendor)
            if new.key != old.key:
                classes.delete(old.key)
            classes.put(replace(new, name=old.name, flags=old.flags))  # 4

    @exclusive
    def delete_class(self, name: str) -> None:
        """DhcpDeleteClass ([MS-DHCPM] 3.2.4.27): with its definitions and its values on every level."""
        with self._call("delete_class") as call:
            # 1 is about NULL
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            classes = call.host.classes
            found = call.need(classes.get(name, False) or classes.get(name, True), ErrorCode.ERROR_DHCP_CLASS_NOT_FOUND)
            same_data = any(entry.data == found.data for entry in built_in().values())
            call.refuse(found.key in built_in() or same_data, ErrorCode.ERROR_DHCP_DELETE_BUILTIN_CLASS)  # 4
            classes.delete(found.key)  # 5
            call.host.option_definitions.delete_class(found.name, found.is_vendor)
            owners: list[Host | Scope] = [call.host, *call.host.scopes.values()]
            for owner in owners:
                owner.options.delete_class(found.name, found.is_vendor)
                if not found.is_vendor:
                    for policy in owner.policies.of_class(found.name):
                        owner.policies.delete(policy)
                        owner.options.delete_policy(policy)


def _incomplete(info: DhcpClass) -> bool:
    return not info.name or not 1 <= len(info.data) <= MAX_CLASS_DATA


def _matches(call: Call, entry: StoredClass, info: DhcpClass) -> bool:
    if info.name is None and not info.data:
        return False
    named = info.name is None or call.lab.switches.same_name(entry.name, info.name)
    return named and info.data in (b"", entry.data)


def _stored(info: DhcpClass) -> StoredClass:
    return StoredClass(
        name=info.name or "",
        data=info.data,
        is_vendor=info.is_vendor,
        description=info.description,
        flags=info.flags,
    )


def _shown(entry: StoredClass) -> DhcpClass:
    return DhcpClass(
        name=entry.name,
        data=entry.data,
        is_vendor=entry.is_vendor,
        description=entry.description,
        flags=entry.flags,
    )


def _size(entry: DhcpClass) -> int:
    return CLASS_BYTES + text_bytes(entry.name) + text_bytes(entry.description) + len(entry.data)
