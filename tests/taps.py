"""A table of functions between `NativeApi` and the loopback, in which a test changes arguments and answers.

The data of tools/abi tells where the pointers are: in the structures behind the arguments, and in answers.
"""

import ctypes
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from answers import WORD, abi, kinds, layout, offsets, size, structure_of
from dhcpfo import _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.models import Addresses
from dhcpfo.models.base import Model
from foreign import CAPSULE_NAME, capsule

FUNCTION = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
NUMBERS = {1: ctypes.c_uint8, 2: ctypes.c_uint16, 4: ctypes.c_uint32, 8: ctypes.c_uint64}
BY_METHOD = {function.method: function for function in abi.FUNCTIONS}
PLACES = {function.method: place for place, function in enumerate(abi.FUNCTIONS)}

Arguments = list[int | None]


def word(address: int) -> int:
    """The pointer at an address."""
    return ctypes.c_size_t.from_address(address).value


def number(address: int) -> ctypes.c_uint32:
    """The DWORD at an address."""
    return ctypes.c_uint32.from_address(address)


@dataclass
class Slot:
    """A place in memory with a pointer in it.

    Attributes:
        name: The field, for messages.
        address: Where the pointer is.
        count: Where the number of elements behind it is, or None.
        inside: The places in what it points at.
    """

    name: str
    address: int
    count: int | None = None
    inside: list["Slot"] = field(default_factory=list)

    def blocks(self) -> Iterator[int]:
        """Yield the blocks that hang on it, leaves first."""
        for slot in self.inside:
            yield from slot.blocks()
        if word(self.address):
            yield word(self.address)

    def all(self) -> Iterator["Slot"]:
        """Yield it and all inside it."""
        yield self
        for slot in self.inside:
            yield from slot.all()


def in_struct(structure, base: int) -> Iterator[Slot]:
    """The places in a structure."""
    if structure is None:
        return
    places = {getattr(member, "name", None): base + at for member, at in offsets(structure)}
    for member, at in offsets(structure):
        if isinstance(member, kinds.Union):
            arm = dict(member.arms).get(number(places[member.tag]).value)
            if arm is not None:
                yield from in_field(arm, base + at, {})
        else:
            yield from in_field(member, base + at, places)


def in_field(member, at: int, places: dict[str, int]) -> Iterator[Slot]:
    """The places in a field: the field itself if it is a pointer, or those of the structure in it."""
    kind = structure_of(member.pointee if member.pointer else member.type)
    if not member.pointer:
        yield from in_struct(kind, at)
        return
    slot = Slot(member.name, at, places[member.count] if member.count else None)
    pointer = word(at)
    if pointer:
        count = 1 if slot.count is None else number(slot.count).value
        for index in range(count if kind else 0):
            if member.kind == "pointers":
                inner = Slot(f"{member.name}[{index}]", pointer + index * WORD)
                inner.inside = list(in_struct(kind, word(inner.address)))
                slot.inside.append(inner)
            else:
                slot.inside += in_struct(kind, pointer + index * size(kind.name))
    yield slot


def in_arguments(method: str, arguments: Arguments) -> list[Slot]:
    """The places in the structures that a call passes."""
    found: list[Slot] = []
    for parameter, value in paired(method, arguments):
        if isinstance(parameter, kinds.InStruct | kinds.Parts) and value:
            found += in_struct(abi.BY_NAME[parameter.struct], value)
    return found


def in_answer(method: str, arguments: Arguments) -> list[Slot]:
    """The places in an answer: that of its root, and those inside."""
    found: list[Slot] = []
    for parameter, value in paired(method, arguments):
        if isinstance(parameter, kinds.Out) and value:
            root = Slot("answer", value)
            root.inside = list(in_struct(abi.BY_NAME[parameter.struct], word(value)))
            found.append(root)
    return found


def paired(method: str, arguments: Arguments) -> Iterator[tuple[object, int | None]]:
    """Each parameter of the data with the values that C passes for it, without the server."""
    values = iter(arguments[1:])
    for parameter in BY_METHOD[method].takes:
        for _ in kinds.declared(parameter):
            yield parameter, next(values)


def c_type(declaration: str) -> object:
    """The ctypes type of a parameter as C declares it."""
    kind = declaration.rpartition(" ")[0].removeprefix("const ")
    if "*" in declaration or kind.startswith("LP"):
        return ctypes.c_void_p
    return NUMBERS[layout.of_type(kind, WORD)[0]]


class Tap:
    """The API over the loopback's functions, each of which calls two functions of the test.

    Attributes:
        api: The API.
        before: Called with the method and C's arguments, which it may change.
        after: The same after the call.
        code: What the last call returned.
    """

    def __init__(self, provider: object, name: str) -> None:
        self.before: Callable[[str, Arguments], object] = lambda method, arguments: None
        self.after = self.before
        self.code = -1
        length = ctypes.c_size_t.from_address(_loopback.functions_address()).value
        self._table = ctypes.create_string_buffer(ctypes.string_at(_loopback.functions_address(), length), length)
        self._kept = [self._tapped(function.method) for function in abi.FUNCTIONS]
        for place, call in enumerate(self._kept, start=1):
            address = ctypes.cast(call, ctypes.c_void_p).value
            struct.pack_into("P", self._table, place * WORD, address)
        (free,) = struct.unpack_from("P", self._table, length - WORD)
        self.free = FUNCTION(None, ctypes.c_void_p)(free)
        self._registration = _loopback.serve(provider, name)
        table = capsule(ctypes.addressof(self._table), CAPSULE_NAME, None)
        self.api = NativeApi(name, table, self)

    def _tapped(self, method: str):
        types = [c_type(text) for text in BY_METHOD[method].parameters]
        prototype = FUNCTION(ctypes.c_uint32, *types)
        (address,) = struct.unpack_from("P", self._table, (1 + PLACES[method]) * WORD)
        inner = prototype(address)

        def call(*given: int | None) -> int:
            arguments = list(given)
            self.before(method, arguments)
            self.code = inner(*arguments)
            self.after(method, arguments)
            return self.code

        return prototype(call)


def difference(old: object, new: object) -> list[tuple[object, object]]:
    """The parts in which two values differ, as small as they can be told."""
    if old == new:
        return []
    if isinstance(old, Model) and type(old) is type(new) and not isinstance(old, Addresses):
        return [pair for name in old._names for pair in difference(getattr(old, name), getattr(new, name))]
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        return [pair for one, other in zip(old, new, strict=True) for pair in difference(one, other)]
    return [(old, new)]
