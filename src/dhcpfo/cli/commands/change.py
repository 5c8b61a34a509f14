"""Commands that change both servers of a pair: adopt, replicate, rotate-secret, partner-down, reallocate, wait."""

from datetime import timedelta
from typing import Annotated, Any

from typer import Argument, Option

from ...enums import FailoverState
from ..changes import carry_out, progress
from ..command import add, group
from ..looks import has_relationship, look_at, named, pair_of, side_of, unknown_relationship
from ..problems import Problem
from ..run import Run
from ..values import duration, scopes, words

KINDS = ("exclusions", "reservations", "options", "policies")
"""What `replicate` can delete."""

Name = Annotated[str, Argument(help="The relationship's name.", show_default=False)]

adopt_app = group("adopt", "Make one server's half of a relationship equal to the other's.")
replicate_app = group("replicate", "Copy the configuration of failover scopes from one server to the other.")
rotate_app = group("rotate-secret", "Change the shared secret on both servers.")
down_app = group("partner-down", "Tell a server that its partner does not serve.")
reallocate_app = group("reallocate", "Redistribute the free addresses now.")
wait_app = group("wait", "Wait until a relationship is NORMAL.")


@add(adopt_app, changes=True, examples=("dhcpfo adopt hq-branch --like dhcp1 --pair dhcp1,dhcp2",))
def adopt(
    run: Run,
    name: Name,
    *,
    like: Annotated[str, Option(help="The server that is right; it is not changed.", metavar="SERVER")],
) -> None:
    """Make the other server's half of a relationship equal to that of one: values, scopes, configuration."""
    target = run.pair()
    side = side_of(target, "--like", like)
    with named(run, target, name):
        plan = target.pair.plan.adopt(name, like=side)
    carry_out(run, target, plan)


@add(
    replicate_app,
    changes=True,
    examples=(
        "dhcpfo replicate --from dhcp1 --pair dhcp1,dhcp2 --dry-run",
        "dhcpfo replicate --from dhcp1 --scope 10.0.1.0 --delete reservations --pair dhcp1,dhcp2",
    ),
)
def replicate(
    run: Run,
    *,
    source: Annotated[str, Option("--from", help="The server to copy from.", metavar="SERVER")],
    name: Annotated[list[str] | None, Option(help="Only this relationship; repeatable.", metavar="NAME")] = None,
    scope: Annotated[list[str] | None, Option(help="Only this scope; repeatable.", metavar="SCOPE")] = None,
    delete: Annotated[
        list[str] | None,
        Option(
            help="Remove what only the other server has: exclusions, reservations, options, policies or all.",
            metavar="KIND",
            autocompletion=words([*KINDS, "all"]),
        ),
    ] = None,
) -> None:
    """Make the configuration of failover scopes on the other server equal to that on one.

    It overwrites, so the source has no default. What only the other server has is left alone and listed, unless
    --delete names its kind.
    """
    target = run.pair()
    kinds: Any = tuple(part for text in delete or () for part in text.split(","))
    if unknown := sorted({*kinds} - {*KINDS, "all"}):
        raise Problem(f"--delete must be one of {', '.join(KINDS)} or all, got {', '.join(unknown)}")
    side = side_of(target, "--from", source)
    wanted = scopes("--scope", scope) if scope else []
    only = name[0] if name and len(name) == 1 else None
    with named(run, target, only, scopes=wanted):
        plan = target.pair.plan.replicate(
            side, names=name or None, scopes=wanted or None, delete="all" if "all" in kinds else kinds
        )
    carry_out(run, target, plan)


