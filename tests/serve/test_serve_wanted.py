"""The plans of a file on the page: those of ``dhcpfo plan``, in the same words, and only to read."""

import os
import time
from pathlib import Path

import pytest
from served import SECRET

from dhcpfo.cli import main
from dhcpfo.fleet.plan_text import rows_of
from dhcpfo.simulator import Lab

FILE = """\
version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships:
      hq-branch: {percent: 70, scopes: {only: true, list: [10.0.0.0]}, secret: {env: HQ_SECRET}}
  branch:
    servers: [dhcp3, dhcp4]
    relationships: {branch: {scopes: [10.5.0.0]}}
  store:
    servers: [s1, s2]
    relationships: {store: {scopes: [10.7.0.0]}}
  elsewhere:
    servers: [e1, e2]
    relationships: {elsewhere: {scopes: [10.8.0.0]}}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("HQ_SECRET", SECRET)
    path = tmp_path / "fleet.yaml"
    path.write_text(FILE, "utf-8")
    return path


@pytest.fixture
def wanted(browse, pairs, file):
    with browse(pairs, file=file) as page:
        yield page


def everything(page, **more):
    """The answer as soon as all plans are made."""
    end = time.monotonic() + 30
    found = page.read("wanted", **more)
    while found["total"] is None and not found["problems"]:
        assert time.monotonic() < end
        time.sleep(0.01)
        found = page.read("wanted")
    return found


def test_the_words_are_those_of_the_command(wanted, lab, file, tmp_path, capsys):
    copy = tmp_path / "copy.lab"
    lab.save(copy)
    file.write_text(FILE.partition("  elsewhere")[0], "utf-8")
    assert main(["plan", str(file), "--lab", str(copy), "-v"]) == 6
    said = capsys.readouterr()
    printed = [" ".join(line.split()).removeprefix("dhcpfo: ") for line in (said.err + said.out).splitlines()]
    found = everything(wanted, again=1)
    assert found["total"] == printed[-1]
    assert found["total"].startswith("Plan: 5 to change, 1 to delete, ")
    assert found["absent"] == []
    for plan in found["pairs"]:
        if "error" in plan:
            assert f"{plan['name']}: {plan['error'][0]}" in printed
            continue
        if plan["rows"]:
            assert " ".join([plan["name"], *plan["heading"].split()]) in printed
        for line in [" ".join(row).split() for row in plan["rows"]]:
            assert " ".join(line) in printed
        for line in plan["notes"]:
            assert " ".join(line.split()) in printed
    assert all(line in printed for line in found["left"])
    outcomes = {plan["name"]: plan["outcome"] for plan in found["pairs"]}
    assert outcomes == {"hq": "drift", "branch": "unchanged", "store": "unknown"}


def test_guards_of_the_whole_run_are_those_of_the_command(browse, tmp_path, capsys):
    file, path = tmp_path / "fleet.yaml", tmp_path / "two.lab"
    lines = ["version: 1", "defaults: {limits: {delete: 10%, from: 3}}", "pairs:"]
    with Lab.open(path) as lab:
        for name in ("one", "two"):
            scopes = [f"10.{len(lines)}.{number}.0" for number in (0, 1)]
            lab.add_pair(name, primary=f"{name}1", secondary=f"{name}2", scopes=[f"{scope}/24" for scope in scopes])
            terms = f"{name}: {{scopes: {{only: true, list: [{scopes[0]}]}}}}"
            lines.append(f"  {name}: {{servers: [{name}1, {name}2], relationships: {{{terms}}}}}")
        file.write_text("\n".join(lines), "utf-8")
        assert main(["plan", str(file), "--lab", str(path), "-v"]) == 2
        printed = capsys.readouterr().out.splitlines()
        with browse({name: lab.connect_pair(f"{name}1", f"{name}2") for name in ("one", "two")}, file=file) as page:
            plans = everything(page)["pairs"]
    for plan in plans:
        (guard,) = [note for note in plan["notes"] if "in the whole run" in note]
        assert guard.endswith("--allow many-deletes")
        assert printed.count(f"   {guard}") == 2


def test_settings_of_a_new_scope_do_not_hide_its_guard():
    def change(undo, guard=None):
        return {"undo": undo, "server": "s", "text": "t", "guard": guard}

    plan = {"changes": [change("recreates", "g"), change("with-parent"), change("restores"), change("with-parent")]}
    assert rows_of(plan) == ([["!", "1", "s", "t", "--allow g"], ["", "3", "s", "t", "with 1 setting"]], 1)


def test_a_pair_alone_says_the_same(wanted):
    found = everything(wanted)
    one = wanted.read("pairs/0/wanted")
    assert one["plan"] == found["pairs"][0]
    assert wanted.read("pairs/1/wanted")["plan"]["heading"] == "unchanged"
    assert found["absent"] == ["elsewhere"]


def test_nothing_is_changed_and_no_secret_is_shown(wanted, lab, monkeypatch):
    monkeypatch.setenv("HQ_SECRET", "marker-secret-new")
    before = servers(lab)
    everything(wanted)
    wanted.client.get("/api/pairs/0/wanted?again=1", headers={"x-dhcpfo-key": wanted.key})
    for path in ("/api/wanted", "/api/pairs/0/wanted"):
        assert wanted.client.post(path, json={}, headers={"x-dhcpfo-key": wanted.key}).status_code == 405
        assert wanted.client.get(path).status_code == 403
    assert servers(lab) == before
    assert any("secret" in row[3] for row in wanted.read("pairs/0/wanted")["plan"]["rows"])
    assert not any("marker-secret" in answer for answer in wanted.answers)


def servers(lab):
    found = lab.to_dict(secrets=True)
    del found["clock"]
    return found


def test_mistakes_have_line_and_key_and_a_mended_file_is_read_again(wanted, file):
    before = everything(wanted)
    file.write_text(FILE.replace("percent: 70", "percent: 700").replace("scopes: [10.5", "scops: [10.5"), "utf-8")
    broken = wanted.read("wanted")
    places = [one["place"] for one in broken["problems"]]
    assert places[0].startswith(f"{file}:6:28: pairs.hq.relationships.hq-branch.percent: ")
    assert places[1].startswith(f"{file}:9:30: pairs.branch.relationships.branch.scops: ")
    assert broken["problems"][1]["line"] == 9
    assert wanted.read("pairs/0/wanted")["plan"] is None
    file.write_text(FILE.replace("percent: 70", "percent: 65"), "utf-8")
    mended = everything(wanted)
    assert mended["problems"] == []
    assert "percentage 60 → 65" in str(mended["pairs"][0]["rows"])
    assert "percentage 60 → 70" in str(before["pairs"][0]["rows"])
    file.unlink()
    assert "No such file" in wanted.read("wanted")["problems"][0]["text"]


def test_plans_of_what_the_file_said_before_are_forgotten(pairs, file):
    from datetime import timedelta

    from dhcpfo.serve.views import Fleet
    from dhcpfo.serve.wanted import FilePlans

    fleet = Fleet(pairs, interval=timedelta(hours=1))
    plans = FilePlans(fleet, file)
    for percent in range(61, 70):
        file.write_text(FILE.replace("percent: 70", f"percent:  {percent}" + " " * percent), "utf-8")
        end = time.monotonic() + 30
        while plans.all(again=False)["total"] is None:
            assert time.monotonic() < end
            time.sleep(0.005)
    kept = [key for line in fleet.jobs._lines.values() for key in line.outcomes]
    assert len(kept) == len(pairs)


def test_an_included_file_counts_too(browse, pairs, tmp_path):
    (tmp_path / "sites").mkdir()
    (tmp_path / "fleet.yaml").write_text("version: 1\ninclude: sites/*.yaml\n", "utf-8")
    inside = "version: 1\npairs:\n  {}: {{servers: {}, relationships: {{{}: {{percent: {}}}}}}}\n"
    (tmp_path / "sites" / "a.yaml").write_text(inside.format("hq", "[dhcp1, dhcp2]", "hq-branch", 61), "utf-8")
    with browse(pairs, file=tmp_path / "fleet.yaml") as page:
        assert [plan["name"] for plan in everything(page)["pairs"]] == ["hq"]
        (tmp_path / "sites" / "a.yaml").write_text(inside.format("hq", "[dhcp1, dhcp2]", "hq-branch", 62), "utf-8")
        assert "62" in str(everything(page)["pairs"][0]["rows"])
        (tmp_path / "sites" / "b.yaml").write_text(inside.format("branch", "[dhcp3, dhcp4]", "branch", 62), "utf-8")
        assert [plan["name"] for plan in everything(page)["pairs"]] == ["hq", "branch"]


def test_only_what_the_file_says_makes_it_be_read_again(wanted, file):
    everything(wanted)
    before = file.stat()
    file.with_suffix(".lab").write_text("x", "utf-8")  # such as a lab's file, which is replaced all the time
    file.touch()
    later = wanted.read("wanted")
    assert [plan["outcome"] for plan in later["pairs"]] == ["drift", "unchanged", "unknown"]
    file.write_text(FILE.replace("percent: 70", "percent: 71"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # a change within a tick of the clock
    assert "71" in str(everything(wanted)["pairs"][0]["rows"])


@pytest.mark.parametrize("make", [Path.mkdir, getattr(os, "mkfifo", Path.mkdir)])
def test_a_pipe_cannot_be_read_again(browse, pairs, tmp_path, make):
    make(tmp_path / "pipe")
    with browse(pairs, file=tmp_path / "pipe") as page:
        assert page.read("wanted")["problems"][0]["text"] == "must be a file, which can be read again"


def test_what_is_known_is_not_sent_again(wanted):
    version = everything(wanted)["version"]
    assert wanted.read("wanted", have=version) == {"version": version}
    assert wanted.read("wanted", have="x")["pairs"]


def test_a_plan_is_made_again_only_when_somebody_asks(browse, pairs, file, lab):
    from datetime import timedelta

    with browse(pairs, file=file, interval=timedelta(0)) as page:
        everything(page)
        lab.connect("dhcp1").set_relationship("hq-branch", percentage=70)
        lab.connect("dhcp2").set_relationship("hq-branch", percentage=70)
        assert "→ 70" in str(page.read("pairs/0/wanted")["plan"]["rows"])
        end = time.monotonic() + 30
        page.client.get("/api/pairs/0/wanted?again=1", headers={"x-dhcpfo-key": page.key})
        while "→ 70" in str(page.read("pairs/0/wanted")["plan"]["rows"]):
            assert time.monotonic() < end


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("servers: [dhcp1, dhcp2]", "servers: [dhcp2, dhcp1]", "the file names other servers than at the start"),
        ("percent: 70", "reserve: 5", "the relationship is load-balance; give the mode, too"),
        ("HQ_SECRET", "NO_SUCH_NAME", "environment variable NO_SUCH_NAME is not set"),
    ],
)
def test_what_does_not_fit_the_servers_is_said_at_the_pair(wanted, file, old, new, expected):
    file.write_text(FILE.replace(old, new), "utf-8")
    plan = wanted.read("pairs/0/wanted")["plan"]
    assert plan["outcome"] == "failed"
    assert expected in plan["error"][0]
    assert everything(wanted)["total"].endswith("1 pair unchanged, 1 pair cannot be planned, 1 pair unknown.")


def test_without_a_file_there_are_no_such_plans(page):
    assert page.client.get("/api/session").json()["file"] is None
    assert page.get("wanted").status_code == 404
