"""Labs in files, and the command line in this process."""

import importlib.util
import io
import json
import sys

import pytest
from terminals import Terminals

from dhcpfo.cli import main
from dhcpfo.simulator import Lab

# The command line's own packages are optional.
collect_ignore_glob = [] if importlib.util.find_spec("typer") is not None else ["test_*.py"]

SECRET = "marker-secret-4711"


@pytest.fixture
def lab(tmp_path):
    """A lab in a file with a pair: dhcp1 and dhcp2 with hq-branch, and a third scope on dhcp1 only."""
    with Lab.open(tmp_path / "a.lab") as lab:
        lab.add_pair("hq-branch", scopes=["10.0.1.0/24", "10.0.2.0/24"], percentage=60, shared_secret=SECRET)
        lab.add_scope("10.0.3.0/24", servers=["dhcp1"])
        yield lab


@pytest.fixture
def path(lab, tmp_path):
    """The lab's file."""
    return str(tmp_path / "a.lab")


class Answer:
    """What a command line printed and returned."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()

    def __repr__(self):
        return f"<{self.code}\n{self.out}\n{self.err}>"


class Terminal(io.StringIO):
    """A standard input on which somebody types."""

    def isatty(self):
        return True


@pytest.fixture
def run(path, capsys, monkeypatch):
    """Run a command line on the lab; ``typed`` is what somebody types."""

    def run(*arguments, typed=None, on_lab=True):
        if on_lab:
            arguments = (*arguments, "--lab", path)
        monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        assert "Traceback" not in out + err
        return Answer(code, out, err)

    return run


@pytest.fixture(scope="session")
def terminals():
    """Terminals in which command lines run."""
    pytest.importorskip("termios", reason="pexpect needs a terminal of POSIX")
    made = Terminals()
    yield made
    made.close()
