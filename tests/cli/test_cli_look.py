"""The commands that look: relationships, scopes, clients, addresses, audits."""

import csv
import io
from datetime import timedelta

import pytest


def first_words(answer):
    return [line.split()[0] for line in answer.lines if line.strip()]


def test_relationships_are_listed_with_both_states(run):
    answer = run("relationship", "list")
    assert answer.code == 0
    assert "dhcp1 (primary)" in answer.lines[0]
    assert "dhcp2 (secondary)" in answer.lines[0]
    assert " ".join(answer.lines[1].split()) == "hq-branch load balance 60 / 40 1h never yes 2 ● normal ● normal"
    assert answer.lines[-1] == "1 relationship"


def test_the_share_is_that_of_the_server_above_it(run):
    answer = run("relationship", "list", "--pair", "dhcp2,dhcp1")
    assert "dhcp2 (secondary)  dhcp1 (primary)" in answer.lines[0]
    assert "40 / 60" in answer.lines[1]


def test_what_needs_attention_is_exit_code_2(run, lab):
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    answer = run("relationship", "list", "-v")
    assert answer.code == 2
    assert answer.lines[1].count("▲ comm. interrupted") == 2
    assert "1 relationship, 1 needs attention" in answer.lines
    assert "  hq-branch: dhcp1 is COMMUNICATION_INTERRUPTED" in answer.lines


def test_a_half_that_is_missing(run, lab):
    lab.connect("dhcp2").delete_relationship("hq-branch")
    answer = run("relationship", "list")
    assert answer.code == 2
    assert "✖ no half" in answer.lines[1]


def test_a_server_that_does_not_answer_is_unknown(run, lab):
    lab.power_off("dhcp2")
    answer = run("relationship", "list")
    assert answer.code == 6
    assert "✖ unreachable: 1722" in answer.lines[1]
    assert answer.lines[-1] == "1 relationship, 1 server unknown"
    assert answer.err.startswith("dhcpfo: dhcp2: ")
    assert "[1722]" in answer.err
    assert "\n   try: " in answer.err


def test_a_server_that_denies_is_unknown_and_not_empty(run, lab):
    lab.fail("dhcp1", "enum_relationships", 5)
    answer = run("relationship", "list", "--json")
    assert answer.code == 6
    assert answer.json["unknown"][0]["server"] == "dhcp1"
    assert answer.json["unknown"][0]["code"] == 5
    assert answer.json["results"][0]["servers"]["dhcp1"] is None


def test_several_pairs_are_listed_together(run, lab):
    lab.add_pair("b", primary="dhcp3", secondary="dhcp4", scopes=["10.7.0.0/24"])
    answer = run("relationship", "list")
    assert answer.lines[0].split()[0] == "PAIR"
    assert [line.split()[:2] for line in answer.lines[1:3]] == [["dhcp1,dhcp2", "hq-branch"], ["dhcp3,dhcp4", "b"]]
    assert "dhcp3 ● normal" in answer.lines[2]


def test_a_relationship_is_shown_side_by_side(run, lab):
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=70)
    answer = run("relationship", "show", "HQ-branch")
    assert answer.code == 2
    assert "share 60 / 40 70 / 30" in [" ".join(line.split()) for line in answer.lines]
    assert "! the halves differ: percentage" in answer.lines


def test_a_name_that_nobody_has_is_exit_code_3(run):
    answer = run("relationship", "show", "nobody")
    assert answer.code == 3
    assert answer.err == "dhcpfo: neither dhcp1 nor dhcp2 has a relationship nobody; they have hq-branch\n"


def test_scopes_of_both_servers(run):
    answer = run("scope", "list")
    assert [line.split() for line in answer.lines[1:]] == [
        ["10.0.1.0", "enabled", "enabled", "hq-branch"],
        ["10.0.2.0", "enabled", "enabled", "hq-branch"],
        ["10.0.3.0", "enabled", "missing", "none"],
    ]


def test_a_scope_is_shown_whole(run):
    answer = run("scope", "show", "10.0.1.0")
    assert answer.code == 0
    assert 'network: "10.0.1.0/24"' in answer.lines
    assert run("scope", "show", "10.0.9.0").code == 3


def test_a_difference_between_scopes(run, lab):
    lab.connect("dhcp1").add_exclusion("10.0.1.0", "10.0.1.10", "10.0.1.20")
    answer = run("scope", "diff")
    assert answer.code == 2
    assert "  - exclusion                  10.0.1.10 - 10.0.1.20" in answer.lines
    assert answer.lines[-1] == "1 scope is equal on both servers"
    assert "--- dhcp1" in run("scope", "diff", "10.0.1.0", "--unified").out
    changed = run("scope", "diff", "--json").json["results"]
    assert [(one["scope"], one["equal"]) for one in changed] == [("10.0.1.0", False), ("10.0.2.0", True)]


