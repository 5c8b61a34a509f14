"""The ABI of Dhcpsapi.dll as data, and the generator of every file that follows from it.

``python -m tools.abi``, from the project's folder, writes the generated files; ``--check`` compares them instead.
Each family has a module with its structures and functions. `kinds` defines the words that these modules are written
in.
"""

from . import classes, clients, elements, failover, filters, options, policies, scopes, service
from .kinds import Function, Struct

__all__ = ["BY_NAME", "FAMILIES", "FREE", "FUNCTIONS", "LOCAL", "LOCAL_STRUCTS", "STRUCTS", "layouts"]

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
LOCAL_STRUCTS: tuple[Struct, ...] = service.LOCAL_STRUCTS
LOCAL: tuple[Function, ...] = service.LOCAL
"""The functions that ask the directory and not a server: no method of `ManagementApi`, and nothing on the wire."""
FREE = Function(
    "DhcpRpcFreeMemory",
    method="",
    opnum=("", 0),
    section="",
    access="ANYONE",
    takes=(),
    local=("PVOID BufferPointer",),
)
"""The function that frees a block of an answer."""

BY_NAME = {struct.name: struct for struct in (*STRUCTS, *LOCAL_STRUCTS)}


def layouts() -> tuple[Struct, ...]:
    """Return the structures that C declares; the others only name another model for one of these."""
    return tuple(struct for struct in (*STRUCTS, *LOCAL_STRUCTS) if struct.c is None)
