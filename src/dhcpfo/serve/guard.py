"""Who may ask: the Host header, the token, and requests that other sites make a browser send."""

import asyncio
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..models import Secret

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["KEY_HEADER", "Guard", "is_loopback"]

KEY_HEADER = "x-dhcpfo-key"
"""The header that every request for data carries. Another site cannot make a browser send it."""

MOST_BYTES = 64 * 1024
"""The longest body of a request."""

WRONG_TOKEN = 1.0
"""Seconds before the answer to a wrong token."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


class Guard:
    """ASGI middleware that stands before everything.

    Args:
        app: What it protects.
        host: The address that the server listens on.
        names: Names by which browsers may reach it, besides addresses.
        token: What a browser must know; None asks for nothing.
        secure: Whether the connection is encrypted, so that the cookie must be, too.
    """

    def __init__(
        self, app: "ASGIApp", *, host: str, names: Iterable[str] = (), token: Secret | None = None, secure: bool = False
    ) -> None:
        self._app = app
        self._local = is_loopback(host)
        self._names = {name.casefold().rstrip(".") for name in (*names, "localhost")}
        self._token = token
        self._secure = secure
        self.key = secrets.token_urlsafe(24)
        self._code = None if token is None else Secret(secrets.token_urlsafe(24))
        self._session = secrets.token_urlsafe(24)
        self._cookie = f"dhcpfo-{secrets.token_hex(4)}"  # cookies of one host are shared between its ports

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer or pass on a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_protected(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = await self._refusal(scope, receive)
        await (answer or self._app)(scope, receive, send_protected)

    async def _refusal(self, scope: "Scope", receive: "Receive") -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_our_host(hosts[0]):
            return PlainTextResponse("This server does not answer to that name.\n", 421)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("Method not allowed.\n", 405)
        if not path.startswith("/api/"):
            return None if scope["method"] != "POST" else PlainTextResponse("Method not allowed.\n", 405)
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _no("the request comes from another site", 403)
        origin = headers.get("origin")
        if origin is not None and origin != f"{'https' if self._secure else 'http'}://{hosts[0]}":
            return _no("the request comes from another site", 403)
        if scope["method"] == "POST":
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                return _no("the body must be application/json", 415)
            length = headers.get("content-length", "")
            if not length.isascii() or not length.isdecimal() or int(length[:9]) > MOST_BYTES or len(length) > 9:
                return _no(f"the body must have a length of at most {MOST_BYTES}", 413)
        if path == "/api/login":
            return None
        if not self._is_known(headers):
            return _no("a token is needed", 401)
        if path != "/api/session" and not _same(headers.get(KEY_HEADER, ""), self.key):
            return _no(f"the header {KEY_HEADER} is missing or old: load the page again", 403)
        return None

    def _is_our_host(self, given: str) -> bool:
        """Whether a browser that was told our name by us sends this; a name that somebody else's DNS has is refused."""
        name, bracket, rest = given[1:].partition("]") if given.startswith("[") else ("", "", given)
        if not bracket:
            name, _, rest = given.partition(":")
        elif rest.startswith(":"):
            rest = rest[1:]
        if rest and bracket and not rest.isdecimal():
            return False
        name = name.casefold().rstrip(".")
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return not bracket and name in self._names
        return address.is_loopback or not self._local

    def _is_known(self, headers: Headers) -> bool:
        if self._token is None:
            return True
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.casefold() == "bearer" and self._is_token(value.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and _same(cookie.value, self._session)

    def _is_token(self, text: str) -> bool:
        return self._token is not None and _same(text, self._token.reveal())

    @property
    def code(self) -> str | None:
        """What the first browser may send in place of the token; None without a token, and when it was used."""
        return None if self._code is None else self._code.reveal()

    async def log_in(self, given: Mapping[str, object]) -> Response:
        """Answer a browser that sends the token, or the code that works once: it gets a cookie, or waits a second.

        Args:
            given: ``token`` or ``code``.
        """
        if self._token is None:
            return JSONResponse({"ok": True})
        token, code = given.get("token"), given.get("code")
        if isinstance(code, str) and self._code is not None and _same(code, self._code.reveal()):
            self._code = None
        elif not isinstance(token, str) or not self._is_token(token):
            await asyncio.sleep(WRONG_TOKEN)
            return _no("the address works only once" if "code" in given else "the token is wrong", 401)
        answer = JSONResponse({"ok": True})
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", secure=self._secure)
        return answer


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _no(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status)
