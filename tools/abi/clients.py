"""Clients: the records of leases."""

from .kinds import Function, Struct

STRUCTS: tuple[Struct, ...] = ()

FUNCTIONS: tuple[Function, ...] = ()
