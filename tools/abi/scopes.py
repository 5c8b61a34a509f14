"""Scopes: their properties, states, delay of offers and superscopes."""

from .kinds import Function, Struct

STRUCTS: tuple[Struct, ...] = ()

FUNCTIONS: tuple[Function, ...] = ()
