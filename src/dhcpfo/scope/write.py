"""What to write to a server, as plain data."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from ..models import Filter, FilterLists, OptionDefinition, OptionKey, OptionValue, Policy, Reservation
from ..models.base import Model, model
from ..models.convert import plain
from .change import Change, shown
from .saved import option_to_dict, policy_to_dict
from .typed import option_name

__all__ = ["About", "Conflict", "Write", "Writes"]


@model(kw_only=False)
class About(Model):
    """What a write is about: what is read again to see whether it was done.

    Attributes:
        kind: ``"scope"``, ``"range"``, ``"exclusion"``, ``"reservation"``, ``"options"``, ``"reservation-options"``,
            ``"policy"``, ``"policy-options"``, ``"policy-order"``, ``"delay"``, ``"superscope"``, ``"enforcement"``,
            ``"class"``, ``"definition"``, ``"filter"``, ``"filter-lists"`` or ``"conflict-detection"``.
        scope: The scope; None for what the whole server has.
        key: The exclusion, the reserved address, the policy's name, the name of the class and whether it is a vendor
            class, the key of the definition, or the pattern of the filter.
        options: The options that are written, of those kinds that end in ``options``.
    """

    kind: str
    scope: IPv4Address | None = None
    key: Any = None
    options: tuple[OptionKey, ...] = ()

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {name: plain(getattr(self, name)) for name in self._names}

    def __str__(self) -> str:
        names = ", ".join(map(option_name, self.options))
        if self.kind in ("class", "definition"):
            what = self.key[0] if self.kind == "class" else f"option {option_name(self.key)}"
            return f"{self.kind} {what}"
        if self.kind == "filter":
            return f"filter {self.key}"
        if self.kind == "filter-lists":
            return "filter lists"
        what = self.kind.replace("-options", "").replace("-", " ")
        if self.kind == "options":
            what = ""
        elif self.key is not None:
            what += f" {shown(self.key) if not isinstance(self.key, str) else self.key}"
        if self.kind == "scope":
            what = ""
        place = "server" if self.scope is None else f"scope {self.scope}"
        return " ".join(filter(None, [place, what, names and "option", names]))


@model(kw_only=False)
class Write(Model):
    """One change of a server; `apply_write` carries it out.

    Attributes:
        about: What it changes.
        before: What is there before it; None is nothing.
        after: What is to be there; None is nothing.
        undo: What taking it back restores: ``"restores"``, everything; ``"recreates"``, not the lease of a
            reservation or those of a scope; ``"with-parent"``, it goes away with the scope that another write makes.
            A server refuses to take back the removal of a reservation that is outside the range (20018).
            A removed policy that is made again may have another place among those that stayed.
    """

    about: About
    before: Any
    after: Any
    undo: str = "restores"

    def reversed(self) -> "Write":
        """Return the write that takes this one back."""
        return Write(self.about, self.after, self.before, self.undo)

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "about": self.about.to_dict(),
            "before": value_to_dict(self.before),
            "after": value_to_dict(self.after),
            "undo": self.undo,
        }

    def __str__(self) -> str:
        said = self.about.kind == "exclusion"  # its value is in its name
        if self.after is None or self.after == ():
            return f"remove {self.about}" if said else f"remove {self.about} ({_text(self.before)})"
        if self.before is None or self.before == ():
            return f"add {self.about}" if said else f"add {self.about}: {_text(self.after)}"
        return f"change {self.about}: {_text(self.before)} → {_text(self.after)}"


def value_to_dict(value: Any) -> Any:
    """Return the value of a write as JSON-ready values."""
    if isinstance(value, OptionValue):
        return option_to_dict(value)
    if isinstance(value, Policy):
        return {**policy_to_dict(value), "order": value.order}
    if isinstance(value, tuple):
        return [value_to_dict(item) for item in value]
    return plain(value)


def _text(value: Any) -> str:
    match value:
        case Reservation():
            return shown(value)
        case OptionDefinition():
            return f"{value.name} {value.type}"
        case Filter():
            return f"{value.filter_list.name.lower()}{f' {shown(value.comment)}' if value.comment else ''}"
        case FilterLists():
            on = [name for name in ("allow", "deny") if getattr(value, name)]
            return f"{' and '.join(on) or 'none'} enforced"
        case tuple():
            return "; ".join(value if isinstance(value, str) else shown(value) for value in value) or "none"
    if hasattr(value, "state"):
        return f"{shown(value.name)} {value.state}"
    return f"{value.data.hex('-')}" if hasattr(value, "data") else shown(value)


@model(kw_only=False)
class Conflict(Model):
    """Something that cannot be made equal.

    Attributes:
        about: What it is.
        wanted: What it should be.
        found: What is there instead.
        why: Why that stays.
    """

    about: About
    wanted: Any
    found: Any
    why: str

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values."""
        wanted, found = value_to_dict(self.wanted), value_to_dict(self.found)
        return {"about": self.about.to_dict(), "wanted": wanted, "found": found, "why": self.why}

    def __str__(self) -> str:
        return f"{self.about}: {self.why}"


class Writes(tuple[Write, ...]):
    """Writes in the order in which a server accepts them.

    Attributes:
        left: Differences that they leave alone: what the server has and the new configuration does not.
        conflicts: What they cannot make equal.
    """

    left: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]

    def __new__(
        cls, writes: Iterable[Write] = (), left: Iterable[Change] = (), conflicts: Iterable[Conflict] = ()
    ) -> "Writes":
        """Make one; it is a tuple of the writes."""
        self = super().__new__(cls, writes)
        self.left = tuple(left)
        self.conflicts = tuple(conflicts)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self), self.left, self.conflicts)

    def __str__(self) -> str:
        lines = [*map(str, self), *(f"left alone: {change}" for change in self.left)]
        return "\n".join([*lines, *(f"conflict: {conflict}" for conflict in self.conflicts)])
