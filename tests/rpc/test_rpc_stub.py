"""`python -m dhcpfo.rpc.stub`: captured bytes as JSON, and back."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from literals import LITERALS, recorded

from dhcpfo._wire import encode_request, encode_response
from dhcpfo.api import FUNCTIONS
from dhcpfo.rpc.shapes import CALLS
from dhcpfo.rpc.stub import StubError, decode, encode, main
from examples import EXAMPLES

GET = "DhcpV4FailoverGetRelationship"
ASKED = "0000000005000000060000000000000006000000720065006c002d0031000000"
VALUE = {"ServerIpAddress": None, "pRelationshipName": "rel-1"}


@pytest.mark.parametrize("entry", recorded(), ids=str)
def test_recorded_values(entry):
    assert decode(entry.method, entry.direction, entry.stub, ndr64=entry.ndr64) == entry.value
    again = encode(entry.method, entry.direction, entry.value, ndr64=entry.ndr64)
    assert len(again) == len(entry.stub)
    assert decode(entry.method, entry.direction, again, ndr64=entry.ndr64) == entry.value


@pytest.mark.parametrize("ndr64", [False, True], ids=["NDR20", "NDR64"])
@pytest.mark.parametrize("method", EXAMPLES)
def test_the_bytes_of_the_extension(method, ndr64):
    """Both ways, and equal to the last byte."""
    example = EXAMPLES[method]
    stub = bytes(encode_request(method, example.arguments, ndr64=ndr64))
    assert encode(method, "request", decode(method, "request", stub, ndr64=ndr64), ndr64=ndr64) == stub
    stub = bytes(encode_response(method, example.answer, example.arguments, ndr64=ndr64))
    assert encode(method, "response", decode(method, "response", stub, ndr64=ndr64), ndr64=ndr64) == stub


@pytest.mark.parametrize(
    ("stub", "method", "direction"),
    [
        ("S1", "create_scope", "request"),
        ("S2", "add_element", "request"),
        ("S3", "enum_elements", "request"),
        ("S4", "enum_elements", "response"),
        ("S5", "get_all_option_values", "request"),
        ("S6", "remove_option_value", "request"),
        ("S7", "set_option_value", "request"),
        ("S8", "set_superscope", "request"),
        ("S9", "set_scope_delay", "request"),
        ("S10", "get_free_addresses", "request"),
        ("S11", "get_free_addresses", "response"),
        ("S12", "create_class", "request"),
        ("S13", "create_filter", "request"),
        ("S14", "set_client", "request"),
        ("S15", "delete_scope", "request"),
        ("S16", "get_scope", "response"),
        ("S89", "create_relationship", "request"),
    ],
)
def test_literal_stubs(stub, method, direction):
    literal = LITERALS[stub, "NDR20"]
    assert encode(method, direction, decode(method, direction, literal)) == literal


def test_every_function_is_there_under_three_names():
    assert CALLS.keys() == FUNCTIONS.keys()
    for method, function in FUNCTIONS.items():
        assert CALLS[method].function == function.name
    for name in ("get_relationship", GET, f"R_{GET}"):
        assert decode(name, "request", bytes.fromhex(ASKED)) == VALUE
    assert CALLS["backup_database"].idl == "R_DhcpBackupDatabase"
    with pytest.raises(StubError, match="no call has the name 'DhcpFly'"):
        decode("DhcpFly", "request", b"")


def test_an_answer_with_one_pointer_less_is_read_too():
    """The IDL and the C header disagree about these functions."""
    values = {"ResumeHandle": 7, "ElementsRead": 1, "ElementsTotal": 2, "Return": 234}
    array = {"NumElements": 1, "Elements": [None]}
    stub = encode("enum_reservations", "response", values | {"EnumElementInfo": array})
    assert stub[4:8] == bytes.fromhex("00000200")
    without = stub[:4] + stub[8:]
    assert decode("enum_reservations", "response", without) == values | {"EnumElementInfo": array}
    assert decode("enum_reservations", "response", stub) == values | {"EnumElementInfo": array}


def test_a_verification_trailer_is_left_out():
    trailer = bytes.fromhex("8ae3137102f43671 0140 0400 01000000")
    assert decode(GET, "request", bytes.fromhex(ASKED) + trailer) == VALUE


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (ASKED[:-2], "byte 20: 12 bytes are needed, 11 are left"),
        (ASKED + "00", "byte 32: 1 bytes are left"),
        (ASKED.replace("0000000006000000", "0100000006000000", 1), "byte 20: a text cannot have the counts 6, 1, 6"),
        (ASKED[:-4] + "6100", "byte 32: a text does not end with NUL"),
    ],
)
def test_the_place_of_a_mistake_is_said(changed, message):
    with pytest.raises(StubError, match=message):
        decode(GET, "request", bytes.fromhex(changed))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "pRelationshipName is missing"),
        ({"pRelationshipName": 1}, "pRelationshipName must be a text, got 1"),
    ],
)
def test_what_cannot_be_sent_is_said(value, message):
    with pytest.raises(StubError, match=message):
        encode(GET, "request", value)


def parts(value, path=()):
    """The places in some JSON."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inside in pairs:
        yield (*path, name)
        yield from parts(inside, (*path, name))


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("method", EXAMPLES)
def test_any_part_may_be_wrong_or_missing(method, direction):
    """It is said, or it can be sent."""
    example = EXAMPLES[method]
    if direction == "request":
        stub = encode_request(method, example.arguments)
    else:
        stub = encode_response(method, example.answer, example.arguments)
    text = json.dumps(decode(method, direction, bytes(stub)))
    for path in parts(json.loads(text)):
        for wrong in (None, [], {}, "x", -1, 2**64, ...):
            value = json.loads(text)
            inside = value
            for step in path[:-1]:
                inside = inside[step]
            if wrong is ...:
                del inside[path[-1]]
            else:
                inside[path[-1]] = wrong
            with contextlib.suppress(StubError):
                encode(method, direction, value)
    with pytest.raises(StubError, match="the parameters must be an object, got 1"):
        encode(method, direction, 1)


