"""The functions of the API for options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import (
        AllOptions,
        ClassOptionValues,
        OptionData,
        OptionDefinition,
        OptionLevel,
        OptionValue,
        Page,
        PolicyOptionValues,
    )

__all__ = ["OptionsApi"]


class OptionsApi(Protocol):
    """Option definitions and values.

    ``flags`` is 3 for the options of a vendor class and 0 for others. A class that is None is the default class.
    """

    def get_all_options(self) -> AllOptions:
        """DhcpGetAllOptions ([MS-DHCPM] 3.2.4.30)."""
        ...

    def enum_options(
        self,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        resume: int = 0,
        preferred_maximum: int = WHOLE,
    ) -> Page[OptionDefinition]:
        """DhcpEnumOptionsV5 ([MS-DHCPM] 3.2.4.18): one page; the maximum is a budget of bytes."""
        ...

    def get_option(self, option: int, flags: int, user_class: str | None, vendor_class: str | None) -> OptionDefinition:
        """DhcpGetOptionInfoV5 ([MS-DHCPM] 3.2.4.17)."""
        ...

    def create_option(
        self, option: int, flags: int, user_class: str | None, vendor_class: str | None, definition: OptionDefinition
    ) -> None:
        """DhcpCreateOptionV5 ([MS-DHCPM] 3.2.4.15)."""
        ...

    def set_option(
        self, option: int, flags: int, user_class: str | None, vendor_class: str | None, definition: OptionDefinition
    ) -> None:
        """DhcpSetOptionInfoV5 ([MS-DHCPM] 3.2.4.16): replaces name, description, type and default."""
        ...

    def remove_option(self, option: int, flags: int, user_class: str | None, vendor_class: str | None) -> None:
        """DhcpRemoveOptionV5 ([MS-DHCPM] 3.2.4.19): the definition only; values stay."""
        ...

    def get_all_option_values(self, level: OptionLevel) -> tuple[ClassOptionValues, ...]:
        """DhcpGetAllOptionValues ([MS-DHCPM] 3.2.4.31): the values of all classes."""
        ...

    def enum_option_values(
        self,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        resume: int = 0,
        preferred_maximum: int = WHOLE,
    ) -> Page[OptionValue]:
        """DhcpEnumOptionValuesV5 ([MS-DHCPM] 3.2.4.23): one page; the maximum is a budget of bytes."""
        ...

    def get_option_value(
        self, option: int, level: OptionLevel, flags: int, user_class: str | None, vendor_class: str | None
    ) -> OptionValue:
        """DhcpGetOptionValueV5 ([MS-DHCPM] 3.2.4.22)."""
        ...

    def set_option_value(
        self,
        option: int,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        data: OptionData,
    ) -> None:
        """DhcpSetOptionValueV5 ([MS-DHCPM] 3.2.4.20)."""
        ...

    def set_option_values(
        self,
        level: OptionLevel,
        flags: int,
        user_class: str | None,
        vendor_class: str | None,
        values: Sequence[OptionValue],
    ) -> None:
        """DhcpSetOptionValuesV5 ([MS-DHCPM] 3.2.4.21): stops at the first failure; what was set before stays."""
        ...

    def remove_option_value(
        self, option: int, level: OptionLevel, flags: int, user_class: str | None, vendor_class: str | None
    ) -> None:
        """DhcpRemoveOptionValueV5 ([MS-DHCPM] 3.2.4.24)."""
        ...

    def get_all_policy_option_values(self, level: OptionLevel) -> tuple[PolicyOptionValues, ...]:
        """DhcpV4GetAllOptionValues ([MS-DHCPM] 3.2.4.106): the values of all policies of the server or a scope."""
        ...

    def get_policy_option_value(
        self, option: int, level: OptionLevel, flags: int, policy: str | None, vendor_class: str | None
    ) -> OptionValue:
        """DhcpV4GetOptionValue ([MS-DHCPM] 3.2.4.104)."""
        ...

    def set_policy_option_value(
        self,
        option: int,
        level: OptionLevel,
        flags: int,
        policy: str | None,
        vendor_class: str | None,
        data: OptionData,
    ) -> None:
        """DhcpV4SetOptionValue ([MS-DHCPM] 3.2.4.102)."""
        ...

    def set_policy_option_values(
        self,
        level: OptionLevel,
        flags: int,
        policy: str | None,
        vendor_class: str | None,
        values: Sequence[OptionValue],
    ) -> None:
        """DhcpV4SetOptionValues ([MS-DHCPM] 3.2.4.103): stops at the first failure; what was set before stays."""
        ...

    def remove_policy_option_value(
        self, option: int, level: OptionLevel, flags: int, policy: str | None, vendor_class: str | None
    ) -> None:
        """DhcpV4RemoveOptionValue ([MS-DHCPM] 3.2.4.105)."""
        ...
