"""Show the parameters in a captured request or response as JSON, and make such bytes from JSON.

    python -m dhcpfo.rpc.stub decode --function DhcpV4FailoverGetRelationship --direction response 01000000...

The hexadecimal digits or the JSON are the argument, or come from standard input. Names are those of the protocol's IDL;
a function may also be given by the name of its method. Numbers are as they travel, bytes are hexadecimal, NULL is null.
A stub is what lies between the header of a PDU and its padding, decrypted. Shared secrets are shown.
"""

import argparse
import json
import os
import sys
from typing import Any

from .shapes import CALLS, Call
from .stub_parts import NARROW, WIDE, Reader, StubError, Writer, from_hex, short

__all__ = ["StubError", "decode", "encode"]

TRAILER = bytes.fromhex("8ae3137102f43671")
"""The mark of a verification trailer, which may follow a request."""
INTERRUPTED = 130


def call_named(name: str) -> Call:
    """Return a call by any of its names."""
    if name in CALLS:
        return CALLS[name]
    for call in CALLS.values():
        if name in (call.function, call.idl):
            return call
    raise StubError(f"no call has the name {short(name)}")


def decode(function: str, direction: str, stub: bytes, *, ndr64: bool = False) -> dict[str, Any]:
    """Return the parameters in a stub, by their names in the IDL; the code of a response is ``Return``.

    Args:
        function: The name of the function, in C or in the IDL, or of its method.
        direction: ``request`` or ``response``.
        stub: The bytes. A verification trailer behind a request is left out.
        ndr64: Whether they are in NDR64.

    Raises:
        StubError: They are not such a stub; the message says where.
    """
    call, word = call_named(function), WIDE if ndr64 else NARROW
    if direction == "request" and (at := stub.rfind(TRAILER)) >= 0 and at % 4 == 0:
        stub = stub[:at]
    rows = call.request if direction == "request" else call.response
    unsure = any(row[1] == "pointer or struct" for row in rows)
    for in_place in (False, True) if unsure else (False,):
        reader = Reader(stub, word)
        made: dict[str, Any] = {}
        try:
            if direction == "request":
                reader.parameter(("ServerIpAddress", "text"), made, in_place=False)
            for row in rows:
                reader.parameter(row, made, in_place=in_place)
            if direction == "response":
                made["Return"] = reader.number(4)
            left = len(stub) - reader.at
            if not 0 <= left < (4 if direction == "request" and len(stub) % 4 == 0 else 1):
                raise reader.fail(f"{left} bytes are left")
        except StubError:
            if unsure and not in_place:
                continue
            raise
        break
    return made


def encode(function: str, direction: str, values: dict[str, Any], *, ndr64: bool = False) -> bytes:
    """Return the stub with these parameters; the arguments are those of `decode`.

    Raises:
        StubError: A parameter or a member is missing, or is nothing that could be sent.
    """
    call, writer = call_named(function), Writer(WIDE if ndr64 else NARROW)
    if not isinstance(values, dict):
        raise StubError(f"the parameters must be an object, got {values!r}")
    if direction == "request":
        writer.parameter(("ServerIpAddress", "text"), {"ServerIpAddress": None} | values)
    for row in call.request if direction == "request" else call.response:
        writer.parameter(row, values)
    if direction == "response":
        writer.parameter(("Return", "number4"), values)
    return bytes(writer.data)


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(
        prog="python -m dhcpfo.rpc.stub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["decode", "encode"])
    parser.add_argument("--function", required=True, metavar="NAME", help="such as DhcpV4FailoverGetRelationship")
    parser.add_argument("--direction", required=True, choices=["request", "response"])
    parser.add_argument("--ndr64", action="store_true", help="the bytes are in NDR64")
    parser.add_argument("data", nargs="?", help="hexadecimal digits, or JSON; from standard input if it is left out")
    chosen = parser.parse_intermixed_args()
    try:
        text = answer(chosen)
    except (ValueError, RecursionError, OSError) as error:  # a StubError, or what is no JSON
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        print(text, flush=True)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"error: {error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would write again at its end
        return 1
    return 0


def answer(chosen: argparse.Namespace) -> str:
    """What the program prints."""
    text = chosen.data
    if text is None:
        if sys.stdin is None:
            raise StubError("the standard input is closed, and no data was given")
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    if chosen.action == "decode":
        found = decode(chosen.function, chosen.direction, from_hex(text.strip(), "the stub"), ndr64=chosen.ndr64)
        return json.dumps(found, indent=2)
    return encode(chosen.function, chosen.direction, json.loads(text), ndr64=chosen.ndr64).hex()


if __name__ == "__main__":
    sys.exit(main())
