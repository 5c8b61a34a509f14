"""Run Windows programs in a separate Wine prefix, without a screen.

Wine 8 needs three things. Standard streams must be pipes or devices: it cannot stat an inherited regular file, and
CPython exits because of that. Its server and services must be started with their own streams, because they keep those
of their parent. And the 64-bit binaries must be called directly, because Debian's ``wine`` wrapper complains about the
missing 32-bit part.
"""

import codecs
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from parts import cache, program

# Seconds without a client after which a Wine server ends by itself if nobody stops it.
LINGER = 60

# How often to try to make a prefix.
TRIES = 3


def windows_path(path: Path) -> str:
    """Return the path of a Linux file as programs under Wine see it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


class Wine:
    """A context manager in which Windows programs run; it starts and stops the Wine server."""

    def __init__(self) -> None:
        self._wine = program("wine64")
        self._server = str(Path(self._wine).with_name("wineserver64"))
        version = subprocess.run([self._wine, "--version"], check=True, capture_output=True, text=True).stdout
        self._prefix = cache() / ("prefix-" + version.split()[0])

    def __enter__(self) -> "Wine":
        if not self._prefix.exists():
            self._make_prefix()
        # A killed run may have left a server. The caller ensures that there is only one run at a time.
        self._stop(self._prefix)
        self._start(self._prefix)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(self._prefix)

    def run(self, *command: str | Path, cwd: Path, timeout: float, **variables: str) -> int:
        """Run a Windows program, print its output, and return its exit code."""
        environment = self._environment(self._prefix) | variables
        words = [self._wine, *(windows_path(word) if isinstance(word, Path) else word for word in command)]
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        # Stop everything in the prefix: a child that outlives its parent would keep the pipe open.
        watch = threading.Timer(timeout, self._stop, [self._prefix])
        watch.start()
        try:
            with process:
                _show(process)
            return process.returncode
        finally:
            watch.cancel()

    def _make_prefix(self) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._try_to_make_prefix()
                return
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                # This happens rarely, and Wine does not say why.
                print(f"making a Wine prefix failed: {error}; {left} tries left", flush=True)
                if not left:
                    raise

    def _try_to_make_prefix(self) -> None:
        # Create it under another name and rename it when complete: an interrupted run leaves no incomplete prefix.
        self._prefix.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._prefix.parent))
        try:
            self._silently(scratch, self._server, f"-p{LINGER}")
            self._silently(scratch, self._wine, "wineboot", "--init")
            self._silently(
                scratch, self._wine, "reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"
            )
            self._stop(scratch)
            scratch.rename(self._prefix)
        except BaseException:
            self._stop(scratch)
            shutil.rmtree(scratch, ignore_errors=True)
            raise

    def _start(self, prefix: Path) -> None:
        self._silently(prefix, self._server, f"-p{LINGER}")
        self._silently(prefix, self._wine, "cmd", "/c", "exit")

    def _stop(self, prefix: Path) -> None:
        # -k fails if no server runs, which is fine; -w waits until it has ended.
        for option in ("-k", "-w"):
            subprocess.run([self._server, option], check=False, env=self._environment(prefix), capture_output=True)

    def _silently(self, prefix: Path, *command: str) -> None:
        nowhere = subprocess.DEVNULL
        environment = self._environment(prefix)
        subprocess.run(command, check=True, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere, timeout=300)

    def _environment(self, prefix: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINESERVER": self._server,
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree=;mshtml=;winedbg.exe=d",
        }


def _show(process: subprocess.Popen[bytes]) -> None:
    """Print the output of a process as it arrives: an unfinished line shows which test hangs."""
    assert process.stdout is not None
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while chunk := process.stdout.read(1 << 16):
        sys.stdout.write(decoder.decode(chunk).replace("\r\n", "\n"))
        sys.stdout.flush()
