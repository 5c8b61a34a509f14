"""``dhcpfo check`` by the grammar of monitoring plugins, on a lab in a file."""

import gc
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from dhcpfo.cli import main
from dhcpfo.fleet.look import read_pair
from dhcpfo.fleet.monitor.check import Limits, _least, check
from dhcpfo.simulator import Lab

SECRET = "marker-of-the-secret"
VALUE = r"-?\d+(\.\d+)?"
RANGE = rf"(@?(~|{VALUE})?:?({VALUE})?)?"
DATUM = re.compile(rf"'([^'=|]+)'=({VALUE})(s|%|B|c)?(;{RANGE}(;{RANGE}(;({VALUE})?(;({VALUE})?)?)?)?)?(?: |$)")
FIRST = re.compile(r"DHCPFO (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| [^|\n]+)?")
STATUS = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


@pytest.fixture
def lab(tmp_path):
    with Lab.open(tmp_path / "a.lab") as lab:
        lab.add_pair("hq-branch", scopes=["10.0.1.0/24", "10.0.2.0/24"], shared_secret=SECRET)
        yield lab


@pytest.fixture
def run(lab, tmp_path, capsys):
    def run(*arguments):
        code = main(["check", "--lab", str(tmp_path / "a.lab"), *arguments])
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        return code, parsed(code, out), out

    return run


def parsed(code, out):
    """The performance data of an output that keeps to the grammar."""
    first, *_ = out.splitlines()
    found = FIRST.fullmatch(first)
    assert found, first
    assert STATUS[found[1]] == code
    assert out.count("|") == first.count("|")
    data, rest = {}, (found[2] or " | ")[3:]
    while rest:
        datum = DATUM.match(rest)
        assert datum, rest
        assert datum[1] not in data
        data[datum[1]] = datum[0].partition("=")[2].strip()
        rest = rest[datum.end() :]
    return data


def test_all_is_well(run):
    code, data, out = run()
    assert code == 0
    assert out.startswith("DHCPFO OK - hq-branch NORMAL | ")
    assert data == {
        "hq-branch dhcp1 state": "3",
        "hq-branch dhcp2 state": "3",
        "clock": "0.0s;30;55",
        "free 10.0.1.0": "254;26:;11:;0;254",
        "free 10.0.2.0": "254;26:;11:;0;254",
    }
    assert out.splitlines()[1] == "hq-branch: dhcp1 NORMAL, dhcp2 NORMAL"


def test_an_unreachable_partner(run, lab):
    lab.power_off("dhcp2")
    code, _, out = run()
    assert (code, "dhcp2 unreachable" in out.splitlines()[0]) == (3, True)  # dhcp1 has not noticed yet
    lab.advance(timedelta(minutes=10))
    code, data, out = run()
    assert code == 2
    assert out.startswith("DHCPFO CRITICAL - hq-branch: dhcp1 COMMUNICATION_INTERRUPTED, dhcp2 unreachable | ")
    assert data["hq-branch dhcp1 state"] == "4"
    assert "hq-branch dhcp2 state" not in data
    assert "[RPC_S_SERVER_UNAVAILABLE 1722]" in out


def test_nothing_can_be_read(run, lab):
    lab.power_off("dhcp1")
    lab.power_off("dhcp2")
    code, data, out = run("--pair", "dhcp1,dhcp2")
    assert (code, data) == (3, {})
    assert out.startswith("DHCPFO UNKNOWN - dhcp1 could not be read; dhcp2 could not be read\n")


def test_copies_that_differ(run, lab):
    lab.connect("dhcp2").set_relationship("hq-branch", mclt=timedelta(minutes=30))
    code, _, out = run()
    assert (code, out.splitlines()[0].partition(" | ")[0]) == (
        1,
        "DHCPFO WARNING - hq-branch: the copies differ: mclt",
    )
    lab.connect("dhcp2").delete_relationship("hq-branch")
    lab.advance(timedelta(minutes=1))
    code, _, out = run()
    assert code == 2
    assert "dhcp2 has no copy" in out.splitlines()[0]


def test_clocks(run, lab):
    lab.set_clock_offset("dhcp2", timedelta(seconds=40))
    code, data, out = run()
    assert (code, data["clock"]) == (1, "40.0s;30;55")
    assert "the clocks are 40 s apart" in out
    assert run("--clock-warning", "41")[0] == 0
    assert run("--clock-critical", "39")[0] == 2


def test_free_addresses(run, lab):
    lab.add_pair("small", scopes=["10.9.0.0/28"])
    for number in range(12):
        lab.lease("10.9.0.0", f"00-00-00-00-00-{number:02x}")
    lab.advance(timedelta(minutes=1))
    assert run()[0] == 0
    code, data, out = run("--free-warning", "15%")
    assert (code, data["free 10.9.0.0"]) == (1, "2;3:;1:;0;14")
    assert "10.9.0.0 has 2 of 14 addresses free" in out.splitlines()[0]
    assert run("--free-critical", "15", "--free-warning", "15")[0] == 2
    assert run("--free-critical", "15", "--free-warning", "0")[0] == 2  # the other way round, too
    assert run("--free-warning", "15", "--no-scopes")[0] == 0