def test_statistics(run, lab):
    lab.lease("10.0.1.0", b"\x00\x15\x5d\x01\x02\x03")
    answer = run("scope", "stats")
    assert answer.code == 0
    assert answer.lines[0] == "dhcp1,dhcp2, as dhcp1 counts"
    assert answer.lines[2].split()[:4] == ["10.0.1.0", "254", "253", "1"]
    lab.power_off("dhcp1")
    assert run("scope", "stats", "10.0.1.0").lines[0] == "dhcp1,dhcp2, as dhcp2 counts"


def test_a_client_as_both_servers_know_it(run, lab):
    address = lab.lease("10.0.1.0", b"\x00\x15\x5d\x01\x02\x03")
    lab.advance(timedelta(minutes=1))
    address = getattr(address, "address", address)
    answer = run("client", "show", str(address))
    assert answer.code == 0
    assert "00-15-5d-01-02-03" in answer.out
    same = run("client", "show", "00-15-5d-01-02-03", "--scope", "10.0.1.0", "--json").json["results"]
    assert [one["server"] for one in same] == ["dhcp1", "dhcp2"]
    assert run("client", "show", "00-15-5d-01-02-03").code == 3
    assert run("client", "show", "10.0.1.250").code == 2


def test_the_status_of_addresses(run):
    answer = run("address", "status", "10.0.1.7", "10.0.1.200")
    assert answer.code == 0
    assert answer.lines[0].split() == ["ADDRESS", "dhcp1", "dhcp2"]
    assert answer.lines[1].split()[1] in ("primary", "secondary")
    assert run("address", "status", "10.0.1").code == 3


def test_an_audit_finds_nothing_or_something(run, lab):
    assert run("audit").lines == ["dhcp1 and dhcp2: nothing found"]
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=70)
    answer = run("audit", "--depth", "relationships")
    assert answer.code == 2
    assert "percentage-differs" in answer.out
    assert "dhcpfo adopt hq-branch --like SERVER" in answer.out
    lab.power_off("dhcp2")
    assert run("audit").code == 6


def test_a_preflight(run):
    assert run("preflight", "new", "10.0.3.0").code == 0
    answer = run("preflight", "hq-branch", "10.9.0.0")
    assert answer.code == 2
    assert {"name-taken", "scope-missing"} <= {line.split()[1] for line in answer.lines[1:]}


FLEET = """\
version: 1
pairs:
  hq: {servers: [dhcp1, dhcp2]}
"""


def test_the_pairs_of_a_file_and_of_those_that_it_includes(run, lab, tmp_path):
    lab.add_pair("b", primary="dhcp3", secondary="dhcp4", scopes=["10.7.0.0/24"])
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "all.yaml").write_text(
        "version: 1\ninclude: [fleet.yaml]\npairs:\n  branch-1: {servers: [dhcp3, dhcp4]}\n"
    )
    command = ("relationship", "list", "--json", "-f")
    assert [one["pair"] for one in run(*command, tmp_path / "fleet.yaml").json["results"]] == ["hq"]
    assert {one["pair"] for one in run(*command, tmp_path / "all.yaml").json["results"]} == {"hq", "branch-1"}
    only = run(*command, tmp_path / "all.yaml", "--only", "branch-*").json["results"]
    assert [one["relationship"] for one in only] == ["b"]
    for wrong in ("pairs: [", "pairs: {}", "pairs: {a: {servers: [b]}}", "- 1"):
        (tmp_path / "wrong.yaml").write_text(wrong)
        assert run("relationship", "list", "-f", tmp_path / "wrong.yaml").code == 3
    assert run("relationship", "list", "-f", tmp_path / "none.yaml").code == 3


LOOKS = [
    ("relationship", "list"),
    ("relationship", "show", "hq-branch"),
    ("scope", "list"),
    ("scope", "show", "10.0.1.0"),
    ("scope", "diff"),
    ("scope", "stats"),
    ("address", "status", "10.0.1.7"),
    ("client", "show", "10.0.1.7"),
    ("time",),
    ("audit",),
    ("preflight", "hq-branch", "10.0.1.0"),
]


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_the_json_contract(run, command):
    answer = run(*command, "--json")
    whole = answer.json
    assert list(whole) == ["format", "command", "ok", "exit", "results", "errors", "unknown"]
    assert whole["format"] == 1
    assert " ".join(command).startswith(whole["command"])
    assert (whole["exit"], whole["ok"]) == (answer.code, answer.code == 0)
    assert answer.err == ""


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_csv_has_the_results(run, command):
    answer = run(*command, "--output", "csv")
    records = list(csv.DictReader(io.StringIO(answer.out)))
    results = run(*command, "--json").json["results"]
    by_server = [next((one[key] for key in ("servers", "status") if key in one), "x") for one in results]
    assert len(records) == sum(map(len, by_server))


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_quiet_prints_errors_only(run, command):
    assert run(*command, "--quiet").out == ""


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_json_lines_end_with_the_exit_code(run, command):
    import json

    answer = run(*command, "--json-lines")
    lines = [json.loads(line) for line in answer.lines]
    assert lines[-1]["event"] == "end"
    assert lines[-1]["exit"] == answer.code
    assert {line["event"] for line in lines[:-1]} <= {"result", "error", "unknown", "progress"}
