"""Names that attack terminals and spreadsheets, streams that are closed, options that do not fit."""

import csv
import io
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from dhcpfo.cli import main
from dhcpfo.cli.cells import clean, padded, width
from dhcpfo.cli.output import cell
from dhcpfo.cli.streams import soften
from dhcpfo.simulator import Lab

RED = "\x1b[31m\x1b]0;title\x07red"
NAMES = ["=1+1", "+1", "-x", "@SUM(1)", RED, "new\r\nline", "\u202egnp", "\ud800", "広い\u3000店", "<script>"]
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A lab with a relationship of each of these names."""
    with Lab() as lab:
        for number, name in enumerate(("dhcp1", "dhcp2"), 1):
            lab.add_server(name, f"192.0.2.{number}")
        pair = lab.connect_pair("dhcp1", "dhcp2")
        for number, name in enumerate(NAMES, 1):
            lab.add_scope(f"10.{number}.0.0/24", servers=["dhcp1"])
            pair.primary.set_scope(f"10.{number}.0.0", name=name)
            pair.create(name, [f"10.{number}.0.0"], wait=None)
        path = tmp_path_factory.mktemp("labs") / "odd.lab"
        lab.save(path)
    return str(path)


LOOKS = [("relationship", "list"), ("scope", "list"), ("scope", "show", "10.5.0.0"), ("audit",), ("metrics",)]


@pytest.mark.parametrize("output", ["table", "csv", "json"])
@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_names_control_no_terminal_and_no_spreadsheet(run, odd, command, output):
    answer = run(*command, "--output", output, "--lab", odd, on_lab=False)
    assert not CONTROL.search(answer.out + answer.err)
    if output == "csv":
        for record in csv.reader(io.StringIO(answer.out)):
            assert not [text for text in record if text.startswith(("=", "+", "@", "-x"))]
    if output == "json":
        assert answer.json["results"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("-1", "-1"), ("0.5", "0.5"), ("=1", "'=1"), ("-x", "'-x"), ("\t=1", "\\t=1"), (" =1", "' =1"), ("", "")],
)
def test_a_cell_of_csv(text, shown):
    assert cell(text) == shown


def test_wide_letters_take_two_columns():
    assert width("広い") == 4
    assert width("e\u0301") == 1
    assert padded("広", 4) == "広  "
    assert clean("広い\u3000店\xa01") == "広い\u3000店\xa01"


def program(path, *arguments, stdout=subprocess.PIPE, **values):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-m", "dhcpfo", *arguments, "--lab", path],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=kept | values,
        timeout=30,
    )


@pytest.mark.parametrize("command", [("relationship", "list"), ("check",)], ids=" ".join)
def test_a_locale_without_unicode(path, command):
    answer = program(path, *command, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert (answer.returncode, answer.stderr) == (0, b"")


FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110


@FULL
@pytest.mark.parametrize("command", [("relationship", "list"), ("scope", "list", "--json"), ("check",)], ids=" ".join)
def test_a_full_disk_is_told_in_a_line(path, command):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        answer = program(path, *command, stdout=full)
    assert answer.returncode == (3 if command == ("check",) else 1)  # 1 of a plugin is a warning
    assert answer.stderr.decode().splitlines() == ["dhcpfo: the output cannot be written: No space left on device"]


class Broken(io.StringIO):
    """An output of which somebody reads a part, or that is full."""

    def __init__(self, error, letters):
        super().__init__()
        self.error, self.letters = error, letters

    def write(self, text):
        if self.tell() + len(text) > self.letters:
            raise self.error
        return super().write(text)


@pytest.mark.parametrize("error", [BrokenPipeError(32, "broken pipe"), OSError(28, "no space")], ids=["pipe", "full"])
@pytest.mark.parametrize("letters", [0, 100, 260, 300])
def test_a_change_ends_whole_or_fails(path, lab, monkeypatch, error, letters):
    out = Broken(error, letters)
    monkeypatch.setattr(sys, "stdout", out)
    code = main(["relationship", "set", "hq-branch", "--share", "70", "--yes", "-v", "--lab", path])
    shares = [lab.connect(name).get_relationship("hq-branch").percentage for name in ("dhcp1", "dhcp2")]
    assert (code, shares) in [(1, [60, 60]), (0, [70, 70])]
    assert letters < 260 or code == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(("name", "code"), [("hq-branch", 0), ("nobody", 3)])
def test_a_closed_stream(path, monkeypatch, stream, name, code):
    monkeypatch.setattr(sys, stream, None)
    assert main(["relationship", "show", name, "--lab", path]) == code


@pytest.mark.parametrize("command", [*LOOKS, ("time",), ("client", "show", "x"), ("address", "status", "10.0.0.1")])
def test_an_empty_lab(run, tmp_path, command):
    Lab().save(tmp_path / "empty.lab")
    answer = run(*command, "--lab", tmp_path / "empty.lab", on_lab=False)
    assert answer.code == 3
    assert "empty.lab: " in answer.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("relationship list --time-limit 0", "--time-limit must be more than 0, got 0"),
        ("relationship list -s dhcp1 --pair dhcp1,dhcp2", "-s cannot go with --pair: choose one"),
        ("relationship list --user bob", "--user cannot go with --lab: simulated servers have no logons"),
        ("relationship list --password-from prompt", "--password-from needs --user"),
        ("time --only x", "--only needs -f FILE"),
        ("plan fleet.yaml --pair a,b", "unknown option --pair"),
        ("plan fleet.yaml -o json", "-o is the file that keeps the plan here: pass --output json"),
        ("scope diff 10.9.9.0", "no server has a scope 10.9.9.0"),
        ("wait nobody", "neither dhcp1 nor dhcp2 has a relationship nobody"),
        ("scopes add hq-branch 10.0.3.0 --existing x", "--existing must be one of refuse, complete, overwrite, got x"),
        ("report --html .", "--html must be the name of a file, got ."),
        ("report --html -", "--html must be the name of a file, got -"),
        ("plan fleet.yaml -o -", "-o must be the name of a file, got -"),
        ("metrics --textfile -", "--textfile must be the name of a file, got -"),
        ("report --html nowhere/x.html", f"{Path('nowhere/x.html')} cannot be written: No such file or directory"),
        ("metrics --textfile nowhere/x.prom", "nowhere/x.prom cannot be written: No such file or directory"),
        ("lab snapshot nowhere/x.lab", "nowhere/x.lab: the folder nowhere does not exist"),
    ],
)
def test_what_does_not_fit_is_said(run, command, said):
    answer = run(*command.split())
    assert answer.code == 3
    assert said in answer.err


@pytest.mark.parametrize("option", [["-o", "json"], ["--output=json"], ["--output", "json"]])
def test_a_wrong_option_is_json_for_who_asks_for_it(run, option):
    assert run("relationship", "list", "--wrong", *option).json["exit"] == 3


def test_a_relationship_in_any_case(run):
    assert run("scope", "diff", "--relationship", "HQ-Branch").code == 0
    assert run("scope", "stats", "--relationship", "HQ-Branch").code == 0


def test_a_check_is_one_line_without_marks(run):
    answer = run("check", "--lab", "\x1b[31m|no\nlab", on_lab=False)
    assert (answer.code, answer.out) == (3, "DHCPFO UNKNOWN -  [31m no lab: no such lab\n")


def test_a_server_that_hangs_ends_with_the_time_limit(run, lab):
    lab.set_delay("dhcp2", timedelta(seconds=3))
    answer = run("time", "--time-limit", "1s")
    assert answer.code == 6
    assert "dhcp2: no answer within 1 s" in answer.err
    assert answer.lines[1].startswith("dhcp1")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("relationship list -ComputerName dhcp1 -PartnerServer dhcp2", "--pair A,B names both servers"),
        ("relationship create -Name x -ScopeId 10.0.3.0", "the name stands alone"),
        ("relationship set x -AutoStateTransition:$true", "--switch TIME turns it on"),
        ("relationship set x -PartnerDown", "dhcpfo partner-down NAME --survivor SERVER"),
    ],
)
def test_parameters_of_powershell_that_are_something_else(run, command, said):
    answer = run(*command.split())
    assert answer.code == 3
    assert said in answer.err


def test_a_secret_given_as_in_powershell_is_not_repeated(run):
    answer = run("relationship", "create", "x", "10.0.3.0", "-SharedSecret", "hunter2")
    assert answer.code == 3
    assert "--secret env:NAME" in answer.err
    assert "hunter2" not in answer.err


@pytest.mark.parametrize("letters", [0, 200, 330, 420])
def test_a_fleet_is_changed_whole_or_not_at_all(path, lab, tmp_path, monkeypatch, letters):
    file = tmp_path / "fleet.yaml"
    file.write_text(
        "version: 1\npairs:\n  hq:\n    servers: [dhcp1, dhcp2]\n    relationships: {hq-branch: {percent: 70}}\n"
    )
    monkeypatch.setattr(sys, "stdout", Broken(BrokenPipeError(32, "broken pipe"), letters))
    code = main(["apply", str(file), "--yes", "-v", "--lab", path])
    shares = [lab.connect(name).get_relationship("hq-branch").percentage for name in ("dhcp1", "dhcp2")]
    assert (code, shares) in [(1, [60, 60]), (0, [70, 70])]
    assert letters < 330 or code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of file sizes")
def test_a_lab_that_the_disk_cannot_hold(tmp_path):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(OSError, match="disk"):
            Lab().save(tmp_path / "big.lab")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_a_name_of_hexadecimal_digits(run):
    answer = run("client", "show", "cafe")
    assert answer.code == 2
    assert "no client cafe" in answer.out


def test_a_secret_in_a_file_that_windows_wrote(run, lab, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xef\xbb\xbfmarker-secret-4711\r\n")
    secret.chmod(0o600)
    assert run("relationship", "create", "new", "10.0.3.0", "--secret", f"file:{secret}", "--yes").code == 0
    assert lab.connect("dhcp1").get_relationship("new").shared_secret.reveal() == "marker-secret-4711"


@pytest.mark.parametrize(("encoding", "shown"), [("cp1252", "50 -> 60 … * ? x"), ("ascii", "50 -> 60 ... * ? x")])
def test_marks_in_encodings_of_windows(encoding, shown):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    soften(stream)
    stream.write("50 → 60 … ● 店 ✖")
    stream.flush()
    assert stream.buffer.getvalue().decode(encoding) == shown
