"""The contents of a scope as a file has them."""

from collections.abc import Iterator
from datetime import timedelta

from ...enums import ClientType, RangeType, ScopeState
from ...models import AddressRange, OptionKey, ScopeRange
from ...models.standard_options import LEASE
from ...scope import ScopeConfig
from ...scope.config import range_to_compare
from .contents import RANGES
from .export_policies import Shared, option_lines, policy_lines, text_line
from .values import clients_text, duration_text, span_text

__all__ = ["scope_lines"]

INDENT = "        "
SERVES = {kind: word for word, kind in RANGES.items() if kind != RangeType.DHCP}
KINDS = {ClientType.DHCP: "dhcp", ClientType.BOOTP: "bootp", ClientType.BOTH: "both"}
OUTSIDE = "# not in the scope, so a file cannot say it: "
PLAIN = (ScopeState.ENABLED, ScopeState.DISABLED)


def scope_lines(config: ScopeConfig, copy: ScopeConfig | None, known: Shared) -> Iterator[str]:
    """Yield the lines for a scope. What a file cannot say is a comment.

    Args:
        config: The scope.
        copy: What the other server has, if it has the scope.
        known: What the server has for options and conditions.
    """
    yield f"      {config.network}:"
    yield from text_line(INDENT, "name", config.name or "")
    yield from text_line(INDENT, "comment", config.comment or "")
    yield f"{INDENT}enabled: {'yes' if config.enabled else 'no'}"
    if config.state not in PLAIN:
        yield f"{INDENT}# a file cannot say that its state is {config.state}"
    network = config.network
    if config.range is not None:
        span = AddressRange(config.range.start, config.range.end)
        mark = "" if span.start in network and span.end in network else OUTSIDE
        yield f"{INDENT}{mark}range: {span_text(span)}"
        yield from _range(config.range, None if copy is None else copy.range)
    inside = [span for span in config.exclusions if span.start in network and span.end in network]
    if inside:
        yield f"{INDENT}exclusions: [{', '.join(map(span_text, inside))}]"
    for span in config.exclusions:
        if span not in inside:
            yield f"{INDENT}{OUTSIDE}exclusion {span_text(span)}"
    yield f"{INDENT}delay: {duration_text(config.offer_delay)}"
    yield from text_line(INDENT, "superscope", config.superscope or "")
    if config.quarantine:
        yield f"{INDENT}# a file cannot say that Network Access Protection is on"
    lease = config.lease_duration
    plain = lease is not None and lease > timedelta(0)
    if plain and lease is not None:
        yield f"{INDENT}lease: {'infinite' if lease == timedelta.max else duration_text(lease)}"
    hidden = {OptionKey("", "", LEASE)} if plain else set()
    own = {key: one for key, one in config.options.items() if key not in hidden}
    yield from option_lines(INDENT, own, known.definitions)
    yield from _reservations(config, known)
    yield from policy_lines(INDENT, config, known)
    if config.policies or not config.policies_enforced:
        yield f"{INDENT}policies-enforced: {'yes' if config.policies_enforced else 'no'}"


def _range(value: ScopeRange, copy: ScopeRange | None) -> Iterator[str]:
    """Yield the clients that a range serves, if it is not DHCP alone, which is what a new one serves.

    In failover that cannot become equal.
    """
    if copy is not None and range_to_compare(value)[2:] != range_to_compare(copy)[2:]:  # type: ignore[index]
        yield f"{INDENT}# range-type or max-bootp differs on the two servers"
    elif value.type in SERVES:
        yield f"{INDENT}range-type: {SERVES[value.type]}"
        if value.type == RangeType.BOTH:
            yield f"{INDENT}max-bootp: {clients_text(value.max_bootp)}"
    elif value.type not in (RangeType.DHCP, RangeType.UNSPECIFIED):
        yield f"{INDENT}# a file cannot say that the range is for {value.type}"


def _reservations(config: ScopeConfig, known: Shared) -> Iterator[str]:
    if not config.reservations:
        return
    shown: list[str] = []
    for address, entry in config.reservations.items():
        if not entry.client_id or entry.type not in KINDS or address not in config.network:
            shown.append(f"{INDENT}  # {address}: a file cannot say what this reservation is")
            continue
        inside = f"{INDENT}    "
        shown += [f"{INDENT}  {address}:", f"{inside}client: {entry.client_id.hex('-')}"]
        shown += text_line(inside, "name", entry.name or "", always=False)
        shown += text_line(inside, "description", entry.description or "", always=False)
        shown.append(f"{inside}kind: {KINDS[entry.type]}")
        shown += option_lines(inside, config.reservation_options.get(address, {}), known.definitions)
    if any(not line.lstrip().startswith("#") for line in shown):
        yield f"{INDENT}reservations:"
    yield from shown