def run(*arguments, given=""):
    return subprocess.run(
        [sys.executable, "-m", "dhcpfo.rpc.stub", *arguments], input=given, capture_output=True, text=True, check=False
    )


def test_the_program():
    options = ["--function", GET, "--direction", "request"]
    shown = run("decode", *options, ASKED)
    assert (json.loads(shown.stdout), shown.returncode) == (VALUE, 0)
    back = run("encode", *options, given=shown.stdout)
    assert back.stdout.strip() == ASKED.replace("05000000", "00000200", 1)
    wrong = run("decode", *options, "00")
    assert (wrong.stdout, wrong.returncode) == ("", 1)
    assert wrong.stderr == "error: byte 0: 4 bytes are needed, 1 are left\n"


@pytest.fixture
def program(monkeypatch, capsys):
    """Run the program in this process, with some bytes on its standard input."""

    def program(action, given=b"", *more, function=GET):
        monkeypatch.setattr(sys, "argv", ["stub", action, "--function", function, "--direction", "request", *more])
        monkeypatch.setattr(sys, "stdin", None if given is None else io.TextIOWrapper(io.BytesIO(given)))
        code = main()
        return code, *capsys.readouterr()

    return program


@pytest.mark.parametrize(
    ("action", "given", "said"),
    [
        ("decode", None, "the standard input is closed"),
        ("decode", b"", "byte 0: 4 bytes are needed, 0 are left"),
        ("decode", b"\xff\x00", "'utf-8' codec can't decode"),
        ("decode", b"0x00", "the stub must be hexadecimal digits, got '0x00'"),
        ("decode", b"z" * 100_000, "got 'zzz"),
        ("decode", b"000", "the stub must be hexadecimal digits"),
        ("decode", b"0000 0200 ffffffff 00000000 ffffffff", "byte 16: 8589934590 bytes are needed, 0 are left"),
        ("encode", b"", "Expecting value"),
        ("encode", b"[" * 100_000, "recursion"),
        ("encode", b'{"pRelationshipName": ' + b"9" * 10_000 + b"}", ""),
        ("encode", b'{"pRelationshipName": [' + b"9," * 10_000 + b"1]}", "must be a text, got [9, 9"),
        ("encode", b"NaN", "the parameters must be an object, got nan"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_nothing_on_the_input_is_a_traceback(program, action, given, said):
    code, out, err = program(action, given)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert said in err
    assert len(err) < 300
    assert err.count("\n") == 1


def test_the_input_may_have_a_mark_and_spaces(program):
    assert json.loads(program("decode", b"\xef\xbb\xbf " + ASKED.encode().replace(b"05", b" 05\n"))[1]) == VALUE
    assert program("encode", b"\xef\xbb\xbf" + json.dumps(VALUE).encode())[0] == 0


def counts(stub):
    """A stub with huge numbers, one at a time."""
    for at in range(0, len(stub), 4):
        for number in (0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0):
            yield stub[:at] + number.to_bytes(4, "little") + stub[at + 4 :]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("method", EXAMPLES)
def test_any_number_may_be_huge(method, direction):
    """Only what could be sent is shown, and nothing takes room for it first."""
    example = EXAMPLES[method]
    if direction == "request":
        stub = bytes(encode_request(method, example.arguments))
    else:
        stub = bytes(encode_response(method, example.answer, example.arguments))
    for made in counts(stub):
        with contextlib.suppress(StubError):
            json.dumps(decode(method, direction, made))


if sys.platform != "win32":

    def test_outputs_that_take_nothing():
        command = [
            sys.executable,
            "-m",
            "dhcpfo.rpc.stub",
            "decode",
            "--function",
            GET,
            "--direction",
            "request",
            ASKED,
        ]
        reading, writing = os.pipe()
        os.close(reading)
        closed = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        assert (closed.returncode, closed.stderr) == (1, "")
        if Path("/dev/full").exists():
            with Path("/dev/full").open("w") as full:
                done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            assert (done.returncode, done.stderr) == (1, "error: [Errno 28] No space left on device\n")


def test_the_program_needs_the_standard_library_only():
    code = "import sys, dhcpfo.rpc.stub; print([name for name in sys.modules if name.split('.')[0] in %r])"
    foreign = {"spnego", "gssapi", "krb5", "cryptography"}
    done = subprocess.run([sys.executable, "-c", code % foreign], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
