"""Differences between two configurations as text, as HTML, and as a unified text of both."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..columns import padded
from .change import SIGNS, Change, change_text
from .config import ScopeConfig
from .saved import to_dict

__all__ = ["to_html", "to_text", "unified"]

WIDTH = 26
"""Columns of what differs, before how it differs."""

LEFT = "left alone (name it in delete= to remove it)"

Rows = Iterable[tuple[str, str, str]]


def _groups(changes: Iterable[Change]) -> list[list[Change]]:
    """Join the changes of one reservation or one policy."""
    groups: dict[Any, list[Change]] = {}
    for change in changes:
        joined = len(change.path) > 1 and change.path[0] in ("reservation", "policy")
        groups.setdefault(change.path[:2] if joined else (change.kind, change.path), []).append(change)
    return list(groups.values())


def _rows(changes: Iterable[Change], left: Collection[Change]) -> Iterator[tuple[str, str, str]]:
    """Yield a sign, what differs, and how, for each line."""
    for group in _groups(changes):
        first = group[0]
        whole = len(first.path) <= 2
        sign = SIGNS[first.kind] if whole else "~"
        label = first.label if whole else Change("change", first.path[:2]).label
        texts = []
        for change in group:
            inner = Change("change", change.path[2:]).label
            text = change_text(change)
            if inner:
                verb = {"add": "with", "remove": "without"}.get(change.kind, "")
                text = " ".join(filter(None, [verb if not whole or change.kind == "remove" else "", inner, text]))
            elif change.kind != "move" and change.path[0] == "reservation":
                text = text.replace(f"{change.path[1]} ", "")
            texts.append(text)
        how = "; ".join(texts)
        if any(change in left for change in group):
            how = f"{padded(how, 40)} {LEFT}"
        yield sign, label, how


def _title(config: ScopeConfig) -> str:
    return f"{config.network} {config.name or ''}".rstrip()


def to_text(
    changes: Collection[Change],
    config: ScopeConfig,
    names: tuple[str, str],
    notes: Collection[Change],
    left: Collection[Change],
) -> str:
    """Return the differences as a table for people."""
    lines = [f"{padded(_title(config), WIDTH + 3)} {names[0]} → {names[1]}"]
    lines += [f"  {sign} {padded(label, WIDTH)} {how}".rstrip() for sign, label, how in _rows(changes, left)]
    if not changes:
        lines = [f"{_title(config)}: {names[0]} and {names[1]} are equal"]
    lines += [f"  note: {change.label} {change_text(change)}" for change in notes]
    return "\n".join(lines)


def to_html(
    changes: Collection[Change],
    config: ScopeConfig,
    names: tuple[str, str],
    notes: Collection[Change],
    left: Collection[Change],
) -> str:
    """Return the differences as an HTML table."""
    from html import escape  # when a notebook asks for it

    title = f"{_title(config)}: {names[0]} → {names[1]}" if changes else to_text((), config, names, (), ())
    rows = [*_rows(changes, left), *(("", f"note: {change.label}", change_text(change)) for change in notes)]
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(title)}</caption>{body}</table>"


def unified(old: ScopeConfig, new: ScopeConfig, names: tuple[str, str], context: int) -> str:
    """Return the two configurations, as YAML, in the unified format."""
    from difflib import unified_diff

    before, after = (list(yaml_lines(to_dict(config))) for config in (old, new))
    return "\n".join(unified_diff(before, after, *names, lineterm="", n=context))


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """Yield JSON-ready values as lines of YAML; empty values are left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            if item is None or item in ([], ""):
                continue
            if _is_plain(item):
                yield f"{indent}{key}: {_flow(item)}"
            else:
                yield f"{indent}{key}:"
                yield from yaml_lines(item, f"{indent}  ")
    else:
        for item in value:
            if _is_plain(item):
                yield f"{indent}- {_flow(item)}"
            else:
                lines = list(yaml_lines(item, f"{indent}  "))
                yield f"{indent}- {lines[0].lstrip()}"
                yield from lines[1:]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return not any(isinstance(item, list | dict) for item in value)
    return not isinstance(value, dict)


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
