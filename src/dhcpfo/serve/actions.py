"""The buttons that change something: only in a lab, each with the Python and the PowerShell that do the same."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..pair import FailoverPair

if TYPE_CHECKING:
    from ..simulator import Lab

__all__ = ["ACTIONS", "act", "buttons", "same_elsewhere"]

ACTIONS = ("cut", "mend", "stop", "power_off", "start", "advance", "partner_down")
MOST_SECONDS = 366 * 24 * 3600
"""The longest time that one press of a button may pass."""

STEPS = (("1 minute", 60), ("10 minutes", 600), ("1 hour", 3600), ("1 day", 86400))
"""How far the buttons for time go."""

PORT = 647
"""The TCP port of the failover protocol."""


def _quoted(text: str) -> str:
    """Return text as PowerShell writes it: nothing in it is special but the quotes."""
    doubled = "".join(letter * 2 if letter in "'\u2018\u2019\u201a\u201b" else letter for letter in text)
    return f"'{doubled}'"


def _remote(server: str, command: str) -> str:
    return f"Invoke-Command -ComputerName {_quoted(server)} {{ {command} }}"


def same_elsewhere(pair: FailoverPair, action: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the Python and the PowerShell that do what a button does.

    Args:
        pair: The pair.
        action: One of `ACTIONS`.
        arguments: ``server`` for those that are about one server, ``seconds`` for "advance", ``relationship`` for
            "partner_down", with ``allow`` if a guard is lifted.
    """
    one, other = pair.names.primary, pair.names.secondary
    server = str(arguments.get("server", ""))
    rule = f"-DisplayName {_quoted(f'cut {one} {other}')}"
    match action:
        case "cut":
            ports = f"-Protocol TCP -{{}}Port {PORT} -Action Block"
            lines = [
                _remote(one, f"New-NetFirewallRule {rule} -Direction {way} {ports.format(port)}")
                for way, port in (("Inbound", "Local"), ("Outbound", "Remote"))
            ]
            return {"python": f"lab.cut({one!r}, {other!r})", "powershell": "\n".join(lines)}
        case "mend":
            return {
                "python": f"lab.mend({one!r}, {other!r})",
                "powershell": _remote(one, f"Remove-NetFirewallRule {rule}"),
            }
        case "stop":
            return {"python": f"lab.stop({server!r})", "powershell": _remote(server, "Stop-Service DHCPServer")}
        case "power_off":
            return {
                "python": f"lab.power_off({server!r})",
                "powershell": f"Stop-Computer -ComputerName {_quoted(server)} -Force",
            }
        case "start":
            return {"python": f"lab.start({server!r})", "powershell": _remote(server, "Start-Service DHCPServer")}
        case "advance":
            seconds = arguments.get("seconds", 60)
            return {
                "python": f"lab.advance(timedelta(seconds={seconds}))",
                "powershell": f"Start-Sleep -Seconds {seconds}",
            }
    name = str(arguments.get("relationship", ""))
    allow = list(arguments.get("allow", ()))
    more = f", allow={allow!r}" if allow else ""
    return {
        "python": f"pair.declare_partner_down({name!r}, survivor={server!r}{more})",
        "powershell": f"Set-DhcpServerv4Failover -ComputerName {_quoted(server)} -Name {_quoted(name)} -PartnerDown",
    }


def act(lab: "Lab", pair: FailoverPair, action: str, arguments: Mapping[str, Any]) -> str:
    """Do what a button of a lab does, and return what was done.

    Args:
        lab: The lab.
        pair: The pair that the button belongs to.
        action: One of `ACTIONS`.
        arguments: As for `same_elsewhere`.

    Raises:
        ValueError: An argument is not valid.
        TypeError: An argument has a wrong type.
        PairFailure: The partner may not be declared down.
        DhcpError: A server refuses.
    """
    if action not in ACTIONS:
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}, got {action!r}")
    one, other = pair.names.primary, pair.names.secondary
    if action in ("cut", "mend"):
        getattr(lab, action)(one, other)
        return f"the link between {one} and {other} is {'cut' if action == 'cut' else 'mended'}"
    if action == "advance":
        seconds = arguments.get("seconds")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= MOST_SECONDS:
            raise ValueError(f"seconds must be between 1 and {MOST_SECONDS}, got {seconds!r}")
        lab.advance(timedelta(seconds=seconds))
        return f"{timedelta(seconds=seconds)} have passed in the lab"
    server = arguments.get("server")
    if not isinstance(server, str):
        raise TypeError("server must be the name of a server")
    side = pair.side(server)
    name = pair.names[side]
    if action == "partner_down":
        relationship, allow = arguments.get("relationship"), arguments.get("allow", [])
        if not isinstance(relationship, str):
            raise TypeError("relationship must be the name of a relationship")
        if not isinstance(allow, list) or not all(isinstance(guard, str) for guard in allow):
            raise TypeError("allow must be a list of names of guards")
        pair.declare_partner_down(relationship, survivor=side, allow=allow)
        return f"{name} has declared its partner down"
    getattr(lab, action)(name)
    done = {"stop": "the DHCP service is stopped", "power_off": "the host is powered off", "start": "it is started"}
    return f"{name}: {done[action]}"


def buttons(pair: FailoverPair, relationships: list[str]) -> list[dict[str, Any]]:
    """Return the buttons of a pair in a lab: label, action, arguments, and the same in Python and PowerShell."""
    one, other = names = (pair.names.primary, pair.names.secondary)
    found: list[tuple[str, str, str, dict[str, Any]]] = [
        ("Link", f"Cut {one} from {other}", "cut", {}),
        ("Link", f"Mend the link of {one} and {other}", "mend", {}),
    ]
    for name in names:
        found += [
            ("Servers", f"Stop {name}", "stop", {"server": name}),
            ("Servers", f"Power off {name}", "power_off", {"server": name}),
            ("Servers", f"Start {name}", "start", {"server": name}),
        ]
    found += [("Time", f"Advance {label}", "advance", {"seconds": seconds}) for label, seconds in STEPS]
    for relationship in relationships:
        for name in names:
            arguments = {"server": name, "relationship": relationship}
            label = f"{relationship}: {name} declares its partner down"
            found.append(("Partner down", label, "partner_down", arguments))
    return [
        {"group": group, "label": label, "action": action, "arguments": given} | same_elsewhere(pair, action, given)
        for group, label, action, given in found
    ]
