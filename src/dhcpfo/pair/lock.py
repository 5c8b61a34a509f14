"""An advisory lock, so that two operations of this machine's processes do not change one pair at the same time."""

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Refused

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["hold"]

_guard = threading.Lock()
_threads: dict[str, threading.Lock] = {}


def _key(pair: "FailoverPair") -> str | None:
    """Return what identifies the two servers to other processes; None if no other process can reach them."""
    try:
        ends = sorted(pickle.dumps(server) for server in (pair.primary, pair.secondary))
    except (TypeError, pickle.PicklingError, AttributeError):
        return None
    return hashlib.sha256(b"\n".join(ends)).hexdigest()[:24]


@contextmanager
def hold(pair: "FailoverPair") -> Iterator[None]:
    """Hold the lock of a pair. Threads of this process wait for each other.

    Raises:
        Refused: Another process of this machine is changing the pair.
    """
    key = _key(pair)
    with _guard:
        lock = _threads.setdefault(key or f"{id(pair.primary.api)} {id(pair.secondary.api)}", threading.Lock())
    with lock:
        if key is None:
            yield
            return
        path = Path(tempfile.gettempdir()) / f"dhcpfo-{key}.lock"
        _take(path)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                path.unlink()


def _take(path: Path) -> None:
    for _ in range(3):
        try:
            with path.open("x", encoding="ascii") as file:
                file.write(str(os.getpid()))
            return
        except FileExistsError:
            owner = _owner(path)
            if owner is not None:
                raise Refused(f"process {owner} of this machine is changing this pair") from None
            with contextlib.suppress(OSError):
                path.unlink()  # of a process that is gone
        except OSError:
            return  # advisory: without a place for the file nothing is locked


def _owner(path: Path) -> int | None:
    """Return the process that holds a lock, if it still runs."""
    try:
        owner = int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None
    if owner == os.getpid():
        return None
    return owner if _runs(owner) else None


def _runs(process: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
