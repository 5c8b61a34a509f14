"""``dhcpfo client`` and ``dhcpfo address``: who has an address, and which server may give it out."""

import re
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...errors import ClientNotFoundError, InvalidParameterError
from .. import exits
from ..cells import Cell
from ..command import add, group
from ..problems import Problem
from ..run import Run
from ..values import one_scope

if TYPE_CHECKING:
    from datetime import datetime

    from ...enums import AddressStatus
    from ...models import FailoverClient
    from ...server import Server

client_app = group("client", "Leases with their failover times: show.")
address_app = group("address", "Which server may give out an address: status.")

HARDWARE = re.compile(r"[0-9a-fA-F]{2}([-:][0-9a-fA-F]{2})+|([0-9a-fA-F]{2}){6,}")
"""A MAC address or another client id; a short one without marks between the bytes would be a name, such as cafe."""


@add(
    client_app,
    "show",
    examples=(
        "dhcpfo client show 10.0.1.57 --pair dhcp1,dhcp2",
        "dhcpfo client show 00-15-5d-01-02-03 --scope 10.0.1.0 --pair dhcp1,dhcp2",
        "dhcpfo client show printer7 --pair dhcp1,dhcp2",
    ),
)
def show(
    run: Run,
    client: Annotated[str, Argument(help="An address, a MAC address with --scope, or a host name.", metavar="CLIENT")],
    *,
    scope: Annotated[str | None, Option(help="The client's scope, for a MAC address.", metavar="SCOPE")] = None,
) -> None:
    """Show a client's lease as each server has it, with the times that the partners exchanged.

    Exit code 2 if no server has it, or only some of them do.
    """
    key = search(client, scope)
    found: list[tuple[str, FailoverClient]] = []
    missing = []
    for server, one in run.ask(partial(client_of, key)):
        where = server.name or "this machine"
        if one is None:
            missing.append(where)
        else:
            found.append((where, one))
    for where, one in found:
        run.result({"server": where, "found": True, **one.to_dict()})
    for where in missing:
        run.result({"server": where, "found": False})
        run.worst(exits.CHANGES)
    if found:
        shown = [values(one) for _, one in found]
        rows: list[list[Cell]] = [[label, *(one[label] for one in shown)] for label in shown[0]]
        run.table(["", *(where for where, _ in found)], rows)
    if missing:
        run.say(f"{', '.join(missing)}: no client {client}")


def client_of(key: dict[str, Any], server: "Server") -> "FailoverClient | None":
    """Return a client as a server has it, or None."""
    try:
        return server.get_failover_client(**key)
    except ClientNotFoundError:
        return None


def search(client: str, scope: str | None) -> dict[str, Any]:
    """Return the arguments for looking up a client."""
    try:
        return {"address": IPv4Address(client)}
    except AddressValueError:
        pass
    if HARDWARE.fullmatch(client):
        if scope is None:
            raise Problem("a MAC address needs --scope")
        return {"client_id": bytes.fromhex(re.sub("[-:]", "", client)), "scope": one_scope("--scope", scope)}
    return {"name": client}


def values(client: "FailoverClient") -> dict[str, Cell]:
    """Return what a table shows of a lease."""
    return {
        "address": str(client.address),
        "scope": str(client.scope),
        "client": client.hardware_address.hex("-"),
        "name": client.name or "",
        "state": client.lease_state.name.lower(),
        "lease expires": moment(client.lease_expires),
        "owner": client.owner.host_name or client.owner.netbios_name or str(client.owner.address),
        "promised to partner": moment(client.potential_expiration_sent),
        "partner acknowledged": moment(client.potential_expiration_acknowledged),
        "promised by partner": moment(client.potential_expiration_received),
        "last transaction": moment(client.last_transaction),
        "last update": moment(client.last_binding_update),
    }


def moment(time: "datetime | None") -> str:
    """Return a time for people; None is never."""
    return "never" if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


@add(address_app, "status", examples=("dhcpfo address status 10.0.1.57 --pair dhcp1,dhcp2",))
def status(
    run: Run,
    address: Annotated[list[str], Argument(help="Addresses in failover scopes.", metavar="ADDRESS...")],
) -> None:
    """Say for each address what each server thinks: which of the two may give it out, excluded, reserved."""
    wanted = []
    for text in address:
        try:
            wanted.append(IPv4Address(text))
        except AddressValueError:
            raise Problem(f"address must be an IPv4 address, got {text}") from None
    servers = run.servers()
    rows: list[list[Cell]] = []
    for one in wanted:
        answers = run.ask(partial(status_of, one))
        seen = {}
        for server, found in answers:
            where = server.name or "this machine"
            if found is None:
                run.problem(Problem(f"{where}: {one} is not in a failover scope", hint="dhcpfo scope list shows all"))
            else:
                seen[where] = found.name
        run.result({"address": str(one), "status": seen})
        if len(set(seen.values())) > 1:
            run.worst(exits.CHANGES)
        rows.append([str(one), *(seen.get(server.name or "this machine", "unknown").lower() for server in servers)])
    run.table(["ADDRESS", *(server.name or "this machine" for server in servers)], rows)


def status_of(address: IPv4Address, server: "Server") -> "AddressStatus | None":
    """Return what a server thinks of an address; None if it is in no failover scope."""
    try:
        return server.get_address_status(address)
    except InvalidParameterError:
        return None
