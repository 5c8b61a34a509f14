"""Two ends of a connection without sockets, and a logon with a key that both know."""

from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.connection import Answer, LogonError, Refused, Request
from dhcpfo.rpc.ntlm import NtlmProtection
from dhcpfo.rpc.server_connection import Policy, ServerConnection

KEY = bytes(range(16))
INTERFACES = (wire.DHCPSRV2, wire.DHCPSRV)
STUB = bytes(range(1, 41))


class KnownLogon:
    """A client's logon of two legs (NTLM) or four (SPNEGO), without a secret."""

    level = wire.PRIVACY
    mechanism = "ntlm"
    why_not_kerberos = ""

    def __init__(self, kind=wire.NTLM, header_signing=False):
        self.type = kind
        self.complete = False
        self._steps = 0
        self._header_signing = header_signing

    def step(self, token):
        self._steps += 1
        if self.complete:
            return None
        if self._steps > 1 and token != b"challenge":
            raise LogonError("the challenge is wrong")
        self.complete = self._steps == 2
        return b"negotiate" if self._steps == 1 else b"authenticate"

    def needs_header_signing(self):
        return self._header_signing

    def protection(self):
        return NtlmProtection(KEY, client=True, type=self.type, level=self.level, number=0)


class KnownAcceptor:
    """The server's side of a `KnownLogon`."""

    def __init__(self, kind=wire.NTLM, level=wire.PRIVACY):
        self.type = kind
        self.complete = False
        self.user = ""

    def step(self, token):
        if token == b"negotiate":
            return b"challenge"
        if token != b"authenticate":
            raise LogonError("the password is wrong")
        self.complete, self.user = True, "alice"
        return None if self.type == wire.NTLM else b"welcome"

    def protection(self, level, *, signs_headers):
        return NtlmProtection(KEY, client=False, type=self.type, level=level, number=0)


def policy(protected=False, **changes):
    values = {
        "interfaces": dict.fromkeys(INTERFACES, protected) | {wire.MGMT: False},
        "acceptor": KnownAcceptor,
        "port": 49152,
    }
    return Policy(**values | changes)


def ends(kind=None, **changes):
    """A client and a server that have not spoken yet."""
    logon = None if kind is None else KnownLogon(kind)
    return ClientConnection(INTERFACES, logon), ServerConnection(policy(kind is not None, **changes))


def bound(kind=None, **changes):
    """A client and a server after the logon."""
    client, server = ends(kind, **changes)
    to_server = client.start()
    while to_server:
        assert not refusals(server.receive(to_server))
        assert not refusals(client.receive(server.outgoing()))
        to_server = client.outgoing()
    return client, server


def sealed_fault(server, call, status, executed):
    """A fault with a verifier, which this package's server does not send."""
    server.fault(call, status, executed=executed)  # the call is over
    plain = wire.pack_fault(call, status, executed=executed)
    return (
        plain if server._protection is None else server._seal_fragment(wire.Type.FAULT, call, plain[16:], b"", plain[3])
    )


def refusals(events):
    return [event for event in events if isinstance(event, Refused)]


def requests(events):
    return [event for event in events if isinstance(event, Request)]


def answers(events):
    return [event for event in events if isinstance(event, Answer)]


def feed(connection, data, size=1):
    """Feed bytes in pieces; return the events."""
    events = []
    for at in range(0, len(data), size):
        events += connection.receive(bytes(data[at : at + size]))
    return events


def changed(data, at, value):
    """The same bytes with others at one place."""
    value = bytes((value,)) if isinstance(value, int) else value
    copy = bytearray(data)
    copy[at : at + len(value)] = value
    return bytes(copy)


def split(data):
    """The PDUs in some bytes."""
    pdus = []
    while data:
        length = int.from_bytes(data[8:10], "little")
        pdus.append(bytes(data[:length]))
        data = data[length:]
    return pdus


def pdu(kind, body=b"", *, call=1, flags=wire.WHOLE, token_length=0, length=None):
    """A PDU with any header."""
    length = wire.HEADER + len(body) if length is None else length
    return wire.pack_header(kind, flags, length, token_length, call) + body
