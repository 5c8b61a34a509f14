"""``dhcpfo serve`` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta

import httpx2
import pytest
from served import add_pairs

from dhcpfo.simulator import Lab


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.lab"
    with Lab.open(path) as lab:
        add_pairs(lab)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals between processes")
def test_a_page_until_ctrl_c_even_with_a_server_that_hangs(file):
    command = [sys.executable, "-m", "dhcpfo", "serve", "--lab", str(file), "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        line = run.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert url, line
        with Lab.open(file) as lab:
            lab.set_delay("dhcp2", timedelta(minutes=30))
        with httpx2.Client(base_url=url[0], trust_env=False) as client:
            client.headers["x-dhcpfo-key"] = client.get("/api/session").json()["key"]
            assert client.get("/api/fleet").json()["lab"]
            assert client.get("/api/pairs/0/audit").status_code == 202
        run.send_signal(signal.SIGINT)
        rest = run.communicate(timeout=60)[0]
    assert run.returncode == 0
    assert "Traceback" not in rest


def test_what_cannot_be_served_says_why(file, capsys):
    from dhcpfo.cli import main

    assert main(["serve", "--lab", str(file), "--key", "x"]) == 3
    assert main(["serve", "--lab", str(file), "--interval", "0"]) == 3
    assert main(["serve", "--lab", str(file), "--host", "192.0.2.1"]) == 3
    assert "cannot listen on 192.0.2.1" in capsys.readouterr().err
