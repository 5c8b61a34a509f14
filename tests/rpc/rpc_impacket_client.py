"""Run as a program: make calls with impacket, as JSON on standard input says, and print the answers as JSON."""

import json
import sys

from impacket.dcerpc.v5 import epm, transport
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_GSS_NEGOTIATE, DCERPCException
from impacket.uuid import uuidtup_to_bin


def connect(order, interface):
    rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:127.0.0.1[{order['port']}]")
    if order["mode"] != "none":
        rpc.set_credentials(order["user"], order["password"], order["domain"])
    dce = rpc.get_dce_rpc()
    if order["mode"] != "none":
        dce.set_auth_level(5 if order["mode"] == "sign" else 6)
    if order["mode"] == "kerberos":  # inside SPNEGO; impacket has no other
        dce.set_auth_type(RPC_C_AUTHN_GSS_NEGOTIATE)
        rpc.setRemoteName(order["host"])
    dce.connect()
    dce.bind(uuidtup_to_bin((interface, "1.0")))
    return dce


def main():
    order = json.load(sys.stdin)
    if order["mode"] == "map":
        rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:127.0.0.1[{order['port']}]")
        dce = rpc.get_dce_rpc()
        dce.connect()
        found = [
            epm.hept_map("127.0.0.1", uuidtup_to_bin((interface, "1.0")), protocol="ncacn_ip_tcp", dce=dce)
            for interface in order["interfaces"][:1]
        ]
        print(json.dumps(found))
        return
    answers, connections = [], {}
    for interface, opnum, stub in order["calls"]:
        try:
            if interface not in connections:
                connections[interface] = connect(order, interface)
            connections[interface].call(opnum, bytes.fromhex(stub))
            answers.append(connections[interface].recv().hex())
        except DCERPCException as error:
            answers.append(f"error {error.error_code or error}")
    print(json.dumps(answers))


main()
