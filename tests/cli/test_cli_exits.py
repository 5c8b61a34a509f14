"""Each exit code of ``plan``, ``apply``, ``export``, ``explain`` and ``schema``, and what ``-q`` leaves."""

import signal

import pytest

TEXT = """\
version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships: {hq-branch: {percent: 70}}
"""
WELL = TEXT.replace("70", "60")
CLASSES = "    classes: {Guests: {type: user, data: others}}\n"
CONFLICTS = {
    "class": (TEXT + CLASSES, "dhcp2 cannot get the classes and definitions: class Guests: it has other data"),
    "definition": (
        TEXT + "    definitions: {3: {name: x, type: byte}}\n",
        "dhcp1 cannot get the classes and definitions: definition option 3 routers: it has another type",
    ),
    "relationship": (
        TEXT.replace("hq-branch: {percent: 70}", "new: {scopes: [10.0.1.0]}"),
        "hq: scope 10.0.1.0 is in relationship hq-branch on dhcp1",
    ),
    "scope": (
        TEXT.replace("percent: 70", "scopes: [10.9.9.0]"),
        "dhcp1 has no scope 10.9.9.0",
    ),
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file, and return its name."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="fleet.yaml"):
        (tmp_path / name).write_text(text, "utf-8")
        return name

    return write


def interrupt(monkeypatch, lab_server="dhcp1"):
    """Let Ctrl-C come while the pairs are planned or read."""
    from dhcpfo.pair.look import Look

    before = Look.__init__

    def init(self, *arguments, **named):
        signal.raise_signal(signal.SIGINT)
        before(self, *arguments, **named)

    monkeypatch.setattr(Look, "__init__", init)


def test_0_as_it_should_be(run, write):
    file = write(WELL)
    assert run("plan", file).code == 0
    assert run("apply", file, "--yes").code == 0
    assert run("export", "--pair", "dhcp1,dhcp2").code == 0
    assert run("explain", file, "hq", on_lab=False).code == 0
    assert run("schema", on_lab=False).code == 0


def test_1_failed_and_both_servers_as_before(run, write, lab):
    file = write(TEXT)
    lab.fail("dhcp1", "set_relationship", 87)
    failed = run("apply", file, "--yes")
    assert (failed.code, "both servers are as before" in failed.err) == (1, True)
    assert run("plan", file).code == 2


def test_2_changes_to_make(run, write):
    file = write(TEXT)
    assert run("plan", file).code == 2
    assert run("plan", file, "-q").code == 2
    assert run("apply", file, "--dry-run").code == 2


@pytest.mark.parametrize("what", CONFLICTS)
def test_3_what_the_file_wants_does_not_fit_the_servers(run, write, lab, what):
    from dhcpfo.models import DhcpClass

    text, said = CONFLICTS[what]
    lab.connect("dhcp2", direct=True).create_class(DhcpClass(name="Guests", data=b"guests"))
    file = write(text)
    before = lab.to_dict()["hosts"]
    for arguments in (["plan", file], ["apply", file, "--yes"], ["apply", file, "--dry-run"]):
        answer = run(*arguments)
        assert answer.code == 3, answer
        assert said in answer.err
        assert "1 pair cannot be planned" in answer.out
    error = run("plan", file, "--json").json["errors"][0]
    assert error["kind"] in ("Conflict", "FileError")
    assert (error["exit"], error["pair"]) == (3, "hq")
    assert lab.to_dict()["hosts"] == before


def test_3_a_file_an_option_or_a_name_is_wrong(run, write):
    file = write(TEXT)
    for arguments in (
        ["plan", "no.yaml"],
        ["apply", "no.yaml", "--yes"],
        ["plan", write(TEXT.replace("percent", "percnt"), "wrong.yaml")],
        ["apply", "wrong.yaml", "--yes"],
        ["plan", file, "--only", "other"],
        ["plan", write(TEXT.replace("70}", "70, reserve: 5}"), "both.yaml")],
        ["plan", write(TEXT + "    options: {nix: 1}\n", "option.yaml")],
        ["apply", "option.yaml", "--yes"],
        ["export", "--pair", "dhcp1"],
        ["export", "--only", "x", "--pair", "dhcp1,dhcp2"],
        ["explain", "no.yaml", "hq"],
        ["explain", file, "other"],
        ["schema", "more"],
        ["plan", file, "--no-such-option"],
    ):
        on_lab = arguments[0] not in ("explain", "schema")
        answer = run(*arguments, on_lab=on_lab)
        assert answer.code == 3, (arguments, answer)


def test_4_refused_by_a_guard_or_by_the_answer(run, write):
    file = write(TEXT.replace("percent: 70", "scopes: {only: true, list: [10.0.1.0]}"))
    assert run("apply", file, "--yes").code == 4
    plain = write(TEXT, "plain.yaml")
    assert run("apply", plain).code == 4
    assert run("apply", plain, typed="n\n").code == 4
    assert run("plan", file).code == 2


def test_5_failed_and_something_is_left(run, write, lab):
    file = write(TEXT)
    lab.fail("dhcp1", "set_relationship", 87)
    failed = run("apply", file, "--yes", "--on-error", "stop", "--json")
    assert (failed.code, failed.json["errors"][0]["left"]) == (5, True)


def test_6_a_server_cannot_be_read(run, write, lab):
    file = write(TEXT)
    lab.stop("dhcp2")
    for arguments in (["plan", file], ["apply", file, "--yes"], ["export", "--pair", "dhcp1,dhcp2"]):
        answer = run(*arguments)
        assert answer.code == 6, answer
    assert run("plan", file, "--json").json["unknown"][0]["server"] == "dhcp2"


@pytest.mark.parametrize("command", ["plan", "apply", "export"])
def test_130_interrupted(run, write, monkeypatch, command):
    file = write(TEXT)
    interrupt(monkeypatch)
    arguments = {
        "plan": ["plan", file],
        "apply": ["apply", file, "--yes"],
        "export": ["export", "--pair", "dhcp1,dhcp2"],
    }
    answer = run(*arguments[command])
    assert answer.code == 130, answer
    assert "interrupted" in answer.err


def test_the_worst_pair_decides(run, write, lab):
    """5 > 6 > 1 > 4 > 2 > 0; a pair that cannot be planned is worse than one that is refused."""
    lab.add_pair("far", scopes=["10.8.1.0/24"], primary="far1", secondary="far2", percentage=50)
    far = "  far: {servers: [far1, far2], relationships: {far: {percent: 55}}}\n"
    file = write(TEXT + far)
    assert run("plan", file).code == 2
    assert run("plan", write(TEXT + CLASSES + far.replace("far: {percent: 55}", "y: {}"), "usage.yaml")).code == 3
    lab.fail("far1", "set_relationship", 87)
    one = run("apply", file, "--yes", "--json")
    assert one.code == 1
    assert [entry["outcome"] for entry in one.json["results"] if "seconds" in entry] == ["changed"]
    assert run("relationship", "set", "hq-branch", "--share", "60", "--pair", "dhcp1,dhcp2", "--yes").code == 0
    lab.stop("far1")
    assert run("plan", file).code == 6
    lab.fail("dhcp1", "set_relationship", 87)
    assert run("apply", file, "--yes", "--on-error", "stop").code == 5


def test_quiet_prints_what_was_asked_for(run, write):
    file = write(WELL)
    for arguments in (["export", "--pair", "dhcp1,dhcp2", "--full"], ["explain", file, "hq"], ["schema"]):
        on_lab = arguments[0] == "export"
        loud, quiet = run(*arguments, on_lab=on_lab), run(*arguments, "-q", on_lab=on_lab)
        assert loud.out == quiet.out
        assert loud.out
    assert run("plan", file, "-q").out == ""
