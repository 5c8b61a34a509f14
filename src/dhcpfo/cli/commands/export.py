"""``dhcpfo export``: pairs as they are, as a file."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from ..command import add, group
from ..fleets import each
from ..run import Run

if TYPE_CHECKING:
    from ..targets import Target

app = group("export", "Print pairs as they are, as a file for dhcpfo plan.")


@add(
    app,
    examples=(
        "dhcpfo export --pair dhcp1,dhcp2 > fleet.yaml",
        "dhcpfo export --full --pair old1,old2 > move.yaml",
    ),
)
def export(
    run: Run,
    *,
    full: Annotated[bool, Option("--full", help="With contents of scopes and servers.")] = False,
) -> None:
    """Print a file that describes the pairs as they are: dhcpfo plan finds nothing to do with it.

    Secrets are not in it, and neither is what a file cannot say; a comment tells where there are some.
    """
    from ...fleet.desired.export import FULL_HEAD, HEAD
    from ...fleet.desired.export import export as lines_of

    def read(target: "Target") -> list[str]:
        return lines_of(target.pair, target.name, full=full)

    head = FULL_HEAD if full else HEAD
    begun = False
    for target, lines in each(run, run.pairs(), read):
        run.result({"pair": target.name, "yaml": "\n".join([head, *lines, ""])})
        run.give("\n".join(lines if begun else [head, *lines]))
        begun = True
