"""A Wine prefix of our own, without a screen, and programs in it.

Three things that Wine 8 asks for: standard streams that are pipes or devices, since it cannot stat an inherited
regular file and CPython dies on that; a server and services that were started with streams of their own, since they
keep those of whoever starts them; and no 32-bit part, which Debian's ``wine`` wrapper would complain about.
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

# Seconds without any client after which a server ends by itself, should nobody end it.
LINGER = 60

# How often to try to make a prefix.
TRIES = 3


def windows_path(path: Path) -> str:
    """Return the name under which Wine's programs see a file of this machine."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


class Wine:
    """A context in which Windows programs run; the server lives as long as the context."""

    def __init__(self) -> None:
        self._wine = program("wine64")
        self._server = str(Path(self._wine).with_name("wineserver64"))
        version = subprocess.run([self._wine, "--version"], check=True, capture_output=True, text=True).stdout
        self._prefix = cache() / ("prefix-" + version.split()[0])

    def __enter__(self) -> "Wine":
        if not self._prefix.exists():
            self._make_prefix()
        # What a run that was killed may have left; the caller sees to it that there is one run at a time.
        self._stop(self._prefix)
        self._start(self._prefix)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(self._prefix)

    def run(self, *command: str | Path, cwd: Path, timeout: float, **variables: str) -> int:
        """Run a Windows program, show what it prints, and return its exit code."""
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
        # Ends everything in the prefix: a child that outlives its parent would keep the pipe open.
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
                # Seen once in many, without a cause that Wine told.
                print(f"making a Wine prefix failed: {error}; {left} tries left", flush=True)
                if not left:
                    raise

    def _try_to_make_prefix(self) -> None:
        # Made beside its place and renamed when it is whole: a run that is cut off leaves no half prefix to use.
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
        # -k fails where no server runs, which is what is wanted; -w waits until it is gone.
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
    """Show what a process prints while it prints it: a line that grows says where a test hangs."""
    assert process.stdout is not None
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while chunk := process.stdout.read(1 << 16):
        sys.stdout.write(decoder.decode(chunk).replace("\r\n", "\n"))
        sys.stdout.flush()
