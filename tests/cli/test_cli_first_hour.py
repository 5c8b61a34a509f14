"""What somebody with many pairs meets in the first hour: files, names and servers that are wrong in ordinary ways."""

import json
import os
import threading
from datetime import timedelta

import pytest

from dhcpfo.cli.cells import Styled
from dhcpfo.cli.options import Options
from dhcpfo.cli.planned import record_failure
from dhcpfo.cli.run import Run
from dhcpfo.fleet import PairResult
from dhcpfo.fleet.servers import lab_at
from dhcpfo.simulator import Lab


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A lab with three pairs, and a file with them; the second server of the second pair is stopped."""
    folder = tmp_path_factory.mktemp("fleet")
    lines = ["version: 1", "pairs:"]
    with Lab.open(folder / "fleet.lab") as lab:
        for at in (1, 2, 3):
            lab.add_pair(f"r{at}", scopes=[f"10.{at}.0.0/24"], primary=f"a{at}", secondary=f"b{at}")
            lines.append(f"  p{at}: {{servers: [a{at}, b{at}], relationships: {{r{at}: {{percent: 60}}}}}}")
        lab.lease("10.3.0.0", "00-15-5d-00-00-01", name="printer")
        lab.stop("b2")
        lab.advance(timedelta(minutes=5))
    (folder / "fleet.yaml").write_text("\n".join([*lines, ""]), "utf-8")
    yield folder
    lab_at(str(folder / "fleet.lab")).close()


@pytest.fixture
def go(run, made, monkeypatch):
    """Run a command on the fleet."""
    monkeypatch.chdir(made)

    def go(*line, file="fleet.yaml"):
        named = [] if line[0] in ("plan", "apply") or "--pair" in line else ["-f", file]
        return run(*line, *named, "--lab", "fleet.lab", on_lab=False)

    return go


SILENT = "p2: b2: the DHCP Server service is not running on that host [1753]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\npairs:\n  p: {servers: [a1, b1]}\n  p: {servers: [a2, b2]}\n", ":4:3: pairs.p: given twice, "),
        ("pairs: {}\npairs: {p: {servers: [a1, b1]}}\n", ":2:1: pairs: given twice, first on line 1"),
        ("pairs:\n\tp:\n", ":2:1: indent with spaces, not with tabs"),
        ("pairs: {p: {servers: [a1, A1]}}\n", ":1: pairs.p.servers must be two different servers"),
        ("pairs: {p: {servers: a1}}\n", ":1: pairs.p.servers must name two servers"),
        ("pairs: {p: {servers: [a1, *marker]}}\n", ":1:27: found an undefined alias; quote a text that starts with *"),
        ("pairs: {p: {servers: [a1\n", ":2:1: did not find expected ',' or ']'"),
        ("pairs: {ä: 1}\n", ":1: must be text in UTF-8"),
        ("pairs: []\n", ": the file has no pairs"),
        ("pairs: {? [p] : {servers: [a1, b1]}}\n", ":1:11: pairs: keys must be text"),
    ],
)
def test_a_file_that_is_wrong_names_no_pairs(go, tmp_path, text, said):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_bytes(text.encode("latin-1"))
    answer = go("relationship", "list", file=str(wrong))
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"dhcpfo: {wrong}{said}")


@pytest.mark.parametrize("text", ["﻿pairs: {p: {servers: [a1, b1]}}", "pairs:\r\n  p:\r\n    servers: [a1, b1]\r\n"])
def test_files_of_windows_editors(go, tmp_path, text):
    file = tmp_path / "of-windows.yaml"
    file.write_bytes(text.encode("utf-8"))
    assert go("relationship", "list", file=str(file)).code == 0


def test_tabs_are_told_by_plan_too(go, tmp_path):
    (tmp_path / "tabs.yaml").write_text("version: 1\npairs:\n\tp: {}\n", "utf-8")
    assert ":3:1: indent with spaces, not with tabs\n" in go("plan", str(tmp_path / "tabs.yaml")).err


def test_a_client_is_on_one_pair_of_many(go):
    answer = go("client", "show", "printer", "--only", "p[13]")
    assert answer.code == 0
    assert answer.lines[0].split() == ["a3", "b3"]
    assert "no client" not in answer.out
    answer = go("client", "show", "nobody", "--only", "p[13]")
    assert (answer.code, answer.out) == (2, "a1, b1, a3, b3: no client nobody\n")


def test_a_client_on_one_server_of_a_pair_only(go):
    assert go("client", "show", "printer", "--pair", "a3,b1").out.endswith("\nb1: no client printer\n")


def test_an_address_is_of_one_pair_of_many(go):
    answer = go("address", "status", "10.3.0.7", "--only", "p[13]")
    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[0].split() == ["ADDRESS", "a3", "b3"]
    answer = go("address", "status", "10.9.0.7", "--only", "p[13]")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("dhcpfo: a1, b1, a3, b3: 10.9.0.7 is not in a failover scope\n   try: ")


def test_a_scope_is_found_in_one_pair_of_many(go):
    assert go("scope", "show", "10.3.0.0").out.startswith("# on a3\n")
    answer = go("scope", "show", "10.9.0.0")
    assert answer.code == 3
    assert answer.err.startswith("dhcpfo: a1, a2, a3 have no scope 10.9.0.0\n")


def test_a_command_for_one_pair_says_how_to_choose(go, run):
    answer = go("preflight", "new", "10.3.0.0")
    assert answer.code == 3
    assert "the options name 3: p1; p2; p3\n   try: name it with --only\n" in answer.err
    answer = run("preflight", "new", "10.3.0.0", "--lab", "fleet.lab", on_lab=False)
    assert "the options name 3: a1 and b1; a2 and b2; a3 and b3\n   try: name it with --pair A,B\n" in answer.err


def test_a_relationship_is_found_among_many_pairs(go, run, tmp_path):
    assert go("relationship", "show", "R3").lines[0].split() == ["a3", "b3"]
    assert go("relationship", "show", "r2").lines[0].split() == ["a2", "b2"]
    assert "this command works on one pair" in go("reallocate", "r3").err  # a change is for those that are named
    answer = go("wait", "nobody", "--only", "p[13]")
    assert (answer.code, answer.err.splitlines()[0]) == (3, "dhcpfo: none of the 2 pairs has a relationship nobody")
    answer = go("wait", "nobody")
    assert answer.code == 6
    assert "no server that could be read has a relationship nobody; not read: b2" in answer.err
    with Lab.open(tmp_path / "twice.lab") as lab:
        for at in (1, 2):
            lab.add_pair("same", primary=f"a{at}", secondary=f"b{at}", scopes=[f"10.{at}.0.0/24"])
    answer = run("relationship", "show", "same", "--lab", tmp_path / "twice.lab", on_lab=False)
    assert answer.err.startswith("dhcpfo: 2 pairs have a relationship same: a1,b1; a2,b2\n   try: name it with --pair")


def test_servers_that_are_not_a_pair(go):
    answer = go("relationship", "list", "--pair", "a1,b3")
    assert answer.lines == [
        "0 relationships",
        "a1: 1 relationship with other servers: r1",
        "b3: 1 relationship with other servers: r3",
    ]
    assert go("relationship", "list", "--pair", "a1,A1").err == (
        "dhcpfo: --pair must name two different servers, got a1,A1\n"
    )


def test_commands_that_are_below_another_one(run):
    assert "unknown command list; did you mean relationship list or scope list?" in run("list").err


@pytest.mark.parametrize("command", ["audit", "report", "plan", "relationship list", "scope list", "export"])
def test_what_is_unknown_is_among_the_unknown(go, command):
    line = [*command.split(), *{"report": ["--html", "r.html"], "plan": ["fleet.yaml"]}.get(command, [])]
    answer = go(*line, "--json")
    assert answer.code == 6
    assert [one["pair"] for one in answer.json["unknown"]] == ["p2"]
    error = answer.json["unknown"][0]
    assert "not running" in error["message"]
    assert (error["code"], error["name"], error["server"]) == (1753, "EPT_S_NOT_REGISTERED", "b2")
    assert error["function"].startswith("Dhcp")


@pytest.mark.parametrize("command", ["report --html r.html", "plan fleet.yaml", "relationship list", "export"])
def test_a_server_that_does_not_answer_is_told_in_one_way(go, command):
    answer = go(*command.split(), *(["--only", "p2"] if command.startswith("plan") else []))
    assert f"dhcpfo: {SILENT}\n   try: start the DHCP Server service on b2: " in answer.err
    assert "Dhcp" not in answer.err.replace("DhcpServer", "")
    answer = go(*command.split(), "-v")
    assert f"dhcpfo: {SILENT}\n   DhcpV4FailoverEnumRelationship returned EPT_S_NOT_REGISTERED (1753) on b2\n" in (
        answer.err
    )


def test_an_audit_names_functions_with_verbose_only(go):
    assert "b2 could not be read: the DHCP Server service is not running on that host [1753]\n" in go("audit").out
    assert "(DhcpV4FailoverEnumRelationship, server b2)" in go("audit", "-v").out


def test_advice_is_given_once(run, tmp_path):
    with Lab.open(tmp_path / "off.lab") as off:
        off.add_pair("r", primary="a1", secondary="b1")
        off.stop("a1")
        off.stop("b1")

    def go(*line):
        return run(*line, "--lab", tmp_path / "off.lab", on_lab=False)

    answer = go("relationship", "list")
    assert answer.out == "0 relationships, 2 servers unknown\n"
    assert answer.err.count("try:") == 1
    assert go("export").out == ""  # half a file would look like one
    lines = [line.split(" ", 2)[2] for line in go("watch", "--times", "1").lines]
    assert lines == ["a1,b1 a1: UNREACHABLE", "a1,b1 b1: UNREACHABLE"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no file modes")
def test_a_report_does_not_replace_a_pipe_or_a_link(go, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert go("report", "--html", str(pipe), "--only", "p1").out == f"{pipe}: 1 pair\n"
    reader.join(20)
    assert read[0].startswith("<!DOCTYPE html>")
    (tmp_path / "link.html").symlink_to("page.html")
    assert go("report", "--html", str(tmp_path / "link.html"), "--only", "p1").code == 0
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "page.html").is_file()
    assert ": 3 pairs, 1 needs attention, 1 could not be read completely\n" in go("report", "--html", "r.html").out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_a_full_disk_and_a_device_for_the_log(go):
    answer = go("plan", "fleet.yaml", "--only", "p1", "-o", "/dev/full")
    assert answer.err.startswith("dhcpfo: /dev/full cannot be written: ")
    assert answer.err.count("\n") == 1
    answer = go("plan", "fleet.yaml", "--only", "p1", "--log", "/dev/full")
    assert answer.code == 2
    assert "; the log ends here" in answer.err
    answer = go("plan", "fleet.yaml", "--only", "p1", "--log", "-")
    assert (answer.code, answer.err.splitlines()[0]) == (3, "dhcpfo: --log must be the name of a file, got -")


def test_a_folder_is_not_a_test_file(run, tmp_path):
    for folder in (f"{tmp_path}", f"{tmp_path}/new/"):
        answer = run("init-tests", folder, on_lab=False)
        assert answer.err.startswith(f"dhcpfo: {folder} is a folder\n   try: dhcpfo init-tests ")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plan nope.yaml", "nope.yaml: cannot be read: No such file or directory\n"),
        ("lab cut fleet.lab a1 A1", "dhcpfo: a network is between two different servers, got a1 twice\n"),
        ("lab explain fleet.lab r9", "dhcpfo: no server has a relationship r9\n   try: dhcpfo lab show fleet.lab\n"),
        ("lab load new.lab . a1", "dhcpfo: .: this is a folder\n"),
    ],
)
def test_mistakes_with_files_and_servers(run, made, monkeypatch, line, said):
    monkeypatch.chdir(made)
    answer = run(*line.split(), on_lab=False)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(said)


def test_scopes_that_are_not_in_failover_do_not_differ(run, tmp_path):
    with Lab.open(tmp_path / "none.lab") as lab:
        lab.add_server("a1", "192.0.2.1")
        lab.add_server("b1", "192.0.2.2")
    assert run("scope", "diff", "--lab", tmp_path / "none.lab", on_lab=False).out == "a1,b1: no failover scopes\n"


def test_a_plan_that_was_edited(go, made):
    go("plan", "fleet.yaml", "-o", "plan.json", "--only", "p1")
    plan = json.loads((made / "plan.json").read_text("utf-8"))
    plan["pairs"]["p1"]["digests"] = []
    (made / "edited.json").write_text(json.dumps(plan), "utf-8")
    answer = go("apply", "edited.json", "--yes")
    assert answer.code == 4
    assert "dhcpfo: p1: moved: 2 changes of the plan were not approved; left alone\n" in answer.err
    (made / "edited.json").write_text(json.dumps({**plan, "file": None}), "utf-8")
    assert "this plan is damaged" in go("apply", "edited.json", "--yes").err


def test_what_was_asked_for_is_named_in_a_refusal(run):
    answer = run("relationship", "delete", "hq-branch", "--allow", "delete-scopes", typed="yes\n")
    assert answer.code == 4
    assert answer.err.endswith("dhcpfo: nothing was sent: the answer was not hq-branch\n")


def test_secrets_are_told_apart_in_words(run, monkeypatch):
    monkeypatch.setenv("NEW", "another-one-4712")
    answer = run("rotate-secret", "hq-branch", "--new", "env:NEW", "--dry-run")
    assert "relationship hq-branch: secret the one that the secondary shows → the new one" in answer.out


def test_an_audit_of_many_pairs_shows_those_with_findings(run, tmp_path):
    with Lab.open(tmp_path / "many.lab") as lab:
        for at in range(5):
            lab.add_pair(f"r{at}", scopes=[f"10.{at}.0.0/24"], primary=f"a{at}", secondary=f"b{at}")
        lab.stop("b4")
    line = ("audit", "--lab", tmp_path / "many.lab", "--depth", "relationships")
    answer = run(*line, on_lab=False)
    assert [answer.lines[0], answer.lines[-1]] == ["a4,b4: 1 found", "4 of 5 pairs: nothing found"]
    assert run(*line, "-v", on_lab=False).out.count(": nothing found") == 4
    with Lab.open(tmp_path / "many.lab") as lab:
        lab.start("b4")
        lab.settle()
    assert run(*line, on_lab=False).out == "5 pairs: nothing found\n"


def test_a_check_names_functions_with_verbose(go):
    assert go("check", "-v").out.count("[EPT_S_NOT_REGISTERED 1753] (DhcpV4FailoverEnumRelationship)\n") == 1
    assert "(Dhcp" not in go("check").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "relationship list -f a.yaml -f b.yaml",
            "-f takes one file, got a.yaml and b.yaml\n   try: a file that includes",
        ),
        ("relationship list --lab a.lab --lab b.lab", "--lab takes one file, got a.lab and b.lab\n"),
        ("plan -f fleet.yaml", "dhcpfo plan takes the file without -f\n"),
        ("-f fleet.yaml plan", "dhcpfo plan takes the file without -f\n"),
        ("audit fleet.yaml", "unexpected argument fleet.yaml: -f names such a file\n"),
        ("audit a.lab", "unexpected argument a.lab: --lab names such a file\n"),
    ],
)
def test_files_where_they_do_not_belong(run, line, said):
    answer = run(*line.split(), on_lab=False)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"dhcpfo: {said}")


def test_what_ctrl_c_undid_is_said_once(capsys):
    text = "apply failed at step 1 of 2, on a1: interrupted\n  left     nothing: both servers are as before"
    for options, interrupted, left, told in [({}, 1, 0, 0), ({}, 0, 0, 1), ({}, 1, 1, 1), ({"verbose": 1}, 1, 0, 1)]:
        run = Run("apply", Options(**options))
        run.interrupted = bool(interrupted)
        error = {"kind": "PairError", "text": text, "left": bool(left)}
        record_failure(run, PairResult(pair="p1", outcome="failed", error=error))
        assert capsys.readouterr().err.count("interrupted") == told
        assert (run.exit, len(run.out.errors)) == (5 if left else 1, 1)


def test_a_list_says_what_differs_where_the_states_do_not_show_it(run, lab):
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=40)
    assert run("relationship", "list").lines[-2:] == [
        "1 relationship, 1 needs attention",
        "  hq-branch: the halves differ: percentage",
    ]


def test_a_share_is_not_a_reserve(run, lab):
    run("relationship", "set", "hq-branch", "--mode", "hot-standby", "--reserve", "5", "--yes")
    answer = run("relationship", "set", "hq-branch", "--share", "30", "--yes")
    assert answer.code == 3
    assert answer.err.startswith("dhcpfo: --share is for load balance, and hq-branch is hot standby: pass --reserve")
    assert run("relationship", "set", "hq-branch", "--share", "30", "--mode", "load-balance", "--yes").code == 0
    assert lab.connect("dhcp2").get_relationship("hq-branch").percentage == 30


def test_options_instead_of_arguments_of_python(run, lab):
    lab.add_scope("10.0.3.0/24", servers=["dhcp2"])
    answer = run("scopes", "add", "hq-branch", "10.0.3.0", "--yes")
    assert (answer.code, answer.err) == (
        4,
        "dhcpfo: dhcp2 has scope 10.0.3.0, enabled; --existing complete disables it first\n",
    )
    answer = run("relationship", "delete", "hq-branch", "--without-partner", "--keep", "both")
    assert answer.err.startswith("dhcpfo: --keep both cannot go with --without-partner: name the server")


def test_a_relationship_with_another_server(go):
    answer = go("relationship", "show", "r1", "--pair", "a1,b3")
    assert (answer.code, answer.err) == (3, "dhcpfo: relationship r1 of a1 is with another server than b3\n")
    answer = go("relationship", "delete", "r1", "--pair", "a1,b3")
    assert answer.code == 3
    assert answer.err.startswith("dhcpfo: relationship r1 of a1 is with 192.0.2.2, which is not an address of b3\n")


@pytest.mark.parametrize(("wide", "lost"), [(56, "SWITCH, MCLT"), (63, "SWITCH"), (75, "")])
def test_many_rows_lose_columns_before_they_become_lists(capsys, monkeypatch, wide, lost):
    from dhcpfo.cli.terminal import print_rich

    monkeypatch.setenv("COLUMNS", str(wide))
    heads = ["NAME", "MCLT", "SWITCH", "STATE"]
    row = [Styled("x" * 30), Styled("1h"), Styled("never"), Styled("y" * 20)]
    print_rich(heads, [row] * 6, ("SWITCH", "MCLT"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [name for name in heads if name not in lost.split(", ")]
    assert len(lines) == (7 if not lost else 8)
    assert not lost or lines[-1] == f"not shown: {lost}; a wider terminal shows all"


def test_those_that_need_attention_are_named_below_a_long_list(run, tmp_path):
    with Lab.open(tmp_path / "many.lab") as lab:
        for at in range(21):
            lab.add_pair(f"r{at}", scopes=[f"10.{at}.0.0/24"], primary=f"a{at}", secondary=f"b{at}")
        lab.cut("a7", "b7")
        lab.advance(timedelta(minutes=5))
    answer = run("relationship", "list", "--lab", tmp_path / "many.lab", on_lab=False)
    assert answer.lines[-3:] == [
        "21 relationships, 1 needs attention",
        "  a7,b7 r7: a7 is COMMUNICATION_INTERRUPTED",
        "  a7,b7 r7: b7 is COMMUNICATION_INTERRUPTED",
    ]
