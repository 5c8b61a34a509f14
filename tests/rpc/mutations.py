"""Change the bytes of every call at random: each is decoded or refused, and nothing else happens.

``python tests/rpc/mutations.py --count 1000000`` runs a long search, also under sanitizers (tools/sanitize.py). The
first failure is printed with what repeats it.
"""

import argparse
import collections
import random
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from dhcpfo._wire import decode_request, decode_response, encode_request, encode_response
from dhcpfo.errors import DhcpError
from examples import EXAMPLES

NUMBERS = (0, 1, 2, 3, 5, 0x7F, 0x7FFF, 0xFFFF, 0x10000, 0x20000, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0xFFFFFFFF)


def originals() -> list[tuple[str, bool, bool, bytes]]:
    """The stubs of all examples: method, whether a response, whether NDR64, bytes."""
    found = []
    for method, example in EXAMPLES.items():
        for ndr64 in (False, True):
            request = encode_request(method, example.arguments, ndr64=ndr64)
            response = encode_response(method, example.answer, example.arguments, ndr64=ndr64)
            found += [(method, False, ndr64, bytes(request)), (method, True, ndr64, bytes(response))]
    return found


def changed(source: random.Random, stub: bytes) -> bytes:
    """One to four changes: a number, a byte, a cut, an insertion, a part that is repeated or moved."""
    made = bytearray(stub)
    for _ in range(source.choice((1, 1, 1, 2, 4))):
        kind, at = source.randrange(7), source.randrange(len(made) + 1)
        if kind <= 1:
            made[at // 4 * 4 : at // 4 * 4 + 4] = source.choice((*NUMBERS, len(made))).to_bytes(4, "little")
        elif kind == 2:
            made[at : at + 1] = bytes([source.randrange(256)])
        elif kind == 3:
            del made[at:]
        elif kind == 4:
            made[at:at] = source.randbytes(source.choice((1, 2, 4, 8)))
        elif kind == 5:
            other = source.randrange(len(made) + 1)
            made[at:at] = made[other : other + 16]
        else:
            del made[at : at + source.choice((1, 2, 4, 8))]
    return bytes(made)


def decode(method: str, response: bool, ndr64: bool, stub: bytes) -> str:
    """Decode a stub; return whether it was refused, failed as its code says, or was taken."""
    try:
        if response:
            decode_response(method, stub, EXAMPLES[method].arguments, "dhcp1", ndr64=ndr64)
        else:
            decode_request(method, stub, ndr64=ndr64)
    except DhcpError as error:
        return "refused" if error.winerror == 1783 else "an error"
    return "taken"


def search(count: int, seed: int) -> collections.Counter[str]:
    """Decode that many changed stubs, and count what happened."""
    source, stubs, seen = random.Random(seed), originals(), collections.Counter[str]()
    for number in range(count):
        method, response, ndr64, stub = stubs[number % len(stubs)]
        made = changed(source, stub)
        try:
            seen[decode(method, response, ndr64, made)] += 1
        except Exception as error:
            direction = "response" if response else "request"
            error.add_note(f"{method}, {direction}, ndr64={ndr64}, seed {seed}: {made.hex()}")
            raise
    return seen


def main() -> None:
    """Run the search."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    seen = search(chosen.count, chosen.seed)
    print(f"{chosen.count} changed stubs in {time.monotonic() - began:.0f} s: {dict(seen)}")


if __name__ == "__main__":
    main()
