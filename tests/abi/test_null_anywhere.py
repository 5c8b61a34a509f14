"""NULL in the place of each pointer, and a count of 0, in what callers pass and in what servers answer.

Other tests look at the rules of single functions (test_null.py). Here all functions pass through a table that puts one
NULL or one 0 into a right call or a right answer: the call is refused, or exactly that one value is missing.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from dhcpfo import _loopback
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, InvalidAnswerError
from dhcpfo.models import Addresses, Secret
from examples import ANSWERS, ARGUMENTS, ENUMERATIONS
from recording import RecordingApi
from taps import BY_METHOD, Slot, Tap, difference, in_answer, in_arguments, kinds, number, paired, word

pytestmark = pytest.mark.abi

served_names = itertools.count()
INVALID = 87
OPTIONAL = {"DhcpV4FailoverGetSystemTime.pMaxAllowedDeltaTime"}
"""Parameters for answers that a caller may leave out, besides the numbers that are handles of enumerations."""


def null(slot: Slot) -> None:
    """Put NULL in the place of a pointer."""
    number(slot.address).value = 0
    if word(slot.address):
        number(slot.address + 4).value = 0


def no_element(slot: Slot) -> None:
    """Let an array have no elements."""
    assert slot.count is not None
    number(slot.count).value = 0


Change = Callable[[Slot], None]


def changes(slots: list[Slot]) -> Iterator[tuple[Slot, Change]]:
    """Every change to a tree: each pointer NULL, each count 0."""
    for root in slots:
        for slot in root.all():
            if word(slot.address):
                yield slot, null
            if slot.count is not None and number(slot.count).value:
                yield slot, no_element


@pytest.fixture
def given() -> Iterator[RecordingApi]:
    yield RecordingApi()
    assert (_loopback.live_blocks(), _loopback.bad_frees()) == (0, 0)


@pytest.fixture
def tap(given: RecordingApi) -> Tap:
    return Tap(given, f"tapped {next(served_names)}")


def outcome(tap: Tap, method: str) -> object:
    try:
        return getattr(tap.api, method)(*ARGUMENTS[method])
    except DhcpError as error:
        return error


def check_left_out(whole: object, found: object, what: str) -> None:
    """Assert that just one value is missing, or one of several; an option without data has no type either."""
    changed = difference(whole, found)
    assert all(is_left_out(old, new) for old, new in changed), (what, changed)
    assert len(changed) == 1 or [new for _, new in changed] == [None, ()], (what, changed)


def is_left_out(old: object, new: object) -> bool:
    if isinstance(old, tuple) and isinstance(new, tuple) and len(new) == len(old) - 1:
        return any(new == old[:at] + old[at + 1 :] for at in range(len(old)))
    return new is None or new in ("", b"", ()) or new == Addresses(()) or new == Secret("")


@pytest.mark.parametrize("method", FUNCTIONS)
def test_arguments(tap: Tap, given: RecordingApi, method: str) -> None:
    """NULL is refused where the specification says so; otherwise the `ManagementApi` sees that the value is missing."""
    assert outcome(tap, method) == ANSWERS[method]
    assert tap.code in (0, 234, 259)
    ((_, whole),) = given.calls
    chosen: list[str] = []

    def change(name: str, arguments: list[int | None]) -> None:
        every = list(changes(in_arguments(name, arguments)))
        if len(chosen) < len(every):
            slot, act = every[len(chosen)]
            chosen.append(f"{slot.name} {act.__name__}")
            act(slot)

    tap.before = change
    done = 0
    while True:
        given.calls.clear()
        result = outcome(tap, method)
        if len(chosen) == done:
            break
        done = len(chosen)
        if not given.calls:
            assert (isinstance(result, DhcpError), tap.code) == (True, INVALID), chosen[-1]
            continue
        ((_, seen),) = given.calls
        check_left_out(whole, seen, chosen[-1])


@pytest.mark.parametrize("method", FUNCTIONS)
def test_parameters(tap: Tap, given: RecordingApi, method: str) -> None:
    """NULL for a whole parameter: 87 where an answer is wanted; a text or structure is refused or missing."""
    function = BY_METHOD[method]
    for place in range(1, len(function.parameters)):
        parameter = "".join(function.parameters[place].split("*")[-1:]).split()[-1]
        if "*" not in function.parameters[place] and not function.parameters[place].startswith("LP"):
            continue
        kept: dict[str, object] = {}

        def change(name: str, arguments: list[int | None], place: int = place, kept: dict = kept) -> None:
            kept["kind"] = [kind for kind, _ in paired(name, arguments)][place - 1]
            arguments[place] = None

        tap.before = change
        given.calls.clear()
        outcome(tap, method)
        kind = kept["kind"]
        if (isinstance(kind, kinds.Resume) and not kind.struct) or f"{function.name}.{parameter}" in OPTIONAL:
            assert (tap.code in (0, 234, 259), len(given.calls)) == (True, 1), parameter
        elif not given.calls:
            assert tap.code == INVALID, parameter
        else:
            assert isinstance(kind, kinds.In | kinds.InStruct | kinds.Array), parameter


@pytest.mark.parametrize("method", [method for method, function in BY_METHOD.items() if function.answer])
def test_answers(tap: Tap, method: str) -> None:
    """In an answer, exactly what is NULL is missing, or the answer is refused; its blocks are freed all the same."""
    chosen: list[str] = []

    def change(name: str, arguments: list[int | None]) -> None:
        every = list(changes(in_answer(name, arguments)))
        if len(chosen) < len(every):
            slot, act = every[len(chosen)]
            chosen.append(f"{slot.name} {act.__name__}")
            for block in slot.blocks() if act is null else [block for it in slot.inside for block in it.blocks()]:
                tap.free(block)
            act(slot)

    tap.after = change
    done = 0
    while True:
        result = outcome(tap, method)
        assert (_loopback.live_blocks(), _loopback.bad_frees()) == (0, 0), chosen[-1:]
        if len(chosen) == done:
            break
        done = len(chosen)
        if isinstance(result, DhcpError):
            assert isinstance(result, InvalidAnswerError), chosen[-1]
            assert chosen[-1].startswith("answer") or method in ENUMERATIONS, chosen[-1]
            continue
        check_left_out(ANSWERS[method], result, chosen[-1])
    assert done >= 1
