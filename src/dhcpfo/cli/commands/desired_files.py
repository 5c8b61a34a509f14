"""``dhcpfo explain`` and ``dhcpfo schema``: what a file means, and what may be in one."""

import json
from typing import Annotated

from typer import Argument

from ...models.names import upper_case
from ..cells import clean, padded, width
from ..command import add, group
from ..problems import Problem
from ..run import Run
from .desired import read

explain_app = group("explain", "Show a pair of a file, merged, with the line of each value.")
schema_app = group("schema", "Print the JSON Schema of files.")


@add(explain_app, servers=False, examples=("dhcpfo explain fleet.yaml store-001",))
def explain(
    run: Run,
    path: Annotated[str, Argument(help="The file.", metavar="FILE")],
    pair: Annotated[str, Argument(help="The name of the pair in it.", metavar="PAIR")],
) -> None:
    """Show how a pair should be when defaults and profile are merged, with the place that each value comes from."""
    from ...fleet.desired.explain import explain as lines_of
    from ...fleet.desired.problems import did_you_mean

    fleet = read(run, path)
    found = next((one for name, one in fleet.items() if upper_case(name) == upper_case(pair)), None)
    if found is None:
        raise Problem(f"{path} has no pair {pair}{did_you_mean(pair, fleet)}")
    lines = lines_of(found)
    for line, place in lines:
        run.result({"line": line, "place": place})
    columns = max(width(clean(line)) for line, _ in lines)
    for line, place in lines:
        run.give(f"{padded(clean(line), columns)}  # {place}" if place else line)


@add(schema_app, servers=False, examples=("dhcpfo schema > dhcpfo.schema.json",))
def schema(run: Run) -> None:
    """Print the JSON Schema of the files that dhcpfo plan reads, for editors."""
    from ...fleet.desired.schema import schema as made

    found = made()
    run.result(found)
    run.give(json.dumps(found, indent=2, ensure_ascii=False))
