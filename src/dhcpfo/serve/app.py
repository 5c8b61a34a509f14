"""The web application: the page, and the data that it asks for."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from ipaddress import IPv4Address
from os import PathLike
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import DhcpError
from ..models import Secret
from ..pair import FailoverPair, PairFailure, Refused
from ..pair.audit import DEPTHS
from .actions import act, same_elsewhere
from .guard import Guard, is_loopback
from .halves import error_data
from .jobs import Busy, Outcome
from .plans import make_plan
from .views import Fleet, ServedPair
from .wanted import FilePlans

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ..simulator import Lab

__all__ = ["create_app", "protected"]

PATIENCE = 1.0
"""Seconds that a request waits for a longer read. Then it answers "not yet", and the page asks again."""

TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def create_app(
    pairs: Mapping[str, FailoverPair],
    *,
    lab: "Lab | None" = None,
    file: str | PathLike[str] | None = None,
    host: str = "127.0.0.1",
    names: Iterable[str] = (),
    token: Secret | None = None,
    secure: bool = False,
    interval: timedelta = timedelta(seconds=5),
) -> "ASGIApp":
    """Return the application, for `serve` or for another ASGI server.

    Args:
        pairs: The pairs by their name.
        lab: The lab that the pairs are in. Only then does the page have buttons that change something.
        file: A file that says how the pairs should be, as for ``dhcpfo plan``: the page shows what would make them so.
            It is read again when it was changed. Its pairs have the names of ``pairs``.
        host: The address that the server listens on. Only an address of this machine alone needs no token.
        names: Names by which browsers reach it, besides its addresses and ``localhost``.
        token: What a browser must know.
        secure: Whether browsers connect with TLS.
        interval: How old the states may get before they are read again.

    Raises:
        ValueError: A token is needed for this address.
    """
    fleet = Fleet(pairs, lab=lab, interval=interval)
    return protected(fleet, file=file, host=host, names=names, token=token, secure=secure)


def protected(
    fleet: Fleet,
    *,
    file: str | PathLike[str] | None,
    host: str,
    names: Iterable[str],
    token: Secret | None,
    secure: bool,
) -> Guard:
    """Return the application for a fleet; see `create_app`."""
    if token is None and not is_loopback(host):
        raise ValueError(f"a token is needed to listen on {host}, which other machines may reach")
    views = _Views(fleet, None if file is None else FilePlans(fleet, file))
    routes = [Route("/api/login", views.log_in, methods=["POST"])]
    routes += [Route(f"/api/{path}", _json(view)) for path, view in views.reads.items()]
    if fleet.lab is not None:
        routes.append(Route("/api/pairs/{number:int}/act", _json(views.act), methods=["POST"]))
    routes += [Route(path, partial(_static, *found)) for path, found in _page().items()]
    guard = Guard(
        GZipMiddleware(Starlette(routes=routes), minimum_size=2000),
        host=host,
        names=names,
        token=token,
        secure=secure,
    )
    views.guard = guard
    return guard


def _page() -> dict[str, tuple[bytes, str]]:
    """Return the files of the page by their path."""
    found = {}
    for entry in (files(__package__) / "static").iterdir():
        suffix = entry.name[entry.name.rindex(".") :] if "." in entry.name else ""
        if suffix in TYPES:
            path = "/" if entry.name == "index.html" else f"/static/{entry.name}"
            found[path] = entry.read_bytes(), TYPES[suffix]
    return found


async def _static(content: bytes, kind: str, request: Request) -> Response:
    return Response(content, media_type=kind)


View = Callable[[Request], Awaitable[tuple[int, Any]]]


def _json(view: View) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with what a view returns, or with its error, as JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            status, data = await view(request)
        except Refused as error:
            status, data = 409, {"error": str(error), "guards": list(error.guards)}
        except PairFailure as error:
            status, data = 409, {"error": str(error)}
        except DhcpError as error:
            status, data = 502, {"error": str(error), **error_data(error)}
        except Busy as error:
            status, data = 503, {"error": str(error)}
        except LookupError:
            status, data = 404, {"error": "this pair is not shown any more: load the page again"}
        except (TypeError, ValueError, OverflowError) as error:
            status, data = HTTPStatus.BAD_REQUEST, {"error": str(error)}
        return _Answer(data, status)

    return endpoint


class _Answer(JSONResponse):
    """JSON in ASCII: names may have surrogates without a partner, which UTF-8 cannot hold."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")


