"""A domain with Samba's Active Directory server on the loopback. It needs root, and the ports of such a server."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REALM, DOMAIN, HOST, PASSWORD = "ADLAB.TEST", "ADLAB", "dc1.adlab.test", "Swordfish-1"
SYSTEM = os.pathsep.join(("/usr/sbin", "/sbin", os.environ.get("PATH", os.defpath)))
KDC, MAPPER = 88, 135

CLIENT = """
[libdefaults]
default_realm = ADLAB.TEST
dns_canonicalize_hostname = false
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
[realms]
ADLAB.TEST = {
  kdc = 127.0.0.1:88
}
[domain_realm]
.adlab.test = ADLAB.TEST
"""


def why_not():
    """Why there can be no domain here; empty if there can."""
    if os.environ.get("DHCPFO_TEST_DOMAIN") != "1":
        return "it takes half a minute: set DHCPFO_TEST_DOMAIN=1"
    missing = [program for program in ("samba", "samba-tool") if shutil.which(program, path=SYSTEM) is None]
    if missing:
        return (
            f"not installed: {', '.join(missing)} (apt-get install samba samba-ad-dc samba-dsdb-modules "
            "samba-ad-provision samba-vfs-modules winbind)"
        )
    if os.geteuid():
        return "a domain controller needs root"
    taken = [port for port in (KDC, MAPPER, 389) if is_open(port)]
    return f"ports are taken: {taken}" if taken else ""


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Domain:
    """A domain with an administrator."""

    def __init__(self, folder: Path) -> None:
        target = folder / "domain"
        self.configuration = folder / "krb5.conf"
        self.configuration.write_text(CLIENT, "utf-8")
        made = subprocess.run(
            [
                "samba-tool", "domain", "provision",
                f"--realm={REALM}", f"--domain={DOMAIN}", f"--adminpass={PASSWORD}",
                "--server-role=dc", "--dns-backend=NONE", f"--targetdir={target}", "--host-name=dc1",
                "--host-ip=127.0.0.1", "--option=interfaces=lo", "--option=bind interfaces only=yes",
                f"--option=posix:eadb={target}/eadb.tdb",
            ],
            env=os.environ | {"PATH": SYSTEM}, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self._users = f"--URL={target}/private/sam.ldb"
        self._run("domain", "passwordsettings", "set", "--account-lockout-threshold=100")  # or nothing is counted
        self._run("user", "create", "bob", PASSWORD)
        self._server = subprocess.Popen(
            [
                "samba", "-s", f"{target}/etc/smb.conf", "-i", "-M", "single", "--debug-stdout",
                "--option=server services=rpc,kdc,ldap,cldap",
                "--option=rpc server dynamic port range=61000-62000",  # which Linux gives nobody else by itself
            ],
            env=os.environ | {"PATH": SYSTEM}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        for _ in range(600):
            if is_open(MAPPER) and is_open(KDC):
                break
            time.sleep(0.1)

    def _run(self, *command):
        done = subprocess.run(
            ["samba-tool", *command, self._users],
            env=os.environ | {"PATH": SYSTEM}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wrong_passwords(self):
        """Return how many wrong passwords of bob were counted; nobody counts those of the administrator."""
        shown = self._run("user", "show", "bob", "--attributes=badPwdCount")
        return int(shown.partition("badPwdCount: ")[2].split()[0])

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._server.pid, signal.SIGTERM)
        self._server.wait(20)
