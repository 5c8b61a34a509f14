"""The ABI of Dhcpsapi.dll as data, and the generator of every file that follows from it.

``python -m tools.abi``, from the project's folder, writes the generated files; ``--check`` compares them instead.
Each family has a module with its structures and functions. `kinds` defines the words that these modules are written
in.
"""

from . import classes, clients, elements, failover, filters, options, policies, scopes, service
from .kinds import Function, Struct

__all__ = ["BY_NAME", "FAMILIES", "FREE", "FUNCTIONS", "STRUCTS", "layouts"]

FAMILIES = {
    "failover": failover,
    "scopes": scopes,
    "elements": elements,
    "clients": clients,
    "options": options,
    "classes": classes,
    "policies": policies,
    "filters": filters,
    "service": service,
}
"""The families in the order of the generated files."""

STRUCTS: tuple[Struct, ...] = tuple(struct for family in FAMILIES.values() for struct in family.STRUCTS)
FUNCTIONS: tuple[Function, ...] = tuple(function for family in FAMILIES.values() for function in family.FUNCTIONS)
FREE = Function("DhcpRpcFreeMemory", method="", opnum=("", 0), section="", access="ANYONE", takes=())
"""The one function that is not a call to a server: it frees a block of an answer."""

BY_NAME = {struct.name: struct for struct in STRUCTS}


def layouts() -> tuple[Struct, ...]:
    """Return the structures that C declares; the others only name another model for one of these."""
    return tuple(struct for struct in STRUCTS if struct.c is None)
