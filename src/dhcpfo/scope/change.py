"""One difference between two configurations of a scope."""

from ipaddress import IPv4Address
from typing import Any

from ..models import AddressRange, OptionKey, OptionValue, Policy, Reservation, ScopeRange
from ..models.base import Model, model
from ..models.convert import plain
from .saved import option_to_dict, policy_to_dict
from .typed import option_name

__all__ = ["Change", "shown"]


@model(kw_only=False)
class Change(Model):
    """One difference between two configurations.

    Attributes:
        kind: ``"add"``, ``"remove"``, ``"change"``, ``"move"`` (a reservation that has another address), or
            ``"unread"``: a part that could not be read, so nothing is known.
        path: What differs: ``("name",)``, ``("exclusion", AddressRange)``, ``("reservation", address)``,
            ``("option", OptionKey)``, ``("reservation", address, "option", OptionKey)``, ``("policy", name)``,
            ``("policy", name, "conditions")``, ``("policies", "order")``, and so on. An `AddressRange` in it has ends.
        old: What the first one has; None is nothing.
        new: What the second one has; None is nothing.
    """

    kind: str
    path: tuple[Any, ...]
    old: Any = None
    new: Any = None

    @property
    def label(self) -> str:
        """What differs, as text."""
        return " ".join(filter(None, map(_label, self.path)))

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "kind": self.kind,
            "path": [_path(part) for part in self.path],
            "old": _plain(self.old),
            "new": _plain(self.new),
        }

    def __str__(self) -> str:
        return f"{SIGNS[self.kind]} {self.label}: {change_text(self)}".rstrip(": ")


SIGNS = {"add": "+", "remove": "-", "change": "~", "move": ">", "unread": "?"}


def change_text(change: Change) -> str:
    """Return the values of a change as text."""
    if change.kind == "add":
        return shown(change.new)
    if change.kind == "remove":
        return shown(change.old)
    if change.kind == "unread":
        error = (change.new if change.old is None else change.old).error
        return f"could not be read: {error.code_name} {error.winerror}"
    if change.kind == "move":
        return f"{change.old.address} → {shown(change.new)}"
    return f"{shown(change.old)} → {shown(change.new)}"


def _label(part: Any) -> str:
    if isinstance(part, OptionKey):
        return option_name(part)
    return "" if isinstance(part, AddressRange) else str(part).replace("_", " ")


def _path(part: Any) -> Any:
    if isinstance(part, OptionKey):
        return {"id": part.id, "vendor_class": part.vendor_class or None, "user_class": part.user_class or None}
    return plain(part)


def _plain(value: Any) -> Any:
    if isinstance(value, OptionValue):
        return option_to_dict(value)
    if isinstance(value, Policy):
        return policy_to_dict(value)
    return plain(value)


def shown(value: Any) -> str:
    """Return a value as people read it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return f'"{value}"'
        case bytes():
            text = value.decode("ascii", "replace")
            return value.hex("-") + (f' "{text}"' if len(value) > 1 and text.isascii() and text.isprintable() else "")
        case AddressRange():
            return str(value.start) if value.start == value.end else f"{value.start} - {value.end}"
        case ScopeRange():
            limit = f", {value.max_bootp} by BOOTP at most" if str(value.type) == "BOTH" else ""
            return f"{value.start} - {value.end} {value.type}{limit}"
        case Reservation():
            texts = [shown(text) for text in (value.name, value.description) if text]
            kind = "" if str(value.type) == "BOTH" else f" {value.type}"
            return " ".join([str(value.address), value.client_id.hex("-"), *texts]) + kind
        case OptionValue():
            return ", ".join(map(shown, value.values)) or "no value"
        case Policy():
            return f"if {value.condition}"
        case tuple():
            return ", ".join(map(_bare, value)) or "none"
        case IPv4Address():
            return str(value)
    return str(value)


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)