class _Views:
    """The endpoints below ``/api/``."""

    guard: Guard

    def __init__(self, fleet: Fleet, plans: FilePlans | None) -> None:
        self._fleet = fleet
        self._plans = plans
        self.reads: dict[str, View] = {
            "session": self.session,
            "fleet": self.fleet,
            "pairs/{number:int}": self.pair,
            "pairs/{number:int}/timelines": self.timelines,
            "pairs/{number:int}/audit": self.audit,
            "pairs/{number:int}/scopes/{scope}": self.scope,
            "pairs/{number:int}/plan": self.plan,
        }
        if plans is not None:
            self.reads |= {"wanted": self.all_wanted, "pairs/{number:int}/wanted": self.wanted}
        if fleet.lab is not None:
            self.reads["pairs/{number:int}/lab"] = self.lab

    def _pair(self, request: Request) -> ServedPair:
        number: int = request.path_params["number"]
        if number >= len(self._fleet.pairs):
            raise LookupError
        return self._fleet.pairs[number]

    async def log_in(self, request: Request) -> Response:
        return await self.guard.log_in(await _body(request))

    async def session(self, request: Request) -> tuple[int, Any]:
        return 200, {
            "key": self.guard.key,
            "lab": self._fleet.lab is not None,
            "file": self._plans and self._plans.path,
        }

    async def fleet(self, request: Request) -> tuple[int, Any]:
        return 200, await run_in_threadpool(self._fleet.overview)

    async def pair(self, request: Request) -> tuple[int, Any]:
        return 200, await run_in_threadpool(self._fleet.pair, self._pair(request))

    async def timelines(self, request: Request) -> tuple[int, Any]:
        return 200, await run_in_threadpool(self._fleet.timelines, self._pair(request))

    async def audit(self, request: Request) -> tuple[int, Any]:
        depth = request.query_params.get("depth", "relationships")
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {', '.join(DEPTHS)}, got {depth!r}")
        return await _in_time(self._fleet.audit(self._pair(request), depth))

    async def scope(self, request: Request) -> tuple[int, Any]:
        return await _in_time(self._fleet.scope(self._pair(request), IPv4Address(request.path_params["scope"])))

    async def plan(self, request: Request) -> tuple[int, Any]:
        served, given = self._pair(request), dict(request.query_params)
        key = ("plan", tuple(sorted(given.items())))
        return await _in_time(self._fleet.longer(served, key, partial(make_plan, served.pair, given)))

    async def all_wanted(self, request: Request) -> tuple[int, Any]:
        assert self._plans is not None  # the path does not exist otherwise
        found = await run_in_threadpool(self._plans.all, again="again" in request.query_params)
        version = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]
        if request.query_params.get("have") == version:
            return 200, {"version": version}
        return 200, found | {"version": version}

    async def wanted(self, request: Request) -> tuple[int, Any]:
        assert self._plans is not None
        again = "again" in request.query_params
        found = await run_in_threadpool(self._plans.one, self._pair(request), again=again)
        return (202, {"pending": True}) if found is None else (200, found)

    async def lab(self, request: Request) -> tuple[int, Any]:
        return 200, await run_in_threadpool(self._fleet.lab_view, self._pair(request))

    async def act(self, request: Request) -> tuple[int, Any]:
        served, given = self._pair(request), await _body(request)
        action, lab = given.pop("action", None), self._fleet.lab
        assert lab is not None  # the path does not exist otherwise
        try:
            done = await run_in_threadpool(act, lab, served.pair, action, given)
        finally:
            self._fleet.changed()
        return 200, {"done": done, **same_elsewhere(served.pair, action, given)}


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ValueError("the body must be a JSON object") from None
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")
    return found


async def _in_time(outcome: Outcome) -> tuple[int, Any]:
    """Return the result of a job if it is there in time, otherwise "not yet"."""
    future = asyncio.wrap_future(outcome.future)
    done, _ = await asyncio.wait([future], timeout=PATIENCE)
    if done:
        return 200, future.result()
    return 202, {"pending": True}
