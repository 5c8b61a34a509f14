"""A zip application: what it says where Python cannot load the extension, and that its advice works."""

import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

import dhcpfo

pytestmark = pytest.mark.abi

PROGRAM = """\
import dhcpfo
from dhcpfo.simulator import Lab

with Lab() as lab:
    lab.add_server("dhcp1", "192.0.2.1")
    try:
        print(lab.connect("dhcp1").relationships())
    except ImportError as error:
        print(error)
"""


@pytest.fixture
def folder(tmp_path):
    """An application as ``pip install --target`` makes it, with the extensions."""
    target = tmp_path / "application"
    package = Path(dhcpfo.__file__).parent
    # Not with shutil.copytree: from Python 3.12 on it uses a function of Windows that Wine 8 does not have.
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = target / "dhcpfo" / path.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (target / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    return target


def run(application):
    """Run an application that finds no other dhcpfo before its own."""
    done = subprocess.run([sys.executable, str(application)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_zip_application_says_why_and_its_advice_works(folder, tmp_path):
    archive = tmp_path / "application.pyz"
    zipapp.create_archive(folder, archive)
    message = run(archive)
    assert "inside a zip file, where Python cannot load compiled extensions" in message
    assert "install dhcpfo into a folder" in message
    assert run(folder) == "[]\n"
