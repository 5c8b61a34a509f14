"""Texts that servers may return, or a file may have, in every field that can hold any text."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any

from dhcpfo.fleet.look import PairLook, read_pair
from dhcpfo.pair import Findings, Side
from dhcpfo.simulator import Lab

TEXTS = {
    "markup": "<script>alert('x')</script>&\"`{{7*7}}",
    "quotes": '"one" \'two\' \\" \\n \\',
    "lines": "one\ntwo\r\nthree\ttabs\x0bfour\u2028five",
    "grammar": 'a|b\'c=d;e{f="g"}#h,1;2:;~:3',
    "letters": "Zürich 東京 \u202edlo \U0001f600 e\u0301",
    "controls": "\x1b[31mred\x1b]0;title\x07 \x00\x7f\x9b",
    "half": "half \ud800 of a letter",
    "long": "x" * 500,
    "blank": " ",
}
FREE = frozenset(
    {*("name", "server", "partner", "text", "others"), *("relationship", "element", "repair", "primary", "secondary")}
)
"""The fields that hold any text; the others hold words of this package."""


def with_text(value: Any, text: str, field: str = "") -> Any:
    """Return a look with this text in place of every name and every message; different ones stay different."""
    if isinstance(value, str):
        return f"{text}{value[-2:]}" if field in FREE else value
    if isinstance(value, Enum) or type(value).__module__.startswith("dhcpfo.models"):
        return value
    if isinstance(value, Findings):
        return Findings([with_text(one, text) for one in value], with_text(value.pair, text), value.time)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: with_text(getattr(value, one.name), text, one.name) for one in fields(value) if one.init}
        return replace(value, **parts)
    if isinstance(value, dict):
        return {key: with_text(item, text) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(with_text(item, text, field) for item in value)
    return value


def looks() -> list[PairLook]:
    """A pair with all that there is to show, and one of which a server cannot be read."""
    with Lab() as lab:
        for number, name in enumerate(("one", "two")):
            ends = f"dhcp{number}a", f"dhcp{number}b"
            scopes = [f"10.{number}.{scope}.0/24" for scope in range(2)]
            lab.add_pair(name, primary=ends[0], secondary=ends[1], scopes=scopes, direct=True)
        lab.add_pair("with another", primary="dhcp0a", secondary="third", scopes=["10.9.0.0/24"], direct=True)
        lab.connect("dhcp0b", direct=True).set_relationship("one", percentage=70)
        lab.power_off("dhcp1b")
        lab.advance(timedelta(minutes=10))
        wanted: dict[str, Any] = {"statistics": True, "rights": True, "findings": True, "scopes": True}
        pairs = [lab.connect_pair(f"dhcp{number}a", f"dhcp{number}b", direct=True) for number in range(2)]
        found = [read_pair(pair, name=name, **wanted) for pair, name in zip(pairs, ("hq", "branch"), strict=True)]
    assert found[0].servers[Side.PRIMARY].others
    assert found[0].findings
    assert not found[1].complete
    return found
