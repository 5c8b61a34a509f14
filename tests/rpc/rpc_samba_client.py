"""Run as a program of the system's Python: make calls with Samba's client, as JSON on standard input says."""

import json
import sys

from samba import NTSTATUSError, credentials
from samba.dcerpc import base, mgmt
from samba.param import LoadParm


def main():
    order = json.load(sys.stdin)
    configuration = LoadParm()
    who = credentials.Credentials()
    who.guess(configuration)
    who.set_username(order["user"])
    who.set_password(order["password"])
    who.set_domain(order["domain"])
    kerberos = "krb5" in order["mode"] or order.get("realm")
    if order.get("realm"):
        who.set_realm(order["realm"])
    who.set_kerberos_state(credentials.MUST_USE_KERBEROS if kerberos else credentials.DONT_USE_KERBEROS)
    binding = f"ncacn_ip_tcp:127.0.0.1[{order['port']},{order['mode']}]"
    answers, connections = [], {}
    for interface, opnum, stub in order["calls"]:
        try:
            if interface not in connections:
                # Without a connection to begin with, Samba 4.17 crashes.
                first = mgmt.mgmt(binding, configuration, who)
                connections[interface] = base.ClientConnection(
                    binding, (interface, 1), configuration, who, basis_connection=first
                )
            answers.append(connections[interface].request(opnum, bytes.fromhex(stub)).hex())
        except NTSTATUSError as error:
            answers.append(f"error {error.args[1]}")
    print(json.dumps(answers))


main()
