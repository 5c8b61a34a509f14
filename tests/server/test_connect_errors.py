"""What `connect` and a lab say where the compiled extension or Dhcpsapi.dll cannot be used: the loader's own words."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dhcpfo
from dhcpfo.errors import DhcpError, DhcpsapiMissingError

PACKAGE = Path(dhcpfo.__file__).parent

SAY = """
import dhcpfo
from dhcpfo.simulator import Lab
try:
    dhcpfo.connect("dhcp1")
except ImportError as error:
    print("not an answer:", error)
except OSError as error:
    print(type(error).__name__, error)
with Lab() as lab:
    lab.add_server("dhcp1", "192.0.2.1")
    try:
        lab.connect("dhcp1")
    except ImportError as error:
        print(type(error).__name__, error)
    print(lab.connect("dhcp1", direct=True).relationships())
"""
ADVICE = ("install", "RSAT", "compiler")


def run(program, *arguments):
    done = subprocess.run([sys.executable, *arguments, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_without_the_extension(monkeypatch):
    for name in ("_dhcpsapi", "_wire", "rpc.client"):
        monkeypatch.setitem(sys.modules, f"dhcpfo.{name}", None)
    with pytest.raises(DhcpsapiMissingError, match=r"^The compiled extension is not part of this installation"):
        dhcpfo.connect("dhcp1.example.com")


def test_from_a_zip_file(tmp_path):
    """Python loads no extension from there, so installing a wheel into it does not help."""
    archive = tmp_path / "app.pyz"
    with zipfile.ZipFile(archive, "w") as file:
        for path in PACKAGE.rglob("*.py"):
            file.write(path, f"dhcpfo/{path.relative_to(PACKAGE).as_posix()}")
    connected, lab, direct = run(f"import sys; sys.path.insert(0, {str(archive)!r})\n{SAY}", "-S")
    sentence = "dhcpfo is imported from inside a zip file, where Python cannot load compiled extensions"
    assert connected.startswith(f"DhcpsapiMissingError {sentence}")
    assert lab.startswith(f"ImportError {sentence}")
    assert lab.endswith("install dhcpfo into a folder. Connect with direct=True to do without it.")
    assert direct == "[]"


SECOND_INTERPRETER = """
import warnings
warnings.simplefilter("ignore")
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import dhcpfo._dhcpsapi, dhcpfo._loopback, dhcpfo._wire
problem = interpreters.{run}(interpreters.create(), {say!r})
assert problem is None, problem
"""


def test_in_a_second_interpreter():
    """It is installed, so the advice to install it, or the DHCP server tools, would be wrong."""
    if sys.version_info >= (3, 13) and not sys._is_gil_enabled():
        pytest.skip("a free-threaded build may load the extension in every interpreter")
    name = "exec" if sys.version_info >= (3, 13) else "run_string"
    connected, lab, direct = run(SECOND_INTERPRETER.format(run=name, say=SAY))
    sentence = "The compiled extension of dhcpfo is installed, but Python could not load it: "
    assert connected.startswith(f"DhcpsapiMissingError {sentence}")
    assert lab.startswith(f"ImportError {sentence}")
    assert "interpreter" in connected
    assert not [word for word in ADVICE if word in connected.replace("installed", "")]
    assert direct == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="tests/windows has this platform's cases")
class TestConnect:
    def test_without_dhcpsapi_it_says_what_is_missing_and_what_helps(self):
        with pytest.raises(DhcpsapiMissingError) as caught:
            dhcpfo.connect()
        message = str(caught.value)
        assert "Dhcpsapi.dll" in message
        assert "name the server" in message
        assert "dhcpfo.simulator.Lab" in message
        assert message.count(". ") == 0
        assert message.endswith(".")

    def test_it_is_an_oserror_but_no_answer_of_a_server(self):
        assert issubclass(DhcpsapiMissingError, OSError)
        assert not issubclass(DhcpsapiMissingError, DhcpError)
