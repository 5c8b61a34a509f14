"""Calls that are interrupted. ``python tests/rpc/rpc_interrupts.py`` tries all of it.

No place for a connection is lost, no socket and no answer is left behind, and no change is carried out twice.
"""

import signal
import threading
import time

import pytest
from rpc_interrupts import search, storm

from dhcpfo._wire import NoPlace, Places


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError], ids=["interrupt", "alarm"])
@pytest.mark.parametrize(
    ("kind", "call", "step"),
    [("carried", "change", 1), ("slow", "change", 5), ("connecting", "read", 23), ("mapped", "change", 47)],
)
def test_a_call_may_be_interrupted_anywhere(kind, call, step, error):
    counted, stopped = search(kind, call, error, first=1 + (error is TimeoutError) * step // 2, step=step)
    assert counted > 100
    assert stopped > counted // step // 2


def test_a_logon_may_be_interrupted_anywhere():
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    counted, stopped = search("logon", "change", KeyboardInterrupt, step=73)
    assert stopped > counted // 73 // 2


def test_calls_go_on_after_many_signals():
    calls, stopped = storm(0.3)
    assert 0 < stopped <= calls


def soon():
    return time.monotonic() + 10


def test_places_are_free_again_after_anything():
    places = Places(2)
    assert places.hold(soon(), lambda *given: (given, places.used), 1, 2) == ((1, 2), 1)
    for error in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error):
            places.hold(soon(), next, iter(()), places.hold(soon(), raising, error))
        assert places.used == 0


def raising(error):
    raise error


def test_places_are_as_many_as_they_say():
    places = Places(2)
    with pytest.raises(NoPlace):
        places.hold(soon(), places.hold, soon(), places.hold, 0.0, int)
    assert places.used == 0
    seen = []

    def work():
        seen.append(places.used)
        time.sleep(0.001)

    threads = [threading.Thread(target=lambda: [places.hold(soon(), work) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 160
    assert max(seen) == 2
    assert places.used == 0


def test_who_waits_for_a_place_may_be_interrupted():
    """Nobody else who waits misses the place because of that."""
    places = Places(1)
    main, inside, leave, served = threading.get_ident(), threading.Event(), threading.Event(), []

    def hold():
        inside.set()
        leave.wait(10)

    def interrupt(*_):
        raise InterruptedError

    threads = [threading.Thread(target=places.hold, args=(soon(), hold))]
    threads[0].start()
    inside.wait(10)
    threads += [threading.Thread(target=places.hold, args=(soon(), served.append, 1)) for _ in range(2)]
    threads.append(threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGUSR1)))
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        for thread in threads[1:]:
            thread.start()
        with pytest.raises(InterruptedError):
            places.hold(soon(), int)
    finally:
        signal.signal(signal.SIGUSR1, before)
    leave.set()
    for thread in threads:
        thread.join()
    assert served == [1, 1]
    assert places.used == 0
