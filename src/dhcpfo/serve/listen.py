"""Listening: the socket, the token, and the end."""

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from os import PathLike, fspath
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import uvicorn

from ..models import Secret
from ..pair import FailoverPair
from .app import protected
from .guard import is_loopback
from .views import Fleet

if TYPE_CHECKING:
    from ..simulator import Lab

__all__ = ["PORT", "Listening", "serve"]

PORT = 8647
"""The port by default."""

LEAST_TOKEN = 16
"""Characters of a token."""

GRACE = 2
"""Seconds that requests get to end when the server stops."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that is ready.

    Attributes:
        url: The address of the page. If a token is needed, it ends with ``#code=…``, which logs in one browser, once:
            browsers keep addresses in their histories. They do not send that part.
        token: The token that was made for this run, or None.
        server: Ends when `stop` is called.
    """

    url: str
    token: str | None = field(repr=False)
    server: uvicorn.Server

    def stop(self) -> None:
        """End `serve`; any thread may call it."""
        self.server.should_exit = True


def serve(
    pairs: Mapping[str, FailoverPair],
    *,
    lab: "Lab | None" = None,
    file: str | PathLike[str] | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    names: Iterable[str] = (),
    token: str | Secret | None = None,
    certificate: str | PathLike[str] | None = None,
    key: str | PathLike[str] | None = None,
    interval: timedelta = timedelta(seconds=5),
    ready: Callable[[Listening], None] | None = None,
) -> int:
    """Show pairs in a browser until Ctrl-C.

    Args:
        pairs: The pairs by their name.
        lab: The lab that the pairs are in. Only then does the page have buttons that change something.
        file: A file that says how the pairs should be, as for ``dhcpfo plan``; see `create_app`.
        host: The address to listen on. By default only this machine reaches it.
        port: The port; 0 takes a free one.
        names: Names by which browsers reach it, besides its addresses and ``localhost``.
        token: What a browser must know, at least 16 characters. For an address that other machines reach, one is made
            if you pass none; ``ready`` gets it.
        certificate: A file with a certificate in PEM format, for TLS.
        key: The file with its key.
        interval: How old the states may get before they are read again.
        ready: Called with a `Listening` as soon as browsers can connect.

    Returns:
        How many calls to servers have not ended. Threads of the standard library's pools may keep the interpreter from
        ending until they do.

    Raises:
        ValueError: The token is too short.
        OSError: The address or the port cannot be used.
    """
    secret = None if token is None else Secret(token)
    made = None
    if secret is not None and len(secret.reveal()) < LEAST_TOKEN:
        raise ValueError(f"token must have at least {LEAST_TOKEN} characters")
    if secret is None and not is_loopback(host):
        made = token_urlsafe(24)
        secret = Secret(made)
    fleet = Fleet(pairs, lab=lab, interval=interval)
    if not is_loopback(host):
        names = [*names, host, socket.gethostname()]
    app = protected(fleet, file=file, host=host, names=names, token=secret, secure=certificate is not None)
    with _bound(host, port) as listener:
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            limit_concurrency=500,
            timeout_graceful_shutdown=GRACE,
            ssl_certfile=None if certificate is None else fspath(certificate),
            ssl_keyfile=None if key is None else fspath(key),
        )
        server = _Server(config)
        server.listening = Listening(_url(host, listener, app.code, config.is_ssl), made, server)
        server.ready = ready
        with suppress(KeyboardInterrupt):  # it comes after everything was closed
            server.run(sockets=[listener])
    return fleet.jobs.unended()


class _Server(uvicorn.Server):
    """Says when it is ready."""

    listening: Listening
    ready: Callable[[Listening], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets=sockets)
        if self.ready is not None:
            self.ready(self.listening)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _url(host: str, listener: socket.socket, code: str | None, secure: bool) -> str:
    port = listener.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104  every address of this machine: its name is one that works elsewhere
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{shown}:{port}/" + (f"#code={code}" if code else "")
