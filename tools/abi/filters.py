"""Filters: the allow and deny lists of link-layer addresses."""

from .kinds import Function, Struct

STRUCTS: tuple[Struct, ...] = ()

FUNCTIONS: tuple[Function, ...] = ()
