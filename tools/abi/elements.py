"""Elements of a scope: ranges, exclusions, reservations, free addresses."""

from .kinds import Function, Struct

STRUCTS: tuple[Struct, ...] = ()

FUNCTIONS: tuple[Function, ...] = ()
