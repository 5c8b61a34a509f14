"""A pair as it is, as a file that plans to nothing."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from ...enums import FailoverMode, ServerType
from ...models import Relationship
from ...models.names import upper_case
from ...pair import FailoverPair, Side
from ...pair.addresses import partners
from ...pair.look import Look
from ...scope import ScopeConfig, ServerOverview, read_scopes, read_server
from ...scope.parts import Unread
from .export_level import level_lines, level_of
from .export_policies import Shared, class_names
from .export_scope import scope_lines
from .export_server import server_lines
from .values import duration_text
from .yaml_text import comment, scalar

__all__ = ["FULL_HEAD", "HEAD", "export"]

HEAD = "version: 1\npairs:"
WORDS = {FailoverMode.LOAD_BALANCE: ("load-balance", "percent"), FailoverMode.HOT_STANDBY: ("hot-standby", "reserve")}
FULL_HEAD = """\
version: 1
# Each server has its own bindings, DNS credentials, and settings of database, backup and audit log: not in this file.
pairs:"""
"""The beginning of a file with contents."""


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
            yield from level_lines(one_level, other_level, self.known())
        shared = self.shared()
        yield "    relationships:" if shared else "    relationships: {}"
        for copies in shared:
            yield from relationship_lines(*copies, self.pair.names.secondary)
            self.member(*copies)
        yield from self.others([one.name for one, _ in shared])
        if self.full and self.members:
            yield "    scopes:"
            yield from self.scopes()

    def overview(self, side: Side) -> ServerOverview:
        """Return what a server has beside its scopes."""
        if side not in self.overviews:
            self.overviews[side] = read_server(self.pair.server(side), calls_at_once=self.pair.calls_at_once)
        return self.overviews[side]

    def known(self) -> Shared:
        """Return the names of classes that both servers have, and the definitions of the first one."""
        classes = [self.overview(side).classes for side in Side]
        definitions = self.overview(Side.PRIMARY).definitions
        names = class_names(*(() if isinstance(one, Unread) else one for one in classes))
        return Shared(names, () if isinstance(definitions, Unread) else definitions)

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

    def member(self, one: Relationship, other: Relationship) -> None:
        """Keep the scopes of a relationship, and the side of its primary."""
        side = Side.PRIMARY if one.server_type == ServerType.PRIMARY else Side.SECONDARY
        self.members.update(dict.fromkeys(set(one.scopes) & set(other.scopes), side))

    def others(self, shown: Iterable[str]) -> Iterator[str]:
        """Yield comments for what else of failover the servers have with each other, and for scopes without it."""
        known = set(map(upper_case, shown))
        found = {side: self.look.relationships(side) for side in Side}
        names = {side: {upper_case(one.name) for one in found[side]} for side in Side}
        for one in found[Side.PRIMARY]:
            if upper_case(one.name) in names[Side.SECONDARY] - known:
                yield f"      # relationship {comment(one.name)}: what the two servers have does not fit together"
        for side in Side:
            alone = [one for one in found[side] if upper_case(one.name) not in names[side.other]]
            ours = partners(self.pair, side.other, [one.partner_server for one in alone])
            for one in alone:
                if one.partner_server in ours:
                    yield f"      # relationship {comment(one.name)} is on {comment(self.pair.names[side])} only"
        for side in Side if self.full else ():
            scopes = self.overview(side).scopes
            if isinstance(scopes, Unread):
                raise scopes.error
            rest = sorted(set(scopes) - {scope for one in found[side] for scope in one.scopes})
            if rest:
                which = ", ".join(map(str, rest))
                yield f"    # scopes in no relationship on {comment(self.pair.names[side])}: {which}"

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
                yield from scope_lines(config, copy if isinstance(copy, ScopeConfig) else None, self.known())


def relationship_lines(one: Relationship, other: Relationship, secondary: str) -> Iterator[str]:
    """Yield the terms that are the same in both copies; the others are comments.

    Args:
        one: The copy of the first server.
        other: That of the second one.
        secondary: The name of the second one.
    """
    yield f"      {scalar(one.name)}:"
    indent = "        "
    word, share = WORDS.get(one.mode, ("", ""))
    terms = {
        "mode": (one.mode, other.mode, word),
        share: ((one.mode, one.percentage), (other.mode, other.percentage), str(one.percentage)),
        "mclt": (one.mclt, other.mclt, duration_text(one.mclt) if one.mclt else ""),
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
        else:
            shown = here if key else one.percentage
            yield f"{indent}# a file cannot say that {key or 'percentage'} is {shown}"
    if one.server_type == ServerType.SECONDARY:
        yield f"{indent}primary: {scalar(secondary)}"
    if one.authenticated or other.authenticated:
        yield f"{indent}# secret: {{file: {comment(one.name)}.secret}}   # there is one; it is not exported"
    both = sorted(set(one.scopes) & set(other.scopes))
    yield f"{indent}scopes: [{', '.join(map(str, both))}]"
    for scope in sorted(set(one.scopes) ^ set(other.scopes)):
        yield f"{indent}# {scope} is in it on one server only"
