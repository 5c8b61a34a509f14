"""Pairs with whole configurations drawn at random, and files about them."""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from worlds_desired import desired, lab_of, pair_of

from dhcpfo.errors import DhcpError
from dhcpfo.fleet.desired import FileError
from dhcpfo.fleet.desired.export import FULL_HEAD, export
from dhcpfo.pair import FailoverPair, PairError, PairFailure
from server_configurations import Configuration, write

DIFFER = "differs on the two servers"
OWNED = frozenset({"relationships", "scopes", "exclusions", "reservations", "options", "policies", "allow", "deny"})
WHOLE = frozenset(
    {"version", "pairs", "hq", "servers", "when", "all", "any", "client", "range-type", "type", "data", "hex", "name"}
)
"""Keys that stay."""
MORE = ("ranges", "classes", "definitions", "filters", "enabled")


def pair_with(one: Configuration, other: Configuration | None) -> FailoverPair:
    """Return a pair that has what is drawn, and as many of the scopes in failover as the servers take.

    Args:
        one: What the first server has.
        other: What the second one has; None for the same.
    """
    pair = pair_of(lab_of())
    write(pair.primary, one)
    write(pair.secondary, other or one)
    for server in (pair.primary, pair.secondary):
        server.set_config(conflict_detection_attempts=len(one.filters))
    for number, part in enumerate(one.scopes[:2]):
        with suppress(PairFailure, PairError, DhcpError):
            pair.create(f"r{number}", [part.scope.scope_id], on_existing="overwrite")
    return pair


def exported(pair: FailoverPair) -> str:
    """Return the file of a pair."""
    return "\n".join([FULL_HEAD, *export(pair, "hq", full=True), ""])


def check_export(pair: FailoverPair, folder: Path) -> None:
    """An export can be read, and plans to nothing if the two servers have the same scopes."""
    text = exported(pair)
    wanted = desired(text, folder)
    if DIFFER in text:
        with suppress(PairFailure):
            wanted.plan(pair)
        return
    plan = wanted.plan(pair)
    assert not plan, f"{text}\n{plan.plan}"


def altered(text: str, chance: random.Random) -> str:
    """Return a file with some keys left out, and some lists exact or empty."""

    def change(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found: dict[str, Any] = {}
        for key, item in value.items():
            if key not in WHOLE:
                if chance.random() < 0.08:
                    continue
                if key in (*OWNED, *MORE) and isinstance(item, dict | list) and chance.random() < 0.05:
                    item = type(item)()
            made = change(item)
            if key == "options" and isinstance(made, dict):  # what one server keeps, another need not take
                made = {one: texts[0] if isinstance(texts, list) else texts for one, texts in made.items()}
            in_scopes = key == "scopes" and isinstance(item, dict)
            if key in OWNED and not in_scopes and isinstance(item, dict | list) and chance.random() < 0.4:
                made = {"only": "yes", "list": made}
            found[key] = made
        return found

    tree = change(yaml.load(text, yaml.BaseLoader))  # texts only
    return yaml.safe_dump(tree, sort_keys=False)


def check_apply(pair: FailoverPair, text: str, folder: Path) -> str:
    """A plan of a file is refused, or is carried out and leaves nothing to do; return which."""
    said = None
    try:
        wanted = desired(text, folder)
        plan = wanted.plan(pair)
    except FileError as error:
        said = error.problems
    except PairFailure:
        return "refused"
    if said is not None:
        assert all(problem.path and problem.mark.line for problem in said)
        return "does not fit"
    plan.to_dict()
    result = plan.apply(allow=plan.guards)  # what a server would refuse must be told before
    assert result.done or not plan
    again = wanted.plan(pair)
    assert not again, f"{text}\nfirst:\n{plan.plan}\nagain:\n{again.plan}"
    check_export(pair, folder)
    return "applied" if plan else "nothing to do"
