"""The server's side of an NTLM logon against a client that signs the messages (MIC), as Windows' does."""

import sys
from struct import pack, unpack_from

import pytest

from dhcpfo.rpc.connection import LogonError
from dhcpfo.rpc.ntlm import NtlmAcceptor, nt_hash

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pyspnego uses Windows' own NTLM there")
spnego = pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")

USER, PASSWORD = "alice", "Swordfish-1"
MIC = slice(72, 88)


def lookup(user, domain):
    return nt_hash(PASSWORD) if user == USER else None


@pytest.fixture(scope="module")
def messages():
    """The three messages of a logon, and how to make an acceptor that has sent the second one."""
    client = spnego.client(f"LAB\\{USER}", PASSWORD, hostname="dhcp1", service="host", protocol="ntlm")
    first = NtlmAcceptor(lookup, "dhcp1")
    negotiate = client.step(None)
    challenge = first.step(negotiate)
    return negotiate, challenge, client.step(challenge)


def accept(messages, last, *, negotiate=None, challenge=None):
    """Let an acceptor check a last message; return it."""
    acceptor = NtlmAcceptor(lookup, "dhcp1")
    acceptor.step(messages[0])
    acceptor._negotiate = negotiate or messages[0]
    acceptor._challenge, acceptor._nonce = challenge or messages[1], messages[1][24:32]
    acceptor.step(bytes(last))
    return acceptor


def test_a_signed_logon_is_accepted(messages):
    assert any(messages[2][MIC])
    assert accept(messages, messages[2]).user == f"LAB\\{USER}"


def test_41_every_changed_byte_of_a_signed_logon_is_refused(messages):
    """Also those that do not matter: names, lengths that nobody reads, the version."""
    for at in range(len(messages[2])):
        changed = bytearray(messages[2])
        changed[at] ^= 0x55
        with pytest.raises(LogonError):
            accept(messages, changed)


@pytest.mark.parametrize("which", ["negotiate", "challenge"])
def test_41_what_was_changed_on_its_path_earlier_is_refused(messages, which):
    """Flags that somebody took out of the first two messages, above all."""
    original = messages[0] if which == "negotiate" else messages[1]
    for at in range(len(original)):
        changed = bytearray(original)
        changed[at] ^= 1
        with pytest.raises(LogonError, match="unknown user name or wrong password"):
            accept(messages, messages[2], **{which: bytes(changed)})


def test_41_a_signature_cannot_be_left_out(messages):
    """The client's proof covers that it signed."""
    blob_at = unpack_from("<I", messages[2], 24)[0] + 16
    blob = messages[2][blob_at:]
    flags_at = blob_at + blob.index(pack("<HHI", 6, 4, 2)) + 4
    without = bytearray(messages[2])
    without[MIC] = bytes(16)
    without[flags_at : flags_at + 4] = bytes(4)
    with pytest.raises(LogonError, match="unknown user name or wrong password"):
        accept(messages, without)


@pytest.mark.parametrize("one", [20, 28, 36, 52])
def test_41_fields_that_overlap_are_refused(messages, one):
    """They are read as they are; what they then say is not what was proved."""
    for other in {12, 20, 28, 36, 44, 52} - {one}:
        overlapping = bytearray(messages[2])
        overlapping[one : one + 8] = overlapping[other : other + 8]
        with pytest.raises(LogonError):
            accept(messages, overlapping)
