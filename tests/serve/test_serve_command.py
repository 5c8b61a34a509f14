"""``dhcpfo serve`` in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import httpx2
import pytest
from served import add_pairs

from dhcpfo.serve import serve
from dhcpfo.simulator import Lab

TOKEN = "a-token-of-some-length"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.lab"
    with Lab.open(path) as lab:
        add_pairs(lab)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals between processes")
def test_a_page_until_ctrl_c_even_with_a_server_that_hangs(file):
    wanted = file.with_name("fleet.yaml")
    wanted.write_text("version: 1\npairs:\n  hq: {servers: [dhcp1, dhcp2]}\n", "utf-8")
    options = ["--lab", str(file), "-f", str(wanted), "--port", "0", "--token-from", "env:TOKEN"]
    command = [sys.executable, "-m", "dhcpfo", "serve", *options]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "TOKEN": TOKEN}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        line = run.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert url, line
        with Lab.open(file) as lab:
            lab.set_delay("dhcp2", timedelta(minutes=30))
        with httpx2.Client(base_url=url[0], trust_env=False) as client:
            assert client.get("/api/session", params={"token": TOKEN}).status_code == 401
            client.headers["authorization"] = f"Bearer {TOKEN}"
            session = client.get("/api/session").json()
            assert session["file"] == str(wanted)
            client.headers["x-dhcpfo-key"] = session["key"]
            assert client.get("/api/fleet").json()["lab"]
            assert client.get("/api/pairs/0/audit").status_code == 202
        run.send_signal(signal.SIGINT)
        rest = run.communicate(timeout=60)[0]
    assert run.returncode == 0
    assert "Traceback" not in rest
    assert TOKEN not in line + rest


def test_what_cannot_be_served_says_why(file, capsys):
    from dhcpfo.cli import main

    assert main(["serve", "--lab", str(file), "--key", "x"]) == 3
    assert main(["serve", "--lab", str(file), "--interval", "0"]) == 3
    assert main(["serve", "--lab", str(file), "--host", "192.0.2.1"]) == 3
    assert "cannot listen on 192.0.2.1" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--lab", str(file), "--port", port]) == 3
        err = capsys.readouterr().err
        assert f"cannot listen on 127.0.0.1, port {port}: " in err
        assert "Errno" not in err


def test_a_certificate_or_a_token_that_cannot_be_used_is_named(file, capsys, monkeypatch):
    from dhcpfo.cli import main

    monkeypatch.setenv("SHORT", "short")
    told = {
        ("--certificate", "nowhere.pem"): "dhcpfo: nowhere.pem cannot be read: No such file or directory\n",
        (
            "--certificate",
            __file__,
            "--key",
            __file__,
        ): f"dhcpfo: {__file__} and {__file__} cannot be used as certificate",
        ("--token-from", "env:SHORT"): "dhcpfo: token must have at least 16 characters\n",
    }
    for options, said in told.items():
        assert main(["serve", "--lab", str(file), "--port", "0", *options]) == 3
        assert capsys.readouterr().err.startswith(said)


@pytest.mark.parametrize("host", ["::1", "localhost"])
def test_other_names_of_this_machine(file, host):
    ready, found = threading.Event(), []

    def note(listening):
        found.append(listening)
        ready.set()

    with Lab.open(file) as lab:
        pairs = {"hq": lab.connect_pair("dhcp1", "dhcp2")}
        try:
            socket.create_server((host, 0), family=socket.getaddrinfo(host, 0)[0][0]).close()
        except OSError:
            return  # IPv6 is turned off
        thread = threading.Thread(target=serve, args=(pairs,), kwargs={"host": host, "port": 0, "ready": note})
        thread.start()
        assert ready.wait(30)
        with httpx2.Client(base_url=found[0].url, trust_env=False) as client:
            assert client.get("api/session").status_code == 200
            assert client.get("api/session", headers={"host": "evil.example"}).status_code == 421
        found[0].stop()
        thread.join(30)
        assert not thread.is_alive()
