"""Options: their definitions, their values, and the levels at which values are set."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

from ..enums import OptionLevelType, OptionType
from .addresses import to_address
from .base import Model, all_of, fill, model
from .convert import to_bytes, to_number, to_text, wrong_type

__all__ = [
    "AllOptions",
    "ClassOptionValues",
    "OptionData",
    "OptionDefinition",
    "OptionElement",
    "OptionKey",
    "OptionLevel",
    "OptionValue",
    "PolicyOptionValues",
    "VendorOption",
    "to_option_values",
]

VENDOR_NUMBERS = range(257, 512)
"""Numbers under which a server may show options of a vendor class: 256 more than the option's own number."""

TYPE_NAMES = {
    OptionType.BYTE: "Byte",
    OptionType.WORD: "Word",
    OptionType.DWORD: "DWord",
    OptionType.DWORD_DWORD: "DWordDWord",
    OptionType.IP_ADDRESS: "IPv4Address",
    OptionType.STRING: "String",
    OptionType.BINARY: "BinaryData",
    OptionType.ENCAPSULATED: "EncapsulatedData",
    OptionType.IPV6_ADDRESS: "IPv6Address",
}
"""The types as the cmdlets write them."""

Item = int | IPv4Address | str | bytes


class OptionKey(NamedTuple):
    """Identifies an option on a level. Keys sort by class, then by number.

    Attributes:
        vendor_class: The name of the vendor class; "" is the default class.
        user_class: The name of the user class; "" is the default class.
        id: The number of the option.
    """

    vendor_class: str
    user_class: str
    id: int


def _one(type_: OptionType, value: Any, name: str) -> Any:
    match type_:
        case OptionType.BYTE | OptionType.WORD | OptionType.DWORD | OptionType.DWORD_DWORD:
            return to_number(value, name)
        case OptionType.IP_ADDRESS:
            return to_address(value, name)
        case OptionType.STRING:
            return to_text(value, name)
        case OptionType.IPV6_ADDRESS:
            return str(value) if isinstance(value, IPv6Address) else to_text(value, name)
    return to_bytes(value, name)


def to_option_values(type_: OptionType | None, values: Any, name: str = "values") -> tuple[Any, ...]:
    """Return values of an option in the Python type of its data; a single one becomes a tuple of one.

    Args:
        type_: The type of the data.
        values: The values, or one value.
        name: The argument, for errors.

    Raises:
        TypeError: A value does not have the type.
        ValueError: Text is not an IPv4 address, or there are values without a type.
    """
    if isinstance(values, str | bytes | bytearray | memoryview) or not isinstance(values, Iterable):
        values = (values,)
    elif isinstance(values, dict):
        raise wrong_type(name, values, "a sequence")
    values = tuple(values)
    if type_ is None and values:
        raise ValueError(f"type must not be None if there are {name}")
    return tuple(
        [value if isinstance(value, OptionElement) else _one(type_, value, name) for value in values]  # type: ignore[arg-type]
    )


@model(kw_only=False)
class OptionElement(Model):
    """One element of an option's data that has another type than the first element (DHCP_OPTION_DATA_ELEMENT).

    Servers do not check that all elements have the type of the definition, so such data can exist.

    Attributes:
        type: The type of this element.
        value: Its value; of an unknown type, the bytes of the C union, which cannot be sent.
    """

    type: OptionType
    value: int | IPv4Address | str | bytes

    def __init__(self, type: OptionType, value: Item) -> None:
        if isinstance(type, OptionType):
            value = _one(type, value, "value")
        fill(self, (type, value))


@model(kw_only=False)
class OptionData(Model):
    """The data of an option (DHCP_OPTION_DATA).

    Attributes:
        type: The type of the data; None if there is none.
        values: The values, each in the Python type that `OptionType` names. An element of another type than the first
            is an `OptionElement`.
    """

    type: OptionType
    values: tuple[int | IPv4Address | str | bytes | OptionElement, ...]

    _nullable = ("type",)

    def __init__(self, type: OptionType | None, values: Any) -> None:
        if type is None or isinstance(type, OptionType):
            values = to_option_values(type, values)
        fill(self, (type, values))


@model(kw_only=False)
class OptionValue(Model):
    """The value of an option on some level (DHCP_OPTION_VALUE, Get-DhcpServerv4OptionValue).

    Attributes:
        id: The option's number. Options of a vendor class have numbers of their own.
        type: The type of the data as the server keeps it, which should be that of the definition; None without data.
        values: The values, each in the Python type that `OptionType` names. An element of another type than the first
            is an `OptionElement`.
        vendor_class: The vendor class that the option belongs to; None is a standard option.
        user_class: The user class that gets the value; None is every client.
        policy: The policy that sets the value; None is none.
    """

    id: int
    type: OptionType
    values: tuple[int | IPv4Address | str | bytes | OptionElement, ...]
    vendor_class: str | None = None
    user_class: str | None = None
    policy: str | None = None

    _powershell = {
        "OptionId": "id",
        "Type": "_type",
        "Value": "values",
        "VendorClass": "vendor_class",
        "UserClass": "user_class",
        "PolicyName": "policy",
    }

    _nullable = ("type",)

    def __init__(
        self,
        id: int,
        type: OptionType | None,
        values: Any,
        vendor_class: str | None = None,
        user_class: str | None = None,
        policy: str | None = None,
    ) -> None:
        if type is None or isinstance(type, OptionType):
            values = to_option_values(type, values)
        fill(self, (id, type, values, vendor_class, user_class, policy))

    @property
    def key(self) -> OptionKey:
        """What identifies the option on its level."""
        return OptionKey(self.vendor_class or "", self.user_class or "", self.id)

    @property
    def data(self) -> OptionData:
        """The type and the values."""
        return OptionData(self.type, self.values)

    @property
    def value(self) -> Any:
        """The only value.

        Raises:
            ValueError: Zero or several values are given.
        """
        if len(self.values) != 1:
            raise ValueError(f"option {self.id} has {len(self.values)} values, not one")
        return self.values[0]

    @property
    def _type(self) -> str:
        return _type_name(self.type)


