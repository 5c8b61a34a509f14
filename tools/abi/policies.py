"""Policies: conditions, ranges, order and enforcement."""

from .kinds import Function, Struct

STRUCTS: tuple[Struct, ...] = ()

FUNCTIONS: tuple[Function, ...] = ()
