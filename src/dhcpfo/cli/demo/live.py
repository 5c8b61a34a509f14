"""The demonstration on a terminal: a live view of the pairs, with keys to break and mend them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn

from rich.console import Console
from rich.live import Live

from ...simulator import Clock, Lab
from .actions import REFUSED, Action, by_key
from .keyboard import Keyboard
from .look import look
from .view import View, render
from .world import SITES, World, build

__all__ = ["live"]

REFRESH = 0.25
"""Seconds between two looks at the pairs."""

SECOND = timedelta(seconds=1)

ENDING = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]


def live(rate: float) -> list[str]:
    """Show the pairs until somebody quits.

    Args:
        rate: How many seconds pass in the lab in each second.

    Returns:
        What was done, as Python.
    """
    console = Console(highlight=False)
    with Lab(clock=Clock.scaled(rate)) as lab:
        build(lab)
        world, view = World(lab), View(rate, acted=lab.now)
        with taken_over(console) as (keyboard, shown):
            key: str | None = None
            while key != "q":
                view.seen = [look(world, site) for site in SITES]
                view.now = lab.now
                shown.update(render(view, console.width, console.height), refresh=True)
                key = keyboard.read(REFRESH)
                press(world, view, key)
    return view.done


def press(world: World, view: View, key: str | None) -> None:
    """Do what a key stands for."""
    if key in ("up", "down"):
        view.selected = (view.selected + (1 if key == "down" else -1)) % len(SITES)
    elif key is not None and key.isdigit() and 0 < int(key) <= len(SITES):
        view.selected = int(key) - 1
    elif key is not None and (action := by_key(key)) is not None:
        act(world, view, action)


def act(world: World, view: View, action: Action) -> None:
    """Carry out an action on the selected pair, and keep what it was."""
    site = SITES[view.selected]
    passed = timedelta(0) if view.acted is None else world.lab.now - view.acted
    view.python, view.powershell = action.python(world, site), action.powershell(world, site)
    said = action.do(world, site)
    view.message = f"{site.relationship}: {said}"
    if passed >= SECOND:
        view.done.append(f"lab.advance(timedelta(seconds={passed // SECOND}))")
    view.done.append(f"# refused: {view.python}" if said.startswith(REFUSED) else view.python)
    view.acted = world.lab.now


@contextmanager
def taken_over(console: Console) -> "Iterator[tuple[Keyboard, Live]]":
    """Take over the terminal: keys without Enter, and a screen; it is given back whatever happens."""
    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        with Keyboard() as keyboard, Live(console=console, screen=True, auto_refresh=False) as shown:
            yield keyboard, shown
    finally:
        interrupt: Any = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not come in between
        if console.is_alt_screen:
            console.set_alt_screen(False)
        console.show_cursor(True)
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.signal(signal.SIGINT, interrupt)


def end(number: int, frame: object) -> NoReturn:
    """End the program on a signal, so that the terminal is given back."""
    raise SystemExit(128 + number)