@pytest.mark.parametrize(
    ("free", "total", "share", "low"),
    [
        (0, 9, 10, True),
        (1, 9, 10, False),
        (25, 254, 10, True),
        (26, 254, 10, False),
        (10, 100, 10, False),
        (0, 9, 0, False),
        (33, 3000, 1.1, False),
        (32, 3000, 1.1, True),
    ],
)
def test_few_addresses_are_those_with_a_share_below_the_limit(free, total, share, low):
    """Also in a small scope: one that is full is not fine because a tenth of its addresses is less than one."""
    warning, _ = _least(total, Limits(free_warning=share))
    assert (free < warning) is low


def outside(value, limits):
    """Whether a value is outside of a range of the guidelines: then a monitor alerts."""
    if not limits:
        return False
    low, _, high = limits.removeprefix("@").rpartition(":")
    lowest = float("-inf") if low == "~" else float(low or 0)
    highest = float(high) if high else float("inf")
    return (lowest <= value <= highest) is limits.startswith("@")


@pytest.mark.parametrize("apart", [0, 20, 40, 58])
@pytest.mark.parametrize(
    "options", [[], ["--clock-critical", "10"], ["--clock-warning", "50", "--clock-critical", "45"]]
)
def test_the_status_is_that_of_the_limits_in_the_data(run, lab, apart, options):
    lab.set_clock_offset("dhcp2", timedelta(seconds=apart))
    code, data, _ = run(*options)
    value, warning, critical = data["clock"].split(";")
    number = float(value.removesuffix("s"))
    assert code == (2 if outside(number, critical) else 1 if outside(number, warning) else 0)


def test_a_relationship_that_must_be_there(run, lab):
    assert run("-r", "HQ-branch")[0] == 0
    code, _, out = run("-r", "other")
    assert (code, "relationship other was not found" in out) == (2, True)
    lab.power_off("dhcp1")
    assert run("-r", "other")[0] == 3


@pytest.mark.parametrize(
    "wrong", [["--nonsense"], ["--free-warning", "a"], ["-t", "x"], ["--pair", "a"], ["--clock-warning", "-1"]]
)
def test_a_wrong_option_is_unknown(run, wrong, lab, tmp_path, capsys):
    assert main(["check", "--lab", str(tmp_path / "a.lab"), *wrong]) == 3
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert FIRST.fullmatch(out.splitlines()[0]), "monitors read the standard output"


def test_no_lab_and_no_servers(capsys, tmp_path):
    assert main(["check", "--lab", str(tmp_path / "none.lab")]) == 3
    assert capsys.readouterr().out.startswith("DHCPFO UNKNOWN - ")
    assert main(["check"]) == 3
    assert capsys.readouterr().out.startswith("DHCPFO UNKNOWN - no servers given")
    assert main(["check", "--help"]) == 0
    assert "Exit codes: 0 ok" in capsys.readouterr().out
    for option in "-V", "--version":
        assert main(["check", option]) == 0
        assert capsys.readouterr().out.startswith("dhcpfo ")


def test_names_with_the_grammar_of_the_output():
    odd = "a|b'c=d\n<script>"
    with Lab() as lab:
        lab.add_pair(odd, direct=True)
        lab.add_pair("'=|", scopes=["10.2.0.0/24"], direct=True)
        look = read_pair(lab.connect_pair("dhcp1", "dhcp2", direct=True), name="p|'=\n", statistics=True)
        for looks in ([look], [look, look]):
            outcome = check(looks)
            data = parsed(outcome.status, str(outcome))
            assert "a bcd <script> dhcp1 state" in data


def test_neither_typer_nor_the_operations_are_imported(tmp_path, lab):
    program = (
        "import sys\nfrom dhcpfo.cli import main\n"
        "code = main(['check', '-s', '192.0.2.1', '--pair', 'a'])\n"
        "assert code == 3\n"
        "from dhcpfo.cli.commands import check\nimport dhcpfo.fleet.monitor.check, dhcpfo.fleet.look, dhcpfo.server\n"
        "import dhcpfo.rpc.client\n"
        "heavy = {'typer', 'shutil', 'json', 'rich', 'pydantic', 'yaml', 'jinja2', 'prometheus_client'}\n"
        "heavy |= {'dhcpfo.pair.pair', 'dhcpfo.scope', 'logging', 'encodings.idna'}\n"
        "heavy |= {'dhcpfo.rpc.spnego', 'dhcpfo.rpc.ntlm', 'dhcpfo.rpc.server'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_program_keeps_the_settings_of_its_collector(run):
    before = gc.get_threshold()
    assert run()[0] == 0
    assert main(["check", "--nonsense"]) == 3
    assert gc.get_threshold() == before
