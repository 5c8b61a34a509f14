"""`FailoverPair.plan`: the operations, with checked arguments, as plans that nobody applied yet."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Literal

from .. import arguments
from ..enums import FailoverMode
from ..models import AddressLike, Secret
from ..models.convert import wrong_type
from ..models.failover import DEFAULT_PERCENTAGE
from ..models.secret import hide
from ..server.unchanged import UNCHANGED, Unchanged
from .parts import SecretRef, Side
from .plan import Plan, Request
from .planning import make_plan

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["Existing", "Plans", "checked_scopes"]

Existing = Literal["refuse", "complete", "overwrite"]
EXISTING = ("refuse", "complete", "overwrite")
GIVEN, OLD = SecretRef("given"), SecretRef("given", "old")
SOURCES = ("exclusions", "reservations", "options", "policies")


class Plans:
    """Plans of a pair. Each method reads both servers and changes nothing; see `FailoverPair` for what they mean."""

    def __init__(self, pair: "FailoverPair") -> None:
        self._pair = pair

    def create(
        self,
        name: str,
        scopes: Iterable[AddressLike],
        *,
        mode: FailoverMode = FailoverMode.LOAD_BALANCE,
        percentage: int | None = None,
        mclt: timedelta = timedelta(hours=1),
        state_switch_interval: timedelta | None = None,
        shared_secret: str | bytes | Secret | None = None,
        on_existing: Existing = "refuse",
        join_disabled: bool = False,
    ) -> Plan:
        """Plan `FailoverPair.create`."""
        shared_secret = hide(shared_secret)  # type: ignore[assignment]  # first: no traceback may show the text
        secret = arguments.shared_secret(shared_secret)
        mode = arguments.member("mode", mode, FailoverMode)
        wanted = checked_scopes(scopes)
        if not wanted:
            raise ValueError("scopes must not be empty: a relationship cannot be created without a scope")
        return self._make(
            "create",
            name,
            {} if secret is None else {GIVEN: secret},
            scopes=wanted,
            mode=mode,
            percentage=arguments.percentage(DEFAULT_PERCENTAGE.get(mode, 0) if percentage is None else percentage),
            mclt=arguments.seconds("mclt", mclt),
            state_switch_interval=arguments.state_switch_interval(state_switch_interval),
            secret=None if secret is None else GIVEN,
            on_existing=_existing(on_existing),
            join_disabled=arguments.truth("join_disabled", join_disabled),
        )

    def add_scopes(
        self,
        name: str,
        scopes: Iterable[AddressLike],
        *,
        on_existing: Existing = "refuse",
        join_disabled: bool = False,
    ) -> Plan:
        """Plan `FailoverPair.add_scopes`."""
        return self._make(
            "add_scopes",
            name,
            scopes=checked_scopes(scopes),
            on_existing=_existing(on_existing),
            join_disabled=arguments.truth("join_disabled", join_disabled),
        )

    def remove_scopes(
        self, name: str, scopes: Iterable[AddressLike], *, keep: Side | str, without_partner: bool = False
    ) -> Plan:
        """Plan `FailoverPair.remove_scopes`."""
        return self._make(
            "remove_scopes", name, scopes=frozenset(checked_scopes(scopes)), **self._keep(keep, without_partner)
        )

    def delete(self, name: str, *, keep: Side | str, without_partner: bool = False) -> Plan:
        """Plan `FailoverPair.delete`."""
        return self._make("delete", name, **self._keep(keep, without_partner))

    def update(
        self,
        name: str,
        *,
        mode: FailoverMode | Unchanged = UNCHANGED,
        percentage: int | Unchanged = UNCHANGED,
        mclt: timedelta | Unchanged = UNCHANGED,
        state_switch_interval: timedelta | Unchanged | None = UNCHANGED,
    ) -> Plan:
        """Plan `FailoverPair.update`."""
        values: dict[str, Any] = {}
        if not isinstance(mode, Unchanged):
            values["mode"] = arguments.member("mode", mode, FailoverMode)
            if isinstance(percentage, Unchanged):
                raise ValueError(
                    "percentage must be passed together with mode: the number means something else in each"
                )
        if not isinstance(percentage, Unchanged):
            values["percentage"] = arguments.percentage(percentage)
        if not isinstance(mclt, Unchanged):
            values["mclt"] = arguments.seconds("mclt", mclt)
        if not isinstance(state_switch_interval, Unchanged):
            values["state_switch_interval"] = arguments.state_switch_interval(state_switch_interval) or None
        if not values:
            raise ValueError("nothing to change: pass at least one of mode, percentage, mclt, state_switch_interval")
        return self._make("update", name, **values)

    def rotate_secret(
        self, name: str, new: str | bytes | Secret | None, *, old: str | bytes | Secret | None = None
    ) -> Plan:
        """Plan `FailoverPair.rotate_secret`."""
        new, old = hide(new), hide(old)  # type: ignore[assignment]  # first: no traceback may show the text
        texts = {GIVEN: arguments.shared_secret(new), OLD: arguments.shared_secret(old)}
        secrets = {ref: text for ref, text in texts.items() if text is not None}
        return self._make(
            "rotate_secret",
            name,
            secrets,
            new=GIVEN if GIVEN in secrets else None,
            old=OLD if OLD in secrets else None,
        )

    def declare_partner_down(self, name: str, *, survivor: Side | str) -> Plan:
        """Plan `FailoverPair.declare_partner_down`."""
        return self._make("declare_partner_down", name, survivor=self._pair.side(survivor))

    def reallocate(self, name: str) -> Plan:
        """Plan `FailoverPair.reallocate`."""
        return self._make("reallocate", name)

    def replicate(
        self,
        source: Side | str,
        *,
        names: Iterable[str] | None = None,
        scopes: Iterable[AddressLike] | None = None,
        delete: Collection[str] | Literal["all"] = (),
    ) -> Plan:
        """Plan `FailoverPair.replicate`."""
        return self._make(
            "replicate",
            "",
            source=self._pair.side(source),
            names=None if names is None else tuple(arguments.relationship_name(name) for name in _listed(names)),
            scopes=None if scopes is None else checked_scopes(scopes),
            delete=_kinds(delete),
        )

    def adopt(self, name: str, *, like: Side | str) -> Plan:
        """Plan `FailoverPair.adopt`."""
        return self._make("adopt", name, like=self._pair.side(like))

    def _keep(self, keep: Side | str, without_partner: bool) -> dict[str, Any]:
        arguments.truth("without_partner", without_partner)
        both = isinstance(keep, str) and keep.casefold() == "both"
        kept: Side | str = "both" if both else self._pair.side(keep)
        if without_partner and not isinstance(kept, Side):
            raise ValueError("keep must be one of the servers when without_partner is true")
        return {
            "keep": kept,
            "without_partner": without_partner,
            "without": kept.other if without_partner and isinstance(kept, Side) else None,
        }

    def _make(self, operation: str, name: str, secrets: dict[SecretRef, Secret] | None = None, /, **given: Any) -> Plan:
        checked = arguments.relationship_name(name) if operation != "replicate" else name
        return make_plan(self._pair, Request(operation, checked, tuple(sorted(given.items()))), secrets)


def _listed(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise wrong_type("names", values, "a list of names")
    return tuple(values)


def checked_scopes(values: Iterable[AddressLike]) -> tuple[IPv4Address, ...]:
    """Return scopes as addresses, each once."""
    if isinstance(values, str | IPv4Address) or not isinstance(values, Iterable):
        raise wrong_type("scopes", values, "a list of addresses")
    return tuple(dict.fromkeys(arguments.address("scopes", value) for value in values))


def _existing(value: str) -> str:
    if value not in EXISTING:
        raise ValueError(f"on_existing must be one of {', '.join(EXISTING)}, got {value!r}")
    return value


def _kinds(delete: Collection[str] | str) -> tuple[str, ...]:
    if delete == "all":
        return SOURCES
    if isinstance(delete, str) or not isinstance(delete, Collection):
        raise wrong_type("delete", delete, "'all' or a collection of kinds")
    for kind in delete:
        if kind not in SOURCES:
            raise ValueError(f"delete must hold only {', '.join(SOURCES)}, got {kind!r}")
    return tuple(kind for kind in SOURCES if kind in delete)
