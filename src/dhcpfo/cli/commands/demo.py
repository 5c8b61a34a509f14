"""``dhcpfo demo``: a tour of simulated pairs, or a live view of them."""

import sys
from typing import Annotated

from typer import Option

from ..command import add, group
from ..demo.tour import BEGIN, INTRODUCTION, NEXT, Step, Table, tour
from ..output import can_draw
from ..run import Run

app = group("demo", "A tour of three simulated pairs; on a terminal, a live view to break and mend them.")


@add(app, servers=False, examples=("dhcpfo demo", "dhcpfo demo --tour", "dhcpfo demo --rate 600"))
def demo(
    run: Run,
    text: Annotated[bool, Option("--tour", help="The tour as text, on a terminal, too.")] = False,
    rate: Annotated[
        float, Option("--rate", metavar="N", help="Seconds that pass in the live view in each second.", min=1)
    ] = 60,
) -> None:
    """See failover at work: three simulated pairs, one of them in trouble.

    On a terminal: a live view with keys to cut the cable, stop a server, declare a partner down, and mend. Each key
    shows the Python and the PowerShell that do the same. Without a terminal, or with --tour: a tour as text.
    """
    if not text and run.out.for_people and sys.stdin.isatty() and can_draw():
        from ..demo.live import live

        done = live(rate)
        if done:
            run.say("The same as a program, after: dhcpfo lab init my.lab")
            run.say(indented("\n".join([*BEGIN, *done])))
        run.say("Go on")
        run.say(indented(NEXT))
        return
    from ...simulator import Lab

    run.say(INTRODUCTION)
    with Lab() as lab:
        for number, step in enumerate(tour(lab), 1):
            run.result({"step": number, **step.to_dict()})
            tell(run, number, step)
    run.say()
    run.say("Go on")
    run.say(indented(NEXT))


def tell(run: Run, number: int, step: Step) -> None:
    """Print a step."""
    run.say()
    run.say(f"{number}  {step.title}")
    for name, lines in (("Python", step.python), ("PowerShell", step.powershell)):
        for place, line in enumerate(lines):
            run.say(f"   {'' if place else name:<10}  {line}")
    run.say()
    for shown in step.shown:
        if isinstance(shown, Table):
            run.table(shown.heads, shown.rows)
        else:
            run.say(shown)


def indented(text: str) -> str:
    """Return text with blanks before each line."""
    return "\n".join(f"   {line}" for line in text.splitlines())
