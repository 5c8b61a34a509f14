"""How long `Lab.load_export` takes, and how much memory, by the number of leases.

``python benchmarks/exports.py [--json FILE] [--leases N ...]``. A file is made for each number, with one scope for each
1,000 leases, and read in a process that is new. *Memory* is how much more the process needed at its peak than before;
*lab* is how much it kept: the records themselves. Both are MiB. Figures belong to the machine.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

from dhcpfo.simulator import Lab

SIZES = (1_000, 10_000, 100_000)
IN_SCOPE = 1_000
FIRST = int(IPv4Address("10.0.0.0"))
WIDTH = 1 << 12
"""Addresses of a scope's network, a /20."""

SCOPE = """\
<Scope><ScopeId>{id}</ScopeId><Name>Scope {number}</Name><SubnetMask>255.255.240.0</SubnetMask>
<StartRange>{first}</StartRange><EndRange>{last}</EndRange><LeaseDuration>8.00:00:00</LeaseDuration>
<State>Active</State><Type>Dhcp</Type><Delay>0</Delay><ActivatePolicies>true</ActivatePolicies>
<OptionValues><OptionValue><OptionId>3</OptionId><Value>{first}</Value><VendorClass/><UserClass/></OptionValue>
</OptionValues><Leases>
"""
LEASE = """\
<Lease><IPAddress>{address}</IPAddress><ScopeId>{scope}</ScopeId><ClientId>{client}</ClientId>
<HostName>pc{number}.example.com</HostName><AddressState>Active</AddressState>
<LeaseExpiryTime>2026-09-29T08:00:00</LeaseExpiryTime></Lease>
"""


def parts(leases: int) -> Iterator[str]:
    """Yield the text of an export."""
    yield "<DHCPServer><MajorVersion>10</MajorVersion><MinorVersion>0</MinorVersion><IPv4><Scopes>\n"
    for number in range(0, leases, IN_SCOPE):
        start = FIRST + number // IN_SCOPE * WIDTH
        scope = IPv4Address(start)
        yield SCOPE.format(id=scope, number=number, first=scope + 1, last=scope + WIDTH - 2)
        for place in range(number, min(number + IN_SCOPE, leases)):
            client = place.to_bytes(6).hex("-")
            yield LEASE.format(address=scope + 1 + place - number, scope=scope, client=client, number=place)
        yield "</Leases></Scope>\n"
    yield "</Scopes></IPv4></DHCPServer>\n"


def memory(now: bool) -> float:
    """Return what the process needs now, or needed at its peak, in MiB."""
    import resource  # not at the top: --help works on Windows too

    if now and (status := Path("/proc/self/statm")).exists():
        return int(status.read_text("ascii").split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def measure(path: Path, lab_file: Path | None) -> dict[str, float]:
    """Read a file, and return the figures."""
    lab = Lab() if lab_file is None else Lab.open(lab_file)
    lab.load_export(Path(__file__).parent / "../tests/simulator/exports/office.xml", "warm-up")
    before = memory(now=True)
    begin, used = time.perf_counter(), time.process_time()
    report = lab.load_export(path, "dhcp1")
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    assert report.complete, str(report)[:500]
    return {
        "leases": report.leases,
        "seconds": seconds,
        "of the processor": used,
        "memory": memory(now=False) - before,
        "lab": memory(now=True) - before,
        "file": path.stat().st_size / 2**20,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures to this file")
    parser.add_argument("--leases", type=int, nargs="+", default=SIZES, help="how many leases the files have")
    parser.add_argument("--file", action="store_true", help="read into a lab that is kept in a file")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        if arguments.one is not None:
            lab_file = Path(folder) / "lab" if arguments.file else None
            print(json.dumps(measure(arguments.one, lab_file)))
            return
        results = []
        for leases in arguments.leases:
            path = Path(folder) / "export.xml"
            with path.open("w", encoding="utf-8") as file:
                file.writelines(parts(leases))
            command = [sys.executable, __file__, "--one", str(path), *(["--file"] if arguments.file else [])]
            figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            if not results:
                print(*figures, sep=" | ")
            print(*(f"{value:.1f}" for value in figures.values()), sep=" | ", flush=True)
            results.append(figures)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
