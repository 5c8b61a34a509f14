"""A pair as it is, as a file that plans to nothing."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address

from ...enums import ClientType, FailoverMode, RangeType, ServerType
from ...models import AddressRange, OptionKey, Relationship
from ...models.names import upper_case
from ...models.standard_options import LEASE
from ...pair import FailoverPair, Side
from ...pair.look import Look
from ...scope import ScopeConfig, ServerOverview, read_scopes, read_server
from ...scope.parts import Unread
from .export_level import level_lines, level_of
from .export_policies import class_names, option_lines, policy_lines, text_line
from .export_server import server_lines
from .values import duration_text, span_text
from .yaml_text import comment, scalar

__all__ = ["HEAD", "export"]

HEAD = "version: 1\npairs:"
WORDS = {FailoverMode.LOAD_BALANCE: ("load-balance", "percent"), FailoverMode.HOT_STANDBY: ("hot-standby", "reserve")}
KINDS = {ClientType.DHCP: "dhcp", ClientType.BOOTP: "bootp", ClientType.BOTH: "both"}


def export(pair: FailoverPair, name: str, *, full: bool = False) -> list[str]:
    """Return the lines for a pair under ``pairs:``. What a file cannot say is a comment.

    Args:
        pair: The servers.
        name: The name of the pair in the file.
        full: Whether the contents of its failover scopes are in it, too.

    Raises:
        DhcpError: A server could not be read.
        Unwritable: A name cannot be in a file.
    """
    return list(_Export(pair, name, full).lines())


class _Export:
    def __init__(self, pair: FailoverPair, name: str, full: bool) -> None:
        self.pair = pair
        self.name = name
        self.full = full
        self.look = Look(pair, "", {})
        self.members: dict[IPv4Address, Side] = {}
        self.overviews: dict[Side, ServerOverview] = {}

    def lines(self) -> Iterator[str]:
        one, other = self.pair.names.primary, self.pair.names.secondary
        yield f"  {scalar(self.name)}:"
        yield f"    servers: [{scalar(one)}, {scalar(other)}]"
        if self.full:
            yield from server_lines(*(self.overview(side) for side in Side))
            one_level, other_level = (level_of(self.pair.server(side)) for side in Side)
            yield from level_lines(one_level, other_level, self.names())
        shared = self.shared()
        yield "    relationships:" if shared else "    relationships: {}"
        for copies in shared:
            yield from self.relationship(*copies)
        if self.full and self.members:
            yield "    scopes:"
            yield from self.scopes()

    def overview(self, side: Side) -> ServerOverview:
        """Return what a server has beside its scopes."""
        if side not in self.overviews:
            self.overviews[side] = read_server(self.pair.server(side), calls_at_once=self.pair.calls_at_once)
        return self.overviews[side]

    def names(self) -> dict[tuple[bool, bytes], str]:
        """Return the names of classes that both servers have."""
        classes = [self.overview(side).classes for side in Side]
        return class_names(*(() if isinstance(one, Unread) else one for one in classes))

    def shared(self) -> list[tuple[Relationship, Relationship]]:
        """Return both copies of the relationships that the two servers share."""
        there = {upper_case(one.name): one for one in self.look.relationships(Side.SECONDARY)}
        pairs = [(one, there.get(upper_case(one.name))) for one in self.look.relationships(Side.PRIMARY)]
        return [
            (one, other)
            for one, other in pairs
            if other is not None
            and one.server_type != other.server_type
            and (one.primary_server, one.secondary_server) == (other.primary_server, other.secondary_server)
        ]

    def relationship(self, one: Relationship, other: Relationship) -> Iterator[str]:
        """Yield the terms that are the same in both copies; the others are comments."""
        yield f"      {scalar(one.name)}:"
        indent = "        "
        word, share = WORDS.get(one.mode, ("", ""))
        terms = {
            "mode": (one.mode, other.mode, word),
            share: ((one.mode, one.percentage), (other.mode, other.percentage), str(one.percentage)),
            "mclt": (one.mclt, other.mclt, duration_text(one.mclt)),
            "switch": (
                one.state_switch_interval or None,
                other.state_switch_interval or None,
                duration_text(one.state_switch_interval) if one.state_switch_interval else "never",
            ),
        }
        for key, (here, there, text) in terms.items():
            if here != there:
                yield f"{indent}# {key or 'mode'} differs on the two servers"
            elif key and text:
                yield f"{indent}{key}: {text}"
        if one.server_type == ServerType.SECONDARY:
            yield f"{indent}primary: {scalar(self.pair.names.secondary)}"
        if one.authenticated or other.authenticated:
            yield f"{indent}# secret: {{file: {comment(one.name)}.secret}}   # there is one; it is not exported"
        both = sorted(set(one.scopes) & set(other.scopes))
        side = Side.PRIMARY if one.server_type == ServerType.PRIMARY else Side.SECONDARY
        self.members.update(dict.fromkeys(both, side))
        yield f"{indent}scopes: [{', '.join(map(str, both))}]"
        for scope in sorted(set(one.scopes) ^ set(other.scopes)):
            yield f"{indent}# {scope} is in it on one server only"

    # Contents

    def scopes(self) -> Iterator[str]:
        """Yield the contents of the scopes as the primary of each has them."""
        found: dict[Side, dict[IPv4Address, ScopeConfig | Unread | None]] = {}
        for side in Side:
            server, at_once = self.pair.server(side), self.pair.calls_at_once
            found[side] = read_scopes(server, self.members, self.overview(side), calls_at_once=at_once)
        for scope, side in sorted(self.members.items()):
            config, copy = found[side][scope], found[side.other][scope]
            for one in (config, copy):
                unread = one if isinstance(one, Unread) else next(iter(one.unread), None) if one is not None else None
                if unread is not None:
                    raise unread.error
            if isinstance(config, ScopeConfig):
                if config != copy:
                    yield f"      # {scope} differs on the two servers: dhcpfo scope diff {scope}"
                yield from self.scope(config)

    def scope(self, config: ScopeConfig) -> Iterator[str]:
        """Yield the contents of a scope."""
        yield f"      {config.network}:"
        indent = "        "
        yield from text_line(indent, "name", config.name or "")
        yield from text_line(indent, "comment", config.comment or "")
        yield f"{indent}enabled: {'yes' if config.enabled else 'no'}"
        if config.range is not None:
            yield f"{indent}range: {span_text(AddressRange(config.range.start, config.range.end))}"
            if config.range.type != RangeType.DHCP:
                yield f"{indent}# a new range would be for DHCP, and this one is for {config.range.type}"
        if config.exclusions:
            yield f"{indent}exclusions: [{', '.join(map(span_text, config.exclusions))}]"
        yield f"{indent}delay: {duration_text(config.offer_delay)}"
        yield from text_line(indent, "superscope", config.superscope or "")
        lease = config.lease_duration
        plain = lease is not None and lease > timedelta(0)
        if plain and lease is not None:
            yield f"{indent}lease: {'infinite' if lease == timedelta.max else duration_text(lease)}"
        hidden = {OptionKey("", "", LEASE)} if plain else set()
        yield from option_lines(indent, {key: one for key, one in config.options.items() if key not in hidden})
        yield from self.reservations(config, indent)
        yield from policy_lines(indent, config, self.names())
        if config.policies or not config.policies_enforced:
            yield f"{indent}policies-enforced: {'yes' if config.policies_enforced else 'no'}"

    def reservations(self, config: ScopeConfig, indent: str) -> Iterator[str]:
        """Yield the reservations of a scope."""
        if not config.reservations:
            return
        yield f"{indent}reservations:"
        for address, entry in config.reservations.items():
            if not entry.client_id or entry.type not in KINDS:
                yield f"{indent}  # {address}: a file cannot say what this reservation is"
                continue
            yield f"{indent}  {address}:"
            yield f"{indent}    client: {entry.client_id.hex('-')}"
            yield from text_line(f"{indent}    ", "name", entry.name or "", always=False)
            yield from text_line(f"{indent}    ", "description", entry.description or "", always=False)
            yield f"{indent}    kind: {KINDS[entry.type]}"
            yield from option_lines(f"{indent}    ", config.reservation_options.get(address, {}))
