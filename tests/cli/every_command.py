"""Each command of the program with a command line to try it, on a lab with long and foreign names."""

import shutil

from dhcpfo.cli.table import PLAIN
from dhcpfo.simulator import Lab

FIRST, SECOND = "東京-dhcp1", "dhcp2-" + "x" * 40 + "-cafe\u0301"
NAME = "支店 " * 12 + "ne\u0301" * 10
PAIR = "the pair"
SECRET = "marker-secret-4711"

FILE = f"""version: 1
pairs:
  {PAIR}:
    servers: ["{FIRST}", "{SECOND}"]
    relationships:
      "{NAME}": {{percent: 70, scopes: [10.0.1.0, 10.0.2.0]}}
"""


def build(folder):
    """Write the lab, the file of the pair and an export into a folder."""
    with Lab() as lab:
        lab.add_server(FIRST, "192.0.2.1")
        lab.add_server(SECOND, "192.0.2.2")
        for number in (1, 2, 3):
            lab.add_scope(f"10.0.{number}.0/24", servers=[FIRST])
        pair = lab.connect_pair(FIRST, SECOND, direct=True)
        pair.primary.set_scope("10.0.1.0", name="事務所 " * 9 + "\x1b[31m")
        pair.create(NAME, ["10.0.1.0", "10.0.2.0"], percentage=60, shared_secret=SECRET)
        lab.lease("10.0.1.0", b"\x00\x15\x5d\x01\x02\x03", name="客-" + "y" * 60)
        pair.primary.set_option_value(6, "10.0.0.53", scope="10.0.1.0")
        lab.save(folder / "a.lab")
    (folder / "fleet.yaml").write_text(FILE, "utf-8")
    (folder / "dump.txt").write_text('Dhcp Server \\\\new add scope 10.9.0.0 255.255.255.0 "x" ""\n', "utf-8")


def state(folder):
    """Return what the servers of the lab have that commands change."""
    with Lab.open(folder / "a.lab") as lab:
        servers = [lab.connect(name, direct=True) for name in lab.servers]
        found = [
            (
                server.relationships(),
                [(server.get_scope(one), server.option_values(scope=one)) for one in server.scopes()],
            )
            for server in servers
        ]
        return repr(found)


def copy(built, folder):
    """Copy what `build` wrote."""
    for name in ("a.lab", "fleet.yaml", "dump.txt"):
        shutil.copy(built / name, folder / name)


ON_LAB = ["--lab", "a.lab"]
LOOK = {
    "relationship list": ON_LAB,
    "relationship show": [NAME, *ON_LAB],
    "scope list": ON_LAB,
    "scope show": ["10.0.1.0", *ON_LAB],
    "scope diff": ON_LAB,
    "scope stats": ON_LAB,
    "client show": ["10.0.1.154", *ON_LAB],
    "address status": ["10.0.1.7", "10.0.2.7", *ON_LAB],
    "time": ON_LAB,
    "audit": ON_LAB,
    "preflight": ["new", "10.0.1.0", "10.0.3.0", *ON_LAB],
    "wait": [NAME, "--timeout", "1s", *ON_LAB],
    "plan": ["fleet.yaml", *ON_LAB],
    "export": ON_LAB,
    "explain": ["fleet.yaml", PAIR],
    "schema": [],
    "watch": ["--times", "1", *ON_LAB],
    "report": ["--html", "page.html", *ON_LAB],
    "metrics": ON_LAB,
    "check": ON_LAB,
    "demo": ["--tour"],
    "lab show": ["a.lab"],
    "lab explain": ["a.lab", NAME],
    "completion": ["bash"],
}
"""The commands that change no lab."""