@model
class OptionDefinition(Model):
    """The definition of an option (DHCP_OPTION, Get-DhcpServerv4OptionDefinition).

    Attributes:
        id: The option's number. Options of a vendor class have numbers of their own.
        name: Its name.
        type: The type of its data.
        default: The default values. A server refuses a definition without any: use 0, "", 0.0.0.0 or b"".
        multivalued: Whether it takes several values.
        description: A comment, or None.
        vendor_class: The vendor class that the option belongs to; None is a standard option.
        user_class: The user class that the definition is for; None is every client.
    """

    id: int
    name: str | None
    type: OptionType
    default: tuple[int | IPv4Address | str | bytes | OptionElement, ...]
    multivalued: bool = False
    description: str | None = None
    vendor_class: str | None = None
    user_class: str | None = None

    _powershell = {
        "Name": "name",
        "OptionId": "id",
        "Type": "_type",
        "MultiValued": "multivalued",
        "DefaultValue": "default",
        "Description": "description",
        "VendorClass": "vendor_class",
    }

    _nullable = ("type",)

    def __init__(
        self,
        *,
        id: int,
        name: str | None,
        type: OptionType | None,
        default: Any,
        multivalued: bool = False,
        description: str | None = None,
        vendor_class: str | None = None,
        user_class: str | None = None,
    ) -> None:
        if type is None or isinstance(type, OptionType):
            default = to_option_values(type, default, "default")
        fill(self, (id, name, type, default, multivalued, description, vendor_class, user_class))

    @property
    def key(self) -> OptionKey:
        """What identifies the definition on a server."""
        return OptionKey(self.vendor_class or "", self.user_class or "", self.id)

    @property
    def _type(self) -> str:
        return _type_name(self.type)


def _type_name(type_: OptionType | None) -> str:
    return "" if type_ is None else TYPE_NAMES.get(type_, str(type_))


@model(kw_only=False)
class OptionLevel(Model):
    """Where values of options are set (DHCP_OPTION_SCOPE_INFO).

    Attributes:
        type: The kind of level.
        scope: The scope, for a scope or a reservation.
        reservation: The reserved address, for a reservation.
    """

    type: OptionLevelType
    scope: IPv4Address | None = None
    reservation: IPv4Address | None = None


@model
class VendorOption(Model):
    """A definition that is not one of the default class (an element of DHCP_ALL_OPTIONS).

    Attributes:
        definition: The definition, without its classes.
        vendor_class: Its vendor class; None is the default class.
        user_class: Its user class; None is the default class.
    """

    definition: OptionDefinition
    vendor_class: str | None = None
    user_class: str | None = None


@model
class AllOptions(Model):
    """All definitions of a server (DHCP_ALL_OPTIONS).

    Attributes:
        standard: Those of the default class.
        vendor: All others.
    """

    standard: tuple[OptionDefinition, ...]
    vendor: tuple[VendorOption, ...]

    def flat(self) -> list[OptionDefinition]:
        """Return all definitions, each with its classes."""
        return [
            *self.standard,
            *(
                option.definition.replace(vendor_class=option.vendor_class, user_class=option.user_class)
                for option in self.vendor
            ),
        ]


@model
class ClassOptionValues(Model):
    """The values that one level has for one user class and one vendor class (an element of DHCP_ALL_OPTION_VALUES).

    Attributes:
        values: The values, without their classes.
        vendor_class: The vendor class; None is the default class.
        user_class: The user class; None is the default class.
        is_vendor: Whether these are the options of the vendor class itself; a server answers the two kinds apart.
    """

    values: tuple[OptionValue, ...]
    vendor_class: str | None = None
    user_class: str | None = None
    is_vendor: bool = False

    def flat(self) -> list[OptionValue]:
        """Return the values, each with its classes."""
        return _flat(self, self.user_class, None)


@model
class PolicyOptionValues(Model):
    """The values that one policy sets for one vendor class (an element of DHCP_ALL_OPTION_VALUES_PB).

    Attributes:
        values: The values, without their classes and their policy.
        policy: The policy.
        vendor_class: The vendor class; None is the default class.
        is_vendor: Whether these are the options of the vendor class itself; a server answers the two kinds apart.
    """

    values: tuple[OptionValue, ...]
    policy: str | None
    vendor_class: str | None = None
    is_vendor: bool = False

    def flat(self) -> list[OptionValue]:
        """Return the values, each with its classes and its policy."""
        return _flat(self, None, self.policy)


def _flat(group: ClassOptionValues | PolicyOptionValues, user: str | None, policy: str | None) -> list[OptionValue]:
    vendor = group.vendor_class
    if vendor is None and user is None and policy is None:
        return list(group.values)
    shifted = VENDOR_NUMBERS if group.is_vendor and vendor is not None else ()
    return all_of(
        OptionValue,
        (
            (value.id - 256 if value.id in shifted else value.id, value.type, value.values, vendor, user, policy)
            for value in group.values
        ),
    )
