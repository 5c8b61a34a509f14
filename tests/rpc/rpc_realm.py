"""A Kerberos realm in a folder, with MIT's KDC on the loopback."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

REALM, HOST, USER, PASSWORD = "LAB.TEST", "dhcp1.lab.test", "alice@LAB.TEST", "swordfish-1"
SYSTEM = os.pathsep.join(("/usr/sbin", "/sbin", os.environ.get("PATH", os.defpath)))
PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
MISSING = [program for program in PROGRAMS if shutil.which(program, path=SYSTEM) is None]
WHY_NOT = f"not installed: {', '.join(MISSING)} (apt-get install krb5-kdc krb5-admin-server krb5-user)"
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""Gives a program another clock."""

CLIENT = """
[libdefaults]
default_realm = {realm}
dns_canonicalize_hostname = false
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
{more}
[realms]
{realm} = {{
  kdc = 127.0.0.1:{port}
}}
[domain_realm]
.lab.test = {realm}
"""

SERVER = """
[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  supported_enctypes = aes256-cts:normal
}}
[logging]
kdc = FILE:{folder}/kdc.log
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Realm:
    """A realm with the user alice and the server dhcp1.

    Args:
        folder: Where its files are.
        clock: By how much the clock of its KDC differs from that of this machine, like ``"+10m"``.
        more: More lines for the clients' ``[libdefaults]``.
    """

    def __init__(self, folder: Path, *, clock: str = "", more: str = "") -> None:
        self.folder = folder
        self.keytab = folder / "dhcp1.keytab"
        port = free_port()
        (folder / "krb5.conf").write_text(CLIENT.format(realm=REALM, port=port, more=more), "utf-8")
        (folder / "kdc.conf").write_text(SERVER.format(realm=REALM, port=port, folder=folder), "utf-8")
        self.environment = {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{folder}/tickets",
            "KRB5RCACHETYPE": "none",
        }
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        for command in (
            f"addprinc -pw {PASSWORD} {USER}",
            f"addprinc -randkey host/{HOST}@{REALM}",
            f"addprinc -randkey host/other.lab.test@{REALM}",
            f"ktadd -k {self.keytab} host/{HOST}",
        ):
            self._run("kadmin.local", "-r", REALM, "-q", command)
        shifted = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": clock} if clock else {}
        self._kdc = subprocess.Popen(
            ["krb5kdc", "-n", "-r", REALM],
            env=self._environment() | shifted,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)

    def _environment(self):
        return os.environ | self.environment | {"PATH": SYSTEM}

    def _run(self, *command, text=None):
        subprocess.run(
            command, env=self._environment(), input=text, capture_output=True, text=True, check=True, timeout=30
        )  # fmt: skip

    def log_on(self, *options):
        """Get a ticket for alice, like kinit in a shell."""
        self._run("kinit", *options, USER, text=f"{PASSWORD}\n")

    def get_ticket(self):
        """Get a ticket for the server, too, which is otherwise done by the first logon."""
        self._run("kvno", f"host/{HOST}")

    def make_keytab(self):
        """Return a file with alice's keys, as a service has it."""
        keytab = self.folder / "alice.keytab"
        self._run("kadmin.local", "-r", REALM, "-q", f"ktadd -norandkey -k {keytab} {USER}")
        return keytab

    def log_off(self):
        (self.folder / "tickets").unlink(missing_ok=True)

    def close(self):
        self._kdc.terminate()
        self._kdc.wait(10)