CHANGE = {
    "relationship create": ["new", "10.0.3.0", *ON_LAB],
    "relationship set": [NAME, "--share", "50", *ON_LAB],
    "relationship delete": [NAME, "--allow", "delete-scopes", *ON_LAB],
    "scopes add": [NAME, "10.0.3.0", *ON_LAB],
    "scopes remove": [NAME, "10.0.2.0", "--allow", "delete-scopes", *ON_LAB],
    "adopt": [NAME, "--like", FIRST, *ON_LAB],
    "replicate": ["--from", FIRST, *ON_LAB],
    "rotate-secret": [NAME, "--none", *ON_LAB],
    "reallocate": [NAME, *ON_LAB],
    "partner-down": [NAME, "--survivor", FIRST, "--allow", "partner-down-unreachable", *ON_LAB],
    "apply": ["fleet.yaml", *ON_LAB],
}
"""The commands that ask before they change something."""

TYPED = {"relationship delete", "scopes remove", "partner-down"}
"""Those that want the name typed."""

BESIDE = {
    "lab init": ["new.lab"],
    "lab load": ["new.lab", "dump.txt"],
    "lab snapshot": ["copy.lab", *ON_LAB],
    "lab advance": ["a.lab", "1m"],
    "lab cut": ["a.lab", FIRST, SECOND],
    "lab mend": ["a.lab"],
    "lab stop": ["a.lab", SECOND],
    "lab start": ["a.lab", SECOND],
    "init-tests": ["test_new.py"],
}
"""The commands that change a lab or write a file, without a question."""

SERVED = {"serve": []}
"""Commands that go on until Ctrl-C; tests/serve has their tests."""

ALL = LOOK | CHANGE | BESIDE | SERVED


PLAN = "pair changed dry_run plan"
FINDING = "pair code severity relationship scope element values text repair command"
LEASE = (
    "server found address subnet_mask client_id hardware_address name comment lease_expires lease_state owner"
    " client_type address_state potential_expiration_sent potential_expiration_received"
    " potential_expiration_acknowledged start_time last_transaction last_binding_update binding_status policy_name"
    " quarantine_status quarantine_capable probation_ends flags"
)
COUNTS = (
    "pair scope server addresses_total addresses_free addresses_in_use addresses_free_on_this_server"
    " addresses_free_on_partner_server addresses_in_use_on_this_server addresses_in_use_on_partner_server"
)
LOADED = (
    "file server export source scopes exclusions reservations leases option_definitions option_values classes policies"
    " filters superscopes unread"
)

KEYS = {
    "relationship list": "pair relationship attention servers",
    "relationship show": "pair relationship attention servers",
    "scope list": "pair scope name relationship servers",
    "scope show": "server scope config",
    "scope diff": "pair scope equal missing changes",
    "scope stats": COUNTS,
    "client show": LEASE,
    "address status": "address status",
    "time": "server time offset allowed",
    "audit": FINDING,
    "preflight": FINDING,
    "wait": "pair relationship states",
    "plan": "pair outcome moved plan guards",
    "apply": "pair outcome moved plan guards",
    "export": "pair yaml",
    "explain": "line place",
    "schema": "$schema $defs properties",
    "report": "pair file complete attention",
    "metrics": "metric labels value",
    "demo": "step title python powershell output",
    "completion": "shell script",
    "init-tests": "file",
    "lab init": "file now servers relationships",
    "lab show": "file now servers relationships cut",
    "lab load": LOADED,
    "lab snapshot": "file servers left_out unread cut",
    "lab advance": "file now passed transitions",
    "lab cut": "file now done",
    "lab mend": "file now done",
    "lab stop": "file now done",
    "lab start": "file now done",
    "lab explain": "file relationship because transitions",
} | dict.fromkeys(CHANGE.keys() - {"apply"}, PLAN)
"""The keys that each result of a command has; programs rely on them, so keys are only added."""


def tree():
    """Return all commands of the program, by their whole names."""
    from dhcpfo.cli.tree import whole

    found = {}

    def walk(command, before):
        below = getattr(command, "commands", None)
        if below is None:
            found[" ".join(before)] = command
            return
        for name in below:
            walk(below[name], [*before, name])

    walk(whole(), [])
    return found


def is_plain(name):
    """Whether a command parses its own options."""
    return name in PLAIN
