"""``dhcpfo scopes``: which scopes are in a relationship."""

from typing import Annotated

from typer import Argument, Option

from ...pair import Side
from ..changes import carry_out
from ..command import add, group
from ..looks import kept, named
from ..run import Run
from ..values import EXISTING, one_of, scopes, words

app = group("scopes", "The scopes of a relationship: add, remove.")

Name = Annotated[str, Argument(help="The relationship's name.", show_default=False)]
Scopes = Annotated[list[str], Argument(help="Network addresses of scopes.", metavar="SCOPE...", show_default=False)]


@add(
    app,
    "add",
    changes=True,
    also=("wait",),
    examples=("dhcpfo scopes add hq-branch 10.0.3.0 10.0.4.0 --pair dhcp1,dhcp2",),
)
def add_(
    run: Run,
    name: Name,
    scope: Scopes,
    *,
    existing: Annotated[
        str,
        Option(
            help="Scopes that the other server has: refuse, complete or overwrite.",
            metavar="WHAT",
            autocompletion=words(EXISTING),
        ),
    ] = "refuse",
) -> None:
    """Add scopes of the primary to a relationship on both servers, with copies on the other server."""
    wanted = scopes("scope", scope)
    one_of("--existing", existing, EXISTING)
    target = run.pair()
    with named(run, target, name, scopes=wanted, on=Side.PRIMARY):
        plan = target.pair.plan.add_scopes(name, wanted, on_existing=existing)  # type: ignore[arg-type]  # checked there
    carry_out(run, target, plan, wait=True)


@add(
    app,
    "remove",
    changes=True,
    also=("keep",),
    examples=("dhcpfo scopes remove hq-branch 10.0.3.0 --pair dhcp1,dhcp2 --allow delete-scopes",),
)
def remove(
    run: Run,
    name: Name,
    scope: Scopes,
    *,
    without_partner: Annotated[
        bool, Option("--without-partner", help="Do not call the other server: it is gone for good.")
    ] = False,
) -> None:
    """Take scopes out of a relationship. One server keeps them; on the other they are deleted.

    The first server of --pair keeps them unless --keep says otherwise; `--keep both` leaves the copies, disabled.
    """
    wanted = scopes("scope", scope)
    target = run.pair()
    keep = kept(run, target, alone=without_partner)
    plan = target.pair.plan.remove_scopes(name, wanted, keep=keep, without_partner=without_partner)
    carry_out(run, target, plan, typed=name)
