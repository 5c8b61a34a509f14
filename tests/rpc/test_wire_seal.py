"""The sealing of NTLM, against published digests and recorded sessions."""

import contextlib
import hashlib
import hmac
import json
import struct
import subprocess
from pathlib import Path

import pytest

from dhcpfo._wire import Seal, decode_request, decode_response, md4, md5, rc4
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError
from foreign import ROOT, compiler

pytestmark = pytest.mark.abi

SESSIONS = sorted((Path(__file__).parent / "vectors").glob("session_*.json"))
VERIFICATION = bytes.fromhex("8ae3137102f43671")
KEY = bytes(range(16))
TRAILER = 8
LEVEL_PRIVACY = 6
SPNEGO = 9
REQUEST, RESPONSE, FAULT = 0, 2, 3
PLAIN = 24
TOKEN = 16


@pytest.mark.parametrize("size", [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000])
def test_md5_is_that_of_hashlib(size):
    data = bytes(number * 7 % 251 for number in range(size))
    assert md5(data) == hashlib.md5(data, usedforsecurity=False).digest()


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
        ("1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
)
def test_md4_is_that_of_rfc_1320(text, digest):
    assert md4(text.encode()).hex() == digest


@pytest.mark.parametrize(
    ("key", "text", "made"),
    [
        ("0123456789abcdef", "0123456789abcdef", "75b7878099e0c596"),
        ("0123456789abcdef", "00" * 8, "7494c2e7104b0879"),
        ("ef012345", "00" * 10, "d6a141a7ec3c38dfbd61"),
    ],
)
def test_rc4_is_the_known_one(key, text, made):
    assert rc4(bytes.fromhex(key), bytes.fromhex(text)).hex() == made
    assert rc4(bytes.fromhex(key), memoryview(bytes.fromhex(made))).hex() == text


def test_rc4_needs_a_key():
    with pytest.raises(ValueError, match="key must not be empty"):
        rc4(b"", b"data")


def test_a_big_endian_machine_is_refused():
    header = ROOT / "include" / "ntlm.h"
    big = ("-U__BYTE_ORDER__", "-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__")
    for options, right in (((), True), (big, False)):
        command = [compiler(), "-fsyntax-only", *options, "-xc", str(header)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == right
    assert "this machine is big-endian" in done.stderr


def pair(seq=0):
    return Seal(KEY, True, seq), Seal(KEY, False, seq)


def made(stub, filler=b"h"):
    """A PDU with a stub, and where the stub lies."""
    pdu = bytearray(filler * PLAIN + stub + b"t" * TRAILER + bytes(TOKEN))
    return pdu, PLAIN, PLAIN + len(stub)


@pytest.mark.parametrize("size", [0, 1, 16, 352, 5800])
@pytest.mark.parametrize("seq", [0, 1, 0xFFFFFFFF])
def test_what_one_end_seals_the_other_unseals(size, seq):
    client, server = pair(seq)
    stub = bytes(number % 256 for number in range(size))
    for sender, receiver in ((client, server), (server, client), (client, server)):
        pdu, *places = made(stub)
        sender.seal(pdu, *places)
        assert (pdu[PLAIN : places[1]] == stub) == (size == 0)
        receiver.unseal(memoryview(pdu), *places)
        assert pdu[PLAIN : places[1]] == stub


def test_pdus_are_those_of_the_specification():
    """Of every length around the blocks of the digest; computed with `hmac` and `hashlib` from the formula."""
    magic = b"session key to client-to-server %s key magic constant\0"
    sign, seal = (hashlib.md5(KEY + magic % what, usedforsecurity=False).digest() for what in (b"signing", b"sealing"))
    sender, receiver = Seal(KEY, True, 5), Seal(KEY, False, 5)
    before = b""  # what the stream has passed over
    for number, size in enumerate((16, *range(260)), 5):
        pdu, start, stop = made(bytes(at * 7 % 251 for at in range(size)))
        clear = bytes(pdu[:-TOKEN])
        sender.seal(pdu, start, stop)
        mac = hmac.digest(sign, struct.pack("<I", number) + clear, "md5")[:8]
        stream = rc4(seal, before + clear[start:stop] + mac)[len(before) :]
        assert pdu[start:stop] == stream[:size]
        assert pdu[-TOKEN:] == struct.pack("<I", 1) + stream[size:] + struct.pack("<I", number)
        receiver.unseal(pdu, start, stop)
        assert pdu[:-TOKEN] == clear
        before += bytes(size + 8)


def test_every_changed_byte_is_noticed():
    whole, start, stop = made(b"a stub of more bytes than three blocks " * 6)
    Seal(KEY, True).seal(whole, start, stop)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="the signature of the PDU is wrong"):
            Seal(KEY, False).unseal(changed, start, stop)


