"""The commands: their names, one line of help each, and how to import the one that runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser

    import typer

__all__ = ["COMMANDS", "COMPLETE", "PLAIN", "SECTIONS", "load", "load_parser", "load_plain"]

SECTIONS: dict[str, dict[str, str]] = {
    "Look": {
        "relationship": "Failover relationships: list, show, create, set, delete",
        "scope": "Scopes as both servers have them: list, show, diff, stats",
        "client": "Leases with their failover times: show",
        "address": "Which server may give out an address: status",
        "time": "The servers' clocks, and how far apart they are",
        "audit": "Compare both servers of each pair, and say what differs",
        "preflight": "Say what stands in the way of a new relationship",
    },
    "Change": {
        "scopes": "The scopes of a relationship: add, remove",
        "adopt": "Make one server's half of a relationship equal to the other's",
        "replicate": "Copy the configuration of scopes from one server to the other",
        "rotate-secret": "Change the shared secret on both servers",
        "partner-down": "Tell a server that its partner does not serve",
        "reallocate": "Redistribute the free addresses now",
        "wait": "Wait until a relationship is NORMAL",
    },
    "Desired state": {
        "plan": "Show what would make pairs as a file says",
        "apply": "Make pairs as a file says, or as a plan that was approved",
        "export": "Print pairs as they are, as such a file",
        "explain": "Show a pair of a file, merged, with the line of each value",
        "schema": "Print the JSON Schema of files, for editors",
    },
    "Monitor": {
        "watch": "The states of pairs as they change",
        "serve": "Show pairs in a browser: states, differences, timelines, plan previews",
        "report": "Pairs as one HTML page, to mail or to print",
        "metrics": "Metrics for Prometheus: over HTTP, or as a file for node_exporter",
        "check": "Check pairs, as a plugin for Nagios, Icinga and others",
    },
    "Labs": {
        "demo": "A tour of three simulated pairs; on a terminal, a live view to break and mend them",
        "lab": "Simulated servers in a file, to try, rehearse and test on",
        "init-tests": "Write a test file that uses simulated servers",
        "completion": "Print what makes your shell complete commands and options",
    },
}
"""The commands by section, in the order of the help, each with one line of help."""

COMMANDS: dict[str, str] = {name: text for section in SECTIONS.values() for name, text in section.items()}

CHANGING = ("adopt", "replicate", "rotate-secret", "partner-down", "reallocate", "wait")

PLAIN: frozenset[str] = frozenset({"check"})
"""The commands that start at once: their modules have ``main(argv) -> int`` and import neither typer nor rich."""

COMPLETE = "_DHCPFO_COMPLETE"
"""The environment variable in which a shell asks how a command line can go on."""


def load_plain(name: str) -> Callable[[list[str]], int]:
    """Import a command of `PLAIN` and return its ``main``."""
    if name == "check":
        from .commands import check

        return check.main
    raise KeyError(name)


def load_parser(name: str) -> "ArgumentParser":
    """Import a command of `PLAIN` and return its parser."""
    if name == "check":
        from .commands import check

        return check.parser()
    raise KeyError(name)


def load(name: str) -> "typer.Typer":  # plain import statements: programs that freeze Python code find no others
    """Import the module of a command and return its application."""
    if name == "relationship":
        from .commands import relationship

        return relationship.app
    if name == "scope":
        from .commands import scope

        return scope.app
    if name == "scopes":
        from .commands import scopes

        return scopes.app
    if name in ("client", "address"):
        from .commands import client

        return client.client_app if name == "client" else client.address_app
    if name == "serve":
        from .commands import serve

        return serve.app
    if name == "time":
        from .commands import time

        return time.app
    if name == "watch":
        from .commands import watch

        return watch.app
    if name == "report":
        from .commands import report

        return report.app
    if name == "metrics":
        from .commands import metrics

        return metrics.app
    if name == "demo":
        from .commands import demo

        return demo.app
    if name == "init-tests":
        from .commands import init_tests

        return init_tests.app
    if name == "completion":
        from .commands import completion

        return completion.app
    if name == "lab":
        from .commands import lab

        return lab.app
    if name in ("plan", "apply"):
        from .commands import desired

        return desired.plan_app if name == "plan" else desired.apply_app
    if name == "export":
        from .commands import export

        return export.app
    if name in ("explain", "schema"):
        from .commands import desired_files

        return desired_files.explain_app if name == "explain" else desired_files.schema_app
    if name in ("audit", "preflight"):
        from .commands import audit

        return audit.audit_app if name == "audit" else audit.preflight_app
    if name in CHANGING:
        from .commands import change

        apps = (
            change.adopt_app,
            change.replicate_app,
            change.rotate_app,
            change.down_app,
            change.reallocate_app,
            change.wait_app,
        )
        return apps[CHANGING.index(name)]
    raise KeyError(name)
