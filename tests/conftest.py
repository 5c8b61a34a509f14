"""What all tests share."""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from routes import EXTENSION_BUILT, ROUTES, stop_serving

pytest_plugins = ["pytester"]

settings.register_profile(
    "no-deadline",
    deadline=None,
    max_examples=int(os.environ.get("DHCPFO_SEARCH", "40")),  # a long search sets it
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("no-deadline")  # how fast a machine is says nothing about what it shows

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell does so to what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests send Ctrl-C to processes, which inherit this


@pytest.fixture(params=ROUTES)
def route(request: pytest.FixtureRequest) -> str:
    """Each backend in turn; the name of its route."""
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def no_block_is_left() -> Iterator[None]:
    """Fail a test after which a block that the loopback handed out is not freed, or was freed twice."""
    if not EXTENSION_BUILT:
        yield
        return
    from dhcpfo import _loopback

    before, bad = _loopback.live_blocks(), _loopback.bad_frees()
    yield
    stop_serving()
    if _loopback.live_blocks() != before:
        gc.collect()  # something that waits for the collector may hold an answer
    assert _loopback.live_blocks() == before
    assert _loopback.bad_frees() == bad
