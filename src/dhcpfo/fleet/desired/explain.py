"""The merged values of a pair, each with the place that it comes from."""

from .nodes import Hidden, Map, Node, Seq, Text
from .wanted import Wanted
from .yaml_text import scalar

__all__ = ["explain"]

MOST = 100


def explain(wanted: Wanted) -> list[tuple[str, str]]:
    """Return the lines of a pair in YAML, each with its place; "" where the line itself says nothing."""
    lines: list[tuple[str, str]] = [(f"{scalar(wanted.name)}:", str(wanted.mark))]
    _write(wanted.tree, "  ", lines)
    return lines


def _write(node: Map, indent: str, lines: list[tuple[str, str]]) -> None:
    for key, value in node.items.items():
        name = scalar(key) if key != "*" else "# each other scope"
        short = _short(value)
        if short is not None:
            lines.append((f"{indent}{name}: {short}", str(value.mark)))
        elif isinstance(value, Map):
            lines.append((f"{indent}{name}:", str(node.keys.get(key, value.mark)) if not value.items else ""))
            _write(value, indent + "  ", lines)
        elif isinstance(value, Seq):
            lines.append((f"{indent}{name}:", ""))
            lines += [(f"{indent}  - {_short(item) or '...'}", str(item.mark)) for item in value.items]


def _short(node: Node) -> str | None:
    match node:
        case Text():
            return scalar(node.text)
        case Hidden():
            return "********"
        case Seq():
            parts = [_short(item) for item in node.items]
            text = f"[{', '.join(part or '...' for part in parts)}]"
            return text if len(text) <= MOST and None not in parts else None
        case Map() if not node.items:
            return "{}"
    return None
