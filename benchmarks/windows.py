"""Compare the cost of a call on Windows through dhcpfo, a plain ctypes binding and win32more, with equal results.

``python tools/windows.py benchmark`` runs it under Wine, where ``connect()`` reaches a stand-in for dhcpsapi.dll that
forwards to the canned provider of ``binding.py``. Times under Wine only compare things within one run; they say nothing
about Windows.
"""

import argparse
import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from binding import best, repeat
from peer import CtypesApi

import dhcpfo
from dhcpfo import FailoverMode, FailoverState, Relationship, ServerType, SystemTime

DWORD = ctypes.c_uint32
NEVER = 0xFFFFFFFF
WHOLE = 0xFFFFFFFF
IMPORTS = 9


class Win32MoreApi:
    """The measured functions through win32more, converted to dhcpfo's models."""

    def __init__(self) -> None:
        # Not at the top: --help works without win32more.
        from win32more.Windows.Win32.NetworkManagement import Dhcp

        self._dhcp: Any = Dhcp

    def get_system_time(self) -> SystemTime:
        """Call and convert."""
        clock, delta = DWORD(), DWORD()
        if code := self._dhcp.DhcpV4FailoverGetSystemTime(None, ctypes.byref(clock), ctypes.byref(delta)):
            raise OSError(code)
        return _system_time(clock.value, delta.value)

    def get_relationship(self, name: str) -> Relationship:
        """Call, convert, free."""
        answer = ctypes.POINTER(self._dhcp.DHCP_FAILOVER_RELATIONSHIP)()
        if code := self._dhcp.DhcpV4FailoverGetRelationship(None, name, ctypes.byref(answer)):
            raise OSError(code)
        try:
            return self._convert(answer.contents)
        finally:
            self._free_inside(answer.contents)
            self._dhcp.DhcpRpcFreeMemory(answer)

    def relationships(self) -> list[Relationship]:
        """Call, convert, free."""
        resume, read, total = DWORD(), DWORD(), DWORD()
        answer = ctypes.POINTER(self._dhcp.DHCP_FAILOVER_RELATIONSHIP_ARRAY)()
        code = self._dhcp.DhcpV4FailoverEnumRelationship(
            None, ctypes.byref(resume), WHOLE, ctypes.byref(answer), ctypes.byref(read), ctypes.byref(total)
        )
        if code:
            raise OSError(code)
        array = answer.contents
        try:
            return [self._convert(raw) for raw in array.pRelationships[: array.NumElements]]
        finally:
            for raw in array.pRelationships[: array.NumElements]:
                self._free_inside(raw)
            self._dhcp.DhcpRpcFreeMemory(array.pRelationships)
            self._dhcp.DhcpRpcFreeMemory(answer)

    def _convert(self, raw: Any) -> Relationship:
        scopes = raw.pScopes.contents
        return Relationship(
            name=raw.RelationshipName,
            primary_server=IPv4Address(raw.PrimaryServer),
            secondary_server=IPv4Address(raw.SecondaryServer),
            primary_server_name=raw.PrimaryServerName,
            secondary_server_name=raw.SecondaryServerName,
            mode=FailoverMode(raw.Mode),
            server_type=ServerType(raw.ServerType),
            state=FailoverState(raw.State),
            previous_state=FailoverState(raw.PrevState),
            mclt=timedelta(seconds=raw.Mclt),
            state_switch_interval=None if raw.SafePeriod == NEVER else timedelta(seconds=raw.SafePeriod),
            percentage=raw.Percentage,
            scopes=[IPv4Address(number) for number in scopes.Elements[: scopes.NumElements]],
            shared_secret=raw.SharedSecret,
        )

    def _free_inside(self, raw: Any) -> None:
        # Reading a PWSTR member gives a copy of the text; the pointer to free is in the structure's bytes.
        for member in ("RelationshipName", "PrimaryServerName", "SecondaryServerName", "SharedSecret"):
            address = ctypes.addressof(raw) + getattr(type(raw), member).offset
            self._dhcp.DhcpRpcFreeMemory(ctypes.c_void_p.from_address(address))
        self._dhcp.DhcpRpcFreeMemory(raw.pScopes.contents.Elements)
        self._dhcp.DhcpRpcFreeMemory(raw.pScopes)


class PlainApi(CtypesApi):
    """The plain ctypes binding, with the scalar call."""

    def __init__(self, library: ctypes.CDLL) -> None:
        super().__init__(library)
        size = ctypes.c_size_t.in_dll(library, "table").value
        pointers = (ctypes.c_void_p * (size // ctypes.sizeof(ctypes.c_void_p))).in_dll(library, "table")
        out = ctypes.POINTER(DWORD)
        self._time = ctypes.WINFUNCTYPE(DWORD, ctypes.c_char_p, out, out)(pointers[11])

    def get_system_time(self) -> SystemTime:
        """Call and convert."""
        clock, delta = DWORD(), DWORD()
        if code := self._time(None, clock, delta):
            raise OSError(code)
        return _system_time(clock.value, delta.value)


def _system_time(clock: int, delta: int) -> SystemTime:
    return SystemTime(time=datetime.fromtimestamp(clock, UTC), max_allowed_difference=timedelta(seconds=delta))


def import_cost(code: str) -> float:
    """Return the milliseconds that a line of code takes in a new interpreter, the best of several runs."""
    times = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    library = ctypes.CDLL(os.environ["DHCPFO_BENCHMARK_PROVIDER"])
    server = dhcpfo.connect()
    standin = ctypes.WinDLL("dhcpsapi.dll")
    if not standin.standin_use(ctypes.byref(ctypes.c_size_t.in_dll(library, "table"))):
        raise SystemExit("the provider and the stand-in were built from different headers")
    library.configure(31, 30, 0)
    plain, raw = PlainApi(library), Win32MoreApi()
    cases: dict[str, Callable[[Any], object]] = {
        "get_system_time": lambda api: api.get_system_time(),
        "get_relationship, 30 scopes": lambda api: api.get_relationship("a-b"),
        "  with every scope read": lambda api: list(api.get_relationship("a-b").scopes),
        "relationships, 31 x 30": lambda api: api.relationships(),
        "  and every scope read": lambda api: [list(each.scopes) for each in api.relationships()],
    }
    print(f"microseconds a call, Python {sys.version.split()[0]} on {sys.platform}")
    print(f"{'':<30}{'dhcpfo':>9}{'ctypes':>10}{'win32more':>11}{'ctypes/':>9}{'win32more/':>12}")
    for case, call in cases.items():
        if not call(server) == call(plain) == call(raw):
            raise SystemExit(f"{case}: the answers differ")
        times = best({name: _calls(call, api) for name, api in (("o", server), ("c", plain), ("w", raw))})
        ours, theirs, more = times["o"], times["c"], times["w"]
        print(f"{case:<30}{ours:>9.2f}{theirs:>10.2f}{more:>11.2f}{theirs / ours:>8.1f}x{more / ours:>11.1f}x")
    bare = import_cost("pass")
    ours = import_cost("import dhcpfo; dhcpfo.connect()") - bare
    more = import_cost("from win32more.Windows.Win32.NetworkManagement import Dhcp") - bare
    print(f"import, ms above a bare interpreter: dhcpfo with its extension {ours:.0f}, win32more {more:.0f}")


def _calls(call: Callable[[Any], object], api: object) -> Callable[[int], None]:
    return repeat(lambda: call(api))


if __name__ == "__main__":
    main()
