"""What a server has for all scopes: option values, policies, link-layer filters, conflict detection.

Read it, and write what differs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..models import Filter, FilterLists, FilterPattern, OptionKey, OptionValue, Policy
from ..models.base import Model, fill, model
from .config import by_key, in_order, options_by_policy
from .frozen import EMPTY, FrozenDict
from .order import DELETABLE
from .order_level import LevelPlanner, PolicyPlanner
from .parts import OptionValues
from .read import of_policies
from .write import About, Writes

if TYPE_CHECKING:
    from ..server import Server

__all__ = ["PARTS", "ServerLevel", "read_level", "server_level_writes"]

PARTS = ("options", "policies", "filters", "conflict-detection")
"""What `read_level` reads."""


@model
class ServerLevel(Model):
    """What a server has for all scopes.

    Attributes:
        options: The option values, of all user and vendor classes.
        policies: The policies, in the order in which the server tries them.
        policy_options: The option values of each policy that has any, by the name of the policy.
        policies_enforced: Whether the policies apply at all.
        filters: The link-layer filters of both lists, by their pattern.
        filter_lists: Which of the two lists the server enforces.
        conflict_detection_attempts: How often the server pings an address before it offers it.
    """

    options: FrozenDict[OptionKey, OptionValue]
    policies: tuple[Policy, ...]
    policy_options: FrozenDict[str, FrozenDict[OptionKey, OptionValue]]
    policies_enforced: bool
    filters: FrozenDict[FilterPattern, Filter]
    filter_lists: FilterLists
    conflict_detection_attempts: int

    def __init__(
        self,
        *,
        options: Mapping[OptionKey, OptionValue] | Iterable[OptionValue] = EMPTY,
        policies: Iterable[Policy] = (),
        policy_options: Mapping[str, Mapping[OptionKey, OptionValue]] = EMPTY,
        policies_enforced: bool = True,
        filters: Mapping[FilterPattern, Filter] | Iterable[Filter] = (),
        filter_lists: FilterLists | None = None,
        conflict_detection_attempts: int = 0,
    ) -> None:
        entries = tuple(filters.values() if isinstance(filters, Mapping) else filters)
        ordered = in_order(policies, None)
        fill(
            self,
            (
                by_key(options),
                ordered,
                options_by_policy(policy_options, ordered),
                policies_enforced,
                FrozenDict.ordered((entry.pattern, entry) for entry in entries),
                filter_lists or FilterLists(allow=False, deny=False),
                conflict_detection_attempts,
            ),
        )

    @property
    def reservation_options(self) -> Mapping[Any, OptionValues]:
        """Nothing: reservations are in scopes."""
        return EMPTY


def read_level(server: "Server", parts: Iterable[str] = PARTS) -> ServerLevel:
    """Read what a server has for all scopes.

    One call for options, two or three for policies, three for filters, one for conflict detection.

    Args:
        server: The server.
        parts: What to read of it, of `PARTS`; the rest of the result is as on a new server.

    Raises:
        DhcpError: A part could not be read.
    """
    wanted, values = frozenset(parts), dict[str, Any]()
    if "options" in wanted:
        values["options"] = server.option_values()
    if "policies" in wanted:
        values["policies"] = policies = tuple(server.policies())
        values["policies_enforced"] = server.get_policy_enforcement()
        if policies:
            values["policy_options"] = of_policies(server.policy_option_values(), policies)
    if "filters" in wanted:
        values["filters"] = server.filters()
        values["filter_lists"] = server.get_filter_lists()
    if "conflict-detection" in wanted:
        values["conflict_detection_attempts"] = server.get_config().conflict_detection_attempts
    return ServerLevel(**values)


def server_level_writes(old: ServerLevel, new: ServerLevel) -> Writes:
    """Return the writes after which a server has what ``new`` says, and nothing else of that kind.

    A list of filters is enforced after all else, and no more enforced before all else. Classes and definitions must be
    there.

    Args:
        old: What the server has.
        new: What it is to have.
    """
    planner = LevelPlanner(None, DELETABLE)
    lists = About("filter-lists")
    before, after = old.filter_lists, new.filter_lists
    less = FilterLists(allow=before.allow and after.allow, deny=before.deny and after.deny)
    if less != before:
        planner.write(lists, before, less)
    policies = PolicyPlanner(planner, old, new)
    policies.clear_the_way()
    planner.options(About("options"), old.options, new.options, ())
    policies.write()
    planner.set_value("enforcement", old.policies_enforced, new.policies_enforced)
    planner.set_value("conflict-detection", old.conflict_detection_attempts, new.conflict_detection_attempts)
    for found, entry in _filters(old, new):
        there = found or entry
        assert there is not None
        planner.write(About("filter", None, there.pattern), found, entry)
    if less != after:
        planner.write(lists, less, after)
    return Writes(planner.writes, planner.left, planner.conflicts)


def _filters(old: ServerLevel, new: ServerLevel) -> Iterator[tuple[Filter | None, Filter | None]]:
    """Yield the filters that differ as they are and are to be: new ones first, so that no list is empty meanwhile."""
    for pattern, entry in new.filters.items():
        found = old.filters.get(pattern)
        if found is None or (found.filter_list, found.comment or "") != (entry.filter_list, entry.comment or ""):
            yield found, entry
    for pattern, entry in old.filters.items():
        if pattern not in new.filters:
            yield entry, None