@pytest.mark.parametrize(("before", "last"), [([0], 0), ([0], 2), ([], 1)], ids=["repeated", "one lost", "first lost"])
def test_order_is_part_of_the_signature(before, last):
    client, server = pair()
    pdus = []
    for number in range(3):
        pdu, *places = made(b"call %d" % number)
        client.seal(pdu, *places)
        pdus.append(bytes(pdu))
    for number in before:
        server.unseal(bytearray(pdus[number]), *places)
    with pytest.raises(ValueError, match="the signature of the PDU is wrong"):
        server.unseal(bytearray(pdus[last]), *places)


def test_an_end_does_not_take_its_own_pdus():
    client, _ = pair()
    pdu, *places = made(b"stub")
    client.seal(pdu, *places)
    with pytest.raises(ValueError, match="the signature"):
        client.unseal(pdu, *places)


@pytest.mark.parametrize(("start", "stop"), [(-1, 4), (5, 4), (0, 49), (0, 64), (2**62, 2**62)])
def test_places_outside_the_pdu_are_refused(start, stop):
    pdu = bytearray(64)
    for method in ("seal", "unseal"):
        with pytest.raises(ValueError, match="must lie before the last 16 bytes of 64"):
            getattr(Seal(KEY, True), method)(pdu, start, stop)
    assert pdu == bytes(64)


def test_what_cannot_be_written_to_is_refused():
    with pytest.raises(BufferError):
        Seal(KEY, True).seal(bytes(64), 0, 0)
    with pytest.raises(ValueError, match="session_key must have 16 bytes, got 8"):
        Seal(bytes(8), True)
    with pytest.raises(TypeError, match="a Seal cannot be pickled"):
        Seal(KEY, True).__reduce__()


def recorded(path):
    """The calls of a session: (direction, bytes)."""
    session = json.loads(path.read_text("utf-8"))
    pdus = [(pdu["direction"], bytes.fromhex(pdu["pdu"])) for pdu in session["pdus"]]
    return session, [(way, pdu) for way, pdu in pdus if pdu[2] in (REQUEST, RESPONSE, FAULT)]


def number(pdu, at, size):
    return int.from_bytes(pdu[at : at + size], "little")


def unsealed(path):
    """The calls of a session in the clear; each token is that which we would have made, too."""
    session, pdus = recorded(path)
    level = session.get("auth_level", 0)
    ends = {}
    if level >= LEVEL_PRIVACY - 1:
        key, seq = bytes.fromhex(session["exported_session_key"]), int(session["auth_type"] == SPNEGO)
        ends["client_to_server"] = (Seal(key, False, seq), Seal(key, True, seq))
        ends["server_to_client"] = (Seal(key, True, seq), Seal(key, False, seq))
    for way, pdu in pdus:
        clear = bytearray(pdu)
        stop = len(pdu) - number(pdu, 10, 2) - TRAILER * bool(number(pdu, 10, 2))
        if ends and number(pdu, 10, 2):  # a fault may come without a token
            places = (PLAIN, stop) if level == LEVEL_PRIVACY else (PLAIN, PLAIN)
            receiver, sender = ends[way]
            receiver.unseal(clear, *places)
            again = clear[:-TOKEN] + bytes(TOKEN)
            sender.seal(again, *places)
            assert again == pdu
        padding = clear[stop + 2] if number(pdu, 10, 2) else 0
        yield clear[: stop - padding]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_recorded_sessions(path):
    """A foreign client and a foreign server: tokens, and what the calls say."""
    methods = {function.opnum: name for name, function in FUNCTIONS.items() if function.interface == "dhcpsrv2"}
    asked, codes = {}, []
    for pdu in unsealed(path):
        call, stub, method = number(pdu, 12, 4), bytes(pdu[PLAIN:]), methods.get(number(pdu, 22, 2))
        if pdu[2] == REQUEST and method:  # the last call is one that the server does not have
            end = stub.rfind(VERIFICATION)
            asked[call] = method, decode_request(method, stub if end < 0 else stub[:end])
        elif pdu[2] == RESPONSE:
            method, arguments = asked.pop(call)
            codes.append(number(stub, len(stub) - 4, 4))
            with pytest.raises(DhcpError) if codes[-1] else contextlib.nullcontext() as caught:
                decode_response(method, stub, arguments, "dhcp1")
            assert not codes[-1] or caught.value.winerror == codes[-1]
    assert len(codes) >= 3
    assert asked == {}
