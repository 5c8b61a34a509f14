"""``dhcpfo client`` and ``dhcpfo address``: who has an address, and which server may give it out."""

import re
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...errors import ClientNotFoundError, InvalidParameterError
from ...limits import FILETIME_EPOCH
from .. import exits
from ..cells import Cell
from ..command import add, group
from ..named import some
from ..problems import Problem
from ..run import Run
from ..values import one_scope

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from ...enums import AddressStatus
    from ...models import FailoverClient
    from ...server import Server

client_app = group("client", "Leases with their failover times: show.")
address_app = group("address", "Which server may give out an address: status.")

HARDWARE = re.compile(r"[0-9a-fA-F]{2}([-:][0-9a-fA-F]{2})+|([0-9a-fA-F]{2}){6,}")
"""A MAC address or another client id; a short one without marks between the bytes would be a name, such as cafe."""

FEW = 2
"""Servers that are shown, whatever they know."""


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

    Exit code 2 if no server has it, or only one of a pair.
    """
    key = search(client, scope)
    partners = run.partners()
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
    lacking = without(partners, [where for where, _ in found], missing) if found else missing
    if found:
        shown = [values(one) for _, one in found]
        rows: list[list[Cell]] = [[label, *(one[label] for one in shown)] for label in shown[0]]
        run.table(["", *(where for where, _ in found)], rows)
    if lacking:
        run.worst(exits.CHANGES)
        run.say(f"{some(lacking)}: no client {client}")


def without(
    partners: "Mapping[str, Collection[str]]", having: "Collection[str]", missing: "Collection[str]"
) -> list[str]:
    """Return the servers that lack what their partner has, of those that have not got it.

    Args:
        partners: The partners of each server.
        having: The servers that have it. One of several partners is enough: a hub has many.
        missing: The servers that do not.
    """
    alone = [one for one in having if not any(other in having for other in partners[one])]
    wanted = {other for one in alone for other in partners[one]}
    return [one for one in missing if one in wanted]


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
    if time == FILETIME_EPOCH:  # of a reservation without a lease
        return "no lease"
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
    servers = [server.name or "this machine" for server in run.servers()]
    partners = run.partners()
    found: list[tuple[IPv4Address, dict[str, str], list[str]]] = []
    for one in wanted:
        answers = [(server.name or "this machine", said) for server, said in run.ask(partial(status_of, one))]
        seen = {where: said.name for where, said in answers if said is not None}
        outside = [where for where, said in answers if said is None]
        found.append((one, seen, outside))
        run.result({"address": str(one), "status": seen})
        if any(seen.get(other, said) != said for where, said in seen.items() for other in partners[where]):
            run.worst(exits.CHANGES)
        if lacking := without(partners, seen, outside) if seen else outside:
            text = f"{some(lacking)}: {one} is not in a failover scope"
            run.problem(Problem(text, hint="dhcpfo scope list shows all"))
    # Of many servers, those of other pairs have nothing to say.
    passed = {where for where in servers if all(where in outside for _, _, outside in found)}
    shown = [where for where in servers if where not in passed or len(servers) <= FEW]
    rows: list[list[Cell]] = [
        [str(one), *(seen.get(where, "unknown").lower() for where in shown)] for one, seen, _ in found
    ]
    if shown:
        run.table(["ADDRESS", *shown], rows)


def status_of(address: IPv4Address, server: "Server") -> "AddressStatus | None":
    """Return what a server thinks of an address; None if it is in no failover scope."""
    try:
        return server.get_address_status(address)
    except InvalidParameterError:
        return None
