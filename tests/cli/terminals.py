"""Runs command lines in real terminals, each in its own process, in a few hundredths of a second.

A process of this module has imported the program already; for each command line it forks a child in a new terminal,
with its own width, signals and session. With ``DHCPFO_TERMINAL=program`` in the environment, the child starts the
installed program instead, and each command runs in all terminals; that takes some minutes.
"""

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

LONGEST = 30.0
"""Seconds after which a command line is killed."""


class Ended:
    """What a terminal showed, and the exit code."""

    def __init__(self, code, out, screen):
        self.code, self.out, self.screen = code, out, screen

    def __repr__(self):
        return f"<{self.code}\n{self.out}>"


class Terminals:
    """The process that forks."""

    def __init__(self):
        self._helper = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def run(self, *arguments, keys=(), width=100, encoding="utf-8", **environment):
        """Run a command line.

        Args:
            arguments: The command line.
            keys: Pairs of a text to wait for and what is typed then.
            width: The columns of the terminal.
            encoding: That of the output; ``"ascii"`` is the C locale's.
            environment: Variables of the environment.
        """
        asked = {"arguments": [*map(str, arguments)], "keys": keys, "width": width, "encoding": encoding}
        asked |= {"environment": environment, "folder": str(Path.cwd())}
        self._helper.stdin.write(json.dumps(asked) + "\n")
        self._helper.stdin.flush()
        return Ended(**json.loads(self._helper.stdout.readline()))

    def close(self):
        """End the process."""
        self._helper.stdin.close()
        self._helper.stdout.close()
        self._helper.wait(LONGEST)


def serve():
    """Answer requests until the input ends."""
    import contextlib
    import gc
    import importlib
    import io

    from dhcpfo.cli import main, table

    for name in table.COMMANDS:
        table.load_plain(name) if name in table.PLAIN else table.load(name)
    for name in ("cli.log", "cli.terminal", "fleet.monitor.check", "simulator.connect"):
        importlib.import_module(f"dhcpfo.{name}")
    with contextlib.redirect_stdout(io.StringIO()):  # what these import, too
        main(["schema"])
        main(["demo", "--json"])
    gc.freeze()  # or the children would copy all of it
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def answer(asked):
    """Run one command line in a new terminal."""
    import fcntl
    import pty
    import struct
    import termios

    process, terminal = pty.fork()
    if process == 0:
        child(asked)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, asked["width"], 0, 0))
    os.write(terminal, b"")
    out = read(process, terminal, asked["keys"])
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    text = out.decode("utf-8", "replace").replace("\r\n", "\n")
    return {"code": os.waitstatus_to_exitcode(status), "out": text, "screen": shown(text)}


def read(process, terminal, keys):
    """Return what comes from a terminal until its program ends; type keys when their texts have come."""
    import select
    import signal

    out, seen, left, end = b"", 0, list(keys), time.monotonic() + LONGEST
    while True:
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            return out + b"\n(no end)\n"
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux' end of a terminal
            part = b""
        if not part:
            return out
        out += part
        if left and (found := out.find(left[0][0].encode(), seen)) >= 0:
            seen = found + len(left[0][0].encode())
            os.write(terminal, left.pop(0)[1].encode())


def shown(text):
    """Return what stands on the screen, without colours; what was drawn over is still there."""
    import re

    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def child(asked):
    """Be the program."""
    import signal
    import termios

    signal.signal(signal.SIGINT, signal.default_int_handler)
    while os.get_terminal_size(0).columns != asked["width"]:  # the parent is about to set it
        time.sleep(0.001)
    for name in [name for name in os.environ if name.startswith(("LC_", "COLUMNS", "NO_COLOR", "FORCE_COLOR"))]:
        del os.environ[name]
    os.environ.update({"TERM": "xterm-256color"} | asked["environment"])
    os.chdir(asked["folder"])
    before = termios.tcgetattr(0)
    code = 99
    try:
        if os.environ.get("DHCPFO_TERMINAL") == "program":
            os.environ["PYTHONIOENCODING"] = asked["encoding"]
            program = str(Path(sysconfig.get_path("scripts")) / "dhcpfo")
            os.execv(program, [program, *asked["arguments"]])
        from dhcpfo.cli import main

        errors = "strict" if asked["encoding"] == "utf-8" else "surrogateescape"
        sys.stdin = open(0, encoding=asked["encoding"], closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", 1, asked["encoding"], errors, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, asked["encoding"], "backslashreplace", closefd=False)  # noqa: SIM115
        code = main(asked["arguments"])
        sys.stdout.flush()
        if termios.tcgetattr(0) != before:
            sys.stderr.write("the terminal is not as it was\n")
            code = 98
    except BaseException:  # noqa: BLE001  the child must end here
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve()