@add(
    rotate_app,
    changes=True,
    also=("wait",),
    examples=(
        "dhcpfo rotate-secret hq-branch --pair dhcp1,dhcp2",
        "dhcpfo rotate-secret hq-branch --new env:NEW_SECRET --old env:OLD_SECRET --pair dhcp1,dhcp2",
        "dhcpfo rotate-secret hq-branch --none --pair dhcp1,dhcp2",
    ),
)
def rotate_secret(
    run: Run,
    name: Name,
    *,
    new: Annotated[
        str | None, Option(help="Where the new secret is; it is asked for by default.", metavar="REFERENCE")
    ] = None,
    old: Annotated[
        str | None, Option(help="Where the old one is, so that an error can be undone.", metavar="REFERENCE")
    ] = None,
    none: Annotated[bool, Option("--none", help="Turn authentication off.")] = False,
) -> None:
    """Change the shared secret on both servers; they lose contact for about a minute.

    A reference is prompt, env:NAME, file:PATH or keyring:SERVICE/USER. No option takes the secret itself.
    """
    if none and new is not None:
        raise Problem("pass --new or --none, not both")
    target = run.pair()
    secret = None if none else run.secret(new or "prompt", "new shared secret")
    before = None if old is None else run.secret(old, "old shared secret")
    with named(run, target, name):
        plan = target.pair.plan.rotate_secret(name, secret, old=before)
    carry_out(run, target, plan, wait=True)


@add(
    down_app,
    changes=True,
    examples=(
        "dhcpfo partner-down hq-branch --survivor dhcp1 --pair dhcp1,dhcp2",
        "dhcpfo partner-down hq-branch --survivor dhcp1 --pair dhcp1,dhcp2 --allow partner-down-unreachable",
    ),
)
def partner_down(
    run: Run,
    name: Name,
    *,
    survivor: Annotated[str, Option(help="The server that goes on.", metavar="SERVER")],
) -> None:
    """Tell a server that its partner does not serve, so that it may use all addresses an MCLT later.

    This cannot be undone. It is refused if the partner answers, because then the partner serves.
    """
    target = run.pair()
    side = side_of(target, "--survivor", survivor)
    with named(run, target, name):
        plan = target.pair.plan.declare_partner_down(name, survivor=side)
    if plan and not run.options.dry_run:
        carry_out(run, target, plan, typed=name)
    else:
        carry_out(run, target, plan)


@add(reallocate_app, changes=True, examples=("dhcpfo reallocate hq-branch --pair dhcp1,dhcp2",))
def reallocate(run: Run, name: Name) -> None:
    """Redistribute the free addresses of a relationship between both servers now."""
    target = run.pair()
    with named(run, target, name):
        plan = target.pair.plan.reallocate(name)
    carry_out(run, target, plan)


@add(wait_app, examples=("dhcpfo wait hq-branch --pair dhcp1,dhcp2 --timeout 5m",))
def wait(
    run: Run,
    name: Name,
    *,
    state: Annotated[
        str, Option(help="The state.", metavar="STATE", autocompletion=words(FailoverState.__members__))
    ] = "NORMAL",
    timeout: Annotated[str, Option(help="The longest wait.", metavar="TIME")] = "10m",
) -> None:
    """Wait until both copies of a relationship are in a state, and say early why they cannot be.

    Exit code 2 if it is not reached, 6 if a server could not be read.
    """
    wanted = FailoverState.__members__.get(state.upper().replace("-", "_").replace(" ", "_"))
    if wanted is None:
        raise Problem(f"--state must be one of {', '.join(FailoverState.__members__)}, got {state}")
    limit: timedelta = duration("--timeout", timeout)
    target = pair_of(run, name)
    look = look_at(run, target)
    if all(server.up for server in look.servers.values()) and not has_relationship(look, name):
        unknown_relationship(look, name)
    with progress(run, f"wait for {name}") as tell:
        states = target.pair.wait_until(name, wanted, timeout=limit, progress=tell)
    names = target.pair.names
    shown = {names[side]: found.name for side, found in states.items()}
    run.result({"pair": target.name, "relationship": name, "states": shown})
    run.say(f"{name}: " + ", ".join(f"{server} {found}" for server, found in shown.items()))
