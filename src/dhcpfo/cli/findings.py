"""What an audit or a preflight found, for people and programs."""

import re
from typing import TYPE_CHECKING, Any

from ..pair import Side
from . import exits
from .cells import Cell, Styled
from .problems import brief
from .run import Run
from .targets import Target

if TYPE_CHECKING:
    from ..pair import Finding, Findings

__all__ = ["repair_of", "show_findings"]

ERROR = re.compile(r" \[(\w+) (\d+)\] \((\w+), server ([^,)]+)")
"""How a finding ends of which an error is the cause."""

COMMAND = re.compile(r"(?:dhcpfo|--existing) (?:(?! or | says ).)+", re.DOTALL)

STYLES = {
    "critical": ("!!", "bold red"),
    "error": ("!", "red"),
    "unknown": ("?", "magenta"),
    "warning": ("~", "yellow"),
    "note": ("", ""),
}
CALLS = (
    (re.compile(r'adopt\("(.*?)", like="(primary|secondary)"\)'), "dhcpfo adopt {0} --like {{{1}}}"),
    (re.compile(r'adopt\("(.*?)", (?:like=)?\.\.\.\)'), "dhcpfo adopt {0} --like SERVER"),
    (re.compile(r'rotate_secret\("(.*?)", \.\.\.\)'), "dhcpfo rotate-secret {0}"),
    (re.compile(r'wait_until\("(.*?)"\)'), "dhcpfo wait {0}"),
    (re.compile(r'replicate\(\.\.\., scopes=\["(.*?)"\]\)'), "dhcpfo replicate --from SERVER --scope {0}"),
    (re.compile(r'on_existing="(\w+)"'), "--existing {0}"),
    (re.compile(r"\badd_scopes\b"), "dhcpfo scopes add"),
    (re.compile(r" or update\b"), " or dhcpfo relationship set"),
    (re.compile(r" or delete\b"), " or dhcpfo relationship delete"),
)
"""Calls of `FailoverPair` that findings propose, and the commands that do the same."""


def repair_of(finding: "Finding", target: Target) -> str:
    """Return what mends a finding, as a command where there is one."""
    text = finding.repair or ""
    for pattern, command in CALLS:
        if found := pattern.search(text):
            text = text[: found.start()] + command.format(*map(quoted, found.groups())) + text[found.end() :]
    names = target.pair.names
    return text.replace("{primary}", names.primary).replace("{secondary}", names.secondary)


def quoted(word: str) -> str:
    """Return a word as a shell reads it."""
    return f'"{word}"' if re.search(r"[\s&;|<>()$`']", word) else word


def command_of(finding: "Finding", target: Target) -> str | None:
    """Return the command that mends a finding, or the option, without the words around it; None if there is none."""
    found = COMMAND.match(repair_of(finding, target))
    return None if found is None else found[0]


def unknown_of(finding: "Finding", target: Target) -> dict[str, Any]:
    """Return what could not be read as JSON has errors."""
    said: dict[str, Any] = {"pair": target.name, "message": finding.text, "hint": None, "exit": exits.UNKNOWN}
    if error := ERROR.search(finding.text):
        name, code, function, server = error.groups()
        said |= {"code": int(code), "name": name, "function": function, "server": server}
    return said


def show_findings(run: Run, target: Target, findings: "Findings", *, several: bool) -> None:
    """Print and record findings, and raise the exit code by what they mean."""
    from ..pair.audit.finding import shown

    rows: list[list[Cell]] = []
    for finding in findings:
        run.result({"pair": target.name, **finding.to_dict(), "command": command_of(finding, target)})
        if finding.severity == "unknown" or finding.code == "unreachable":
            run.out.record("unknown", unknown_of(finding, target))
            run.worst(exits.UNKNOWN)
        elif finding.severity != "note":
            run.worst(exits.CHANGES)
        sign, style = STYLES.get(finding.severity, ("?", "magenta"))
        values = [shown(finding.values[side]) if side in finding.values else "" for side in Side]
        repair = repair_of(finding, target)
        text = finding.text if run.options.verbose else brief(finding.text)
        what = " ".join(filter(None, [text, f"→ {repair}" if repair else ""]))
        rows.append([Styled(sign, style), Styled(finding.code, style), finding.about, *values, what])
    names = target.pair.names
    if several:
        run.say(f"{target.name}: {len(findings) or 'nothing'} found")
    if rows:
        run.table(["", "FINDING", "ABOUT", names.primary, names.secondary, ""], rows)
    elif not several:
        run.say(f"{names}: nothing found")
