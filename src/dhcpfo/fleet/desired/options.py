"""Option values as texts in a file, and back."""

import re
from collections.abc import Iterable

from ...enums import OptionType
from ...models import OptionDefinition, OptionKey, OptionValue
from ...models.names import upper_case
from ...scope.frozen import FrozenDict
from ...scope.parts import DNS_SETTINGS
from ...scope.typed import NAMES, changed_options

__all__ = ["items_of", "key_name", "key_of", "texts_of", "texts_of_value", "value_of"]

KEY = re.compile(r"(?P<number>\d{1,10})?\s*(?P<name>[^\[\]]*?)\s*(?P<classes>(?:\[[^\]]+\]\s*)*)", re.ASCII)
CLASS = re.compile(r"\[([^\]]+)\]")
USER = "user:"
VENDOR = "vendor:"
_SHORT = {number: name for name, number in NAMES.items()}
NUMBERS = frozenset({OptionType.BYTE, OptionType.WORD, OptionType.DWORD, OptionType.DWORD_DWORD})
OCTETS = frozenset({OptionType.BINARY, OptionType.ENCAPSULATED})


def key_of(text: str, definitions: Iterable[OptionDefinition]) -> OptionKey:
    """Return the option that a file names: ``routers``, ``3``, ``66 [Cisco Phones]``, ``6 [user:Guests]``.

    Raises:
        ValueError: It is not the name of an option.
    """
    found = KEY.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be the name or the number of an option, with [class] behind it if it is of a class")
    vendor = user = ""
    for name in CLASS.findall(found["classes"]):
        if name.startswith(USER):
            user = name.removeprefix(USER)
        else:
            vendor = name.removeprefix(VENDOR)
    if found["number"]:
        return OptionKey(vendor, user, int(found["number"]))
    name = found["name"]
    if not vendor and name in NAMES:
        return OptionKey(vendor, user, NAMES[name])
    for definition in definitions:
        same_class = upper_case(definition.vendor_class or "") == upper_case(vendor)
        if same_class and upper_case(definition.name or "") == upper_case(name):
            return OptionKey(vendor, user, definition.id)
    raise ValueError(f"no option is called {name!r}{f' in class {vendor}' if vendor else ''}")


def key_name(key: OptionKey, *, short: bool = True) -> str | None:
    """Return how a file names an option, by its short name if it has one and ``short``; None if it cannot."""
    if any(mark in name for name in (key.vendor_class, key.user_class) for mark in "[]"):
        return None
    vendor = f" [{VENDOR if key.vendor_class.startswith((USER, VENDOR)) else ''}{key.vendor_class}]"
    name = str(key.id) if key.vendor_class or not short else _SHORT.get(key.id, str(key.id))
    return name + (vendor if key.vendor_class else "") + (f" [{USER}{key.user_class}]" if key.user_class else "")


def texts_of_value(value: OptionValue) -> tuple[str, ...] | None:
    """Return an option value as a file has it; None if it cannot."""
    return texts_of(value.values)


def texts_of(values: Iterable[object]) -> tuple[str, ...] | None:
    """Return values as a file has them; None if it cannot."""
    found = []
    for item in values:
        if isinstance(item, bool) or item is None:
            return None
        if isinstance(item, bytes):
            found.append(item.hex("-"))
        elif isinstance(item, int | str) or hasattr(item, "packed"):
            found.append(str(item))
        else:
            return None
    return tuple(found) or None


def value_of(
    key: OptionKey, texts: tuple[str, ...], old: OptionValue | None, definitions: tuple[OptionDefinition, ...]
) -> OptionValue:
    """Return a value as the definition of its option wants it.

    Args:
        key: The option.
        texts: Its values in the file.
        old: The value that the server has, which stays if it is the same.
        definitions: The definitions of the server.

    Raises:
        ValueError: The option is not defined, or a value does not fit.
    """
    if old is not None and texts_of_value(old) == texts:
        return old
    kind = _type(key, definitions)
    values = items_of(kind, texts)
    return next(iter(changed_options(FrozenDict(), {key: values}, definitions).values()))


def _type(key: OptionKey, definitions: tuple[OptionDefinition, ...]) -> OptionType | None:
    if key.id == DNS_SETTINGS and not key.vendor_class:
        return OptionType.DWORD
    for user in (key.user_class, ""):
        for one in definitions:
            same = upper_case(one.vendor_class or "") == upper_case(key.vendor_class)
            if same and one.id == key.id and upper_case(one.user_class or "") == upper_case(user):
                return one.type
    return None


def items_of(kind: OptionType | None, texts: Iterable[str]) -> tuple[int | str | bytes, ...]:
    """Return the values that texts of a file mean in an option of a type.

    Raises:
        ValueError: One does not fit.
    """
    return tuple([_item(kind, one) for one in texts])


def _item(kind: OptionType | None, text: str) -> int | str | bytes:
    if kind in NUMBERS:
        try:
            return int(text.strip(), 0)
        except ValueError:
            raise ValueError(f"must be a whole number, got {text!r}") from None
    if kind in OCTETS:
        try:
            return bytes.fromhex(re.sub(r"[-:.]", "", text))
        except ValueError:
            raise ValueError(f"must be hexadecimal such as 01-02-0a, got {text!r}") from None
    return text if kind == OptionType.STRING else text.strip()
