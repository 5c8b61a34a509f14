"""``dhcpfo plan``, ``apply``, ``export``, ``explain`` and ``schema``."""

import json

import pytest

TEXT = """\
version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships: {hq-branch: {percent: 70, scopes: [10.0.1.0, 10.0.2.0]}}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fleet.yaml").write_text(TEXT, "utf-8")
    return "fleet.yaml"


def test_plan_apply_and_nothing_left(run, file):
    planned = run("plan", file)
    assert planned.code == 2
    assert "percentage 60 → 70" in planned.out
    assert planned.lines[-1] == "Plan: 2 to change."
    assert run("apply", file, "--dry-run").code == 2
    refused = run("apply", file)
    assert (refused.code, "a question needs a terminal" in refused.err) == (4, True)
    assert run("apply", file, "--yes").code == 0
    assert run("plan", file).lines == ["Plan: 1 pair unchanged."]
    assert run("plan", file).code == 0


def test_an_approved_plan_is_carried_out_or_has_moved(run, file, tmp_path):
    assert run("plan", file, "-o", "plan.json").code == 2
    assert run("relationship", "set", "hq-branch", "--mclt", "2h", "--yes").code == 0
    moved = run("apply", "plan.json", "--yes")
    assert (moved.code, "moved" in moved.err) == (4, True)
    assert run("plan", file, "-o", "plan.json").code == 2
    assert run("apply", "plan.json", "--yes").code == 0
    assert run("apply", "plan.json", "--yes").code == 0
    (tmp_path / "plan.json").write_text('{"kind": "dhcpfo-plan", "format": 1, "pairs": 5, "file": "x"}')
    assert run("apply", "plan.json", "--yes").code == 3


def test_mistakes_of_a_file_are_on_lines_of_their_own(run, file, tmp_path):
    (tmp_path / file).write_text(TEXT.replace("percent: 70", "percnt: 70, mode: x"), "utf-8")
    wrong = run("plan", file)
    assert wrong.code == 3
    assert [line.partition(": ")[0] for line in wrong.err.splitlines()[:2]] == ["fleet.yaml:5:33", "fleet.yaml:5:51"]
    assert len(run("plan", file, "--json").json["errors"]) == 3


def test_a_guard_stops_its_pair(run, file, tmp_path):
    (tmp_path / file).write_text(TEXT.replace("[10.0.1.0, 10.0.2.0]", "{only: true, list: [10.0.1.0]}"), "utf-8")
    refused = run("apply", file, "--yes")
    assert (refused.code, "--allow delete-scopes" in refused.err) == (4, True)
    assert run("apply", file, "--yes", "--allow", "delete-scopes").code == 0
    assert run("plan", file).code == 0


def test_a_deletion_wants_the_name_typed(run, file, lab, tmp_path):
    text = "version: 1\npairs: {hq: {servers: [dhcp1, dhcp2], absent: {relationships: [hq-branch], keep: both}}}\n"
    (tmp_path / file).write_text(text, "utf-8")
    allow = ("--allow", "delete-relationship")
    refused = run("apply", file, *allow, typed="y\n")
    assert refused.code == 4
    assert "Relationship hq-branch of hq is deleted." in refused.err
    assert "Type hq-branch to go on: " in refused.err
    assert run("apply", file, *allow, typed="hq-branch\n").code == 0
    assert not lab.connect("dhcp1", direct=True).relationships()


def test_a_secret_is_asked_for_without_an_echo(run, file, lab, tmp_path, monkeypatch):
    (tmp_path / file).write_text(TEXT.replace("percent: 70", "secret: {prompt: true}"), "utf-8")
    nobody = run("plan", file)
    assert (nobody.code, "secret.prompt: nobody can be asked" in nobody.err) == (3, True)
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda text: asked.append(text) or "marker-of-another-secret")
    assert run("plan", file, typed="").code == 2
    changed = run("apply", file, typed="y\n")
    assert changed.code == 0
    assert "marker-of-another" not in changed.out + changed.err
    assert asked[0] == "Secret of relationship hq-branch (dhcp1 and dhcp2): "
    for server in ("dhcp1", "dhcp2"):
        found = lab.connect(server, direct=True).get_relationship("hq-branch").shared_secret
        assert found is not None
        assert found.reveal() == "marker-of-another-secret"


def test_all_or_none_changes_no_pair_if_one_is_refused(run, file, lab, tmp_path):
    lab.add_pair("far", scopes=["10.8.1.0/24"], primary="far1", secondary="far2", percentage=50)
    far = "  far: {servers: [far1, far2], relationships: {far: {scopes: {only: true, list: []}}}}\n"
    (tmp_path / file).write_text(TEXT + far, "utf-8")
    before = lab.to_dict()["hosts"]
    none = run("apply", file, "--yes", "--all-or-none")
    assert (none.code, "nothing was sent: not all pairs can be changed" in none.err) == (4, True)
    assert lab.to_dict()["hosts"] == before
    assert run("apply", file, "--yes").code == 4
    assert run("plan", file, "--only", "hq").code == 0


def test_an_export_plans_to_nothing(run, file, tmp_path):
    for full in ([], ["--full"]):
        exported = run("export", "--pair", "dhcp1,dhcp2", *full)
        (tmp_path / "out.yaml").write_text(exported.out, "utf-8")
        assert run("plan", "out.yaml").code == 0


def test_explain_and_schema(run, file):
    shown = run("explain", file, "hq", on_lab=False)
    assert "percent: 70" in shown.out
    assert "# fleet.yaml:5" in shown.out
    assert run("explain", file, "hp", on_lab=False).code == 3
    assert json.loads(run("schema", on_lab=False).out)["title"] == "Pairs as they should be"


def test_other_commands_find_pairs_in_documents_and_included_files(run, file, tmp_path):
    (tmp_path / "more.yaml").write_text("version: 1\ninclude: fleet.yaml\n", "utf-8")
    (tmp_path / "two.yaml").write_text(f"version: 1\n---\n{TEXT}", "utf-8")
    for name in ("fleet.yaml", "more.yaml", "two.yaml"):
        assert "hq-branch" in run("relationship", "list", "-f", name).out
    (tmp_path / "fleet.yaml").write_text("version: 1\npairs: {a: {}}\n", "utf-8")
    assert run("relationship", "list", "-f", "more.yaml").code == 3


def test_ctrl_c_loses_no_result(run, file, monkeypatch):
    """The signal arrives while the results are waited for; each pair has one all the same."""
    import signal

    from dhcpfo.fleet import ApplyJob

    before = ApplyJob.do

    def do(self, pair, progress):
        signal.raise_signal(signal.SIGINT)
        return before(self, pair, progress)

    monkeypatch.setattr(ApplyJob, "do", do)
    ended = run("apply", file, "--yes")
    assert ended.code == 130
    assert "interrupted" in ended.err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run("plan", file).code in (0, 2)


def test_the_page_has_files_that_are_well_and_output_that_is_real(run, tmp_path, monkeypatch):
    import re
    from pathlib import Path

    from dhcpfo.fleet.desired import read_fleet

    page = Path(__file__).parents[2] / "docs" / "desired.md"
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w*)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    files = [text for kind, text in blocks if kind == "yaml"]
    assert len(files) > 4
    for text in files:
        (tmp_path / "fleet.yaml").write_text(text, "utf-8")
        assert read_fleet("fleet.yaml")
    (fleet,) = [text for text in files if "plant-dhcp1" in text]
    (phones,) = [text for text in files if "filters:" in text]
    (tmp_path / "fleet.yaml").write_text(fleet, "utf-8")
    (tmp_path / "phones.yaml").write_text(phones, "utf-8")
    assert run("lab", "init", "try.lab", on_lab=False).code == 0
    shown = [
        text for kind, text in blocks if not kind and re.match(r"\$ dhcpfo (explain fleet|plan (fleet|phones))", text)
    ]
    assert len(shown) == 3
    for block in shown:
        command, _, output = block.partition("\n")
        answer = run(*command.removeprefix("$ dhcpfo ").split(), on_lab=False)
        assert answer.out.rstrip().splitlines() == output.rstrip().splitlines()


STORES = 4


@pytest.fixture
def stores(tmp_path, monkeypatch):
    """Four stores in a lab and a file: in two of them something is to do, and one does not let anybody in."""
    from dhcpfo.simulator import Lab

    monkeypatch.chdir(tmp_path)
    pairs = []
    with Lab.open(tmp_path / "stores.lab") as lab:
        for number in range(1, STORES + 1):
            name, scopes = f"store-{number:03}", [f"10.{number}.0.0/24", f"10.{number}.1.0/24"]
            servers = [f"s{number:03}a", f"s{number:03}b"]
            percent = 70 if number == 2 else 50
            lab.add_pair(name, scopes=scopes, percentage=percent, primary=servers[0], secondary=servers[1])
            relationship = f"{name}: {{percent: 50, scopes: [10.{number}.0.0]}}"
            pairs.append(f"  {name}: {{servers: [{', '.join(servers)}], relationships: {{{relationship}}}}}\n")
        (tmp_path / "stores.yaml").write_text("version: 1\npairs:\n" + "".join(pairs), "utf-8")
        yield lab


def test_pairs_that_are_alike_are_one_line(run, stores, tmp_path):
    def plan(*options, file="stores.yaml"):
        return run("plan", file, "--lab", tmp_path / "stores.lab", *options, on_lab=False)

    short = plan()
    assert short.lines == [
        "store-001…store-004   3 unchanged, 1 with 2 changes: see -v",
        "left alone: 1 scope of store-001 not in the file, and 3 more like this: see -v",
        "Plan: 2 to change, 3 pairs unchanged.",
    ]
    assert sum("left alone" in line for line in plan("-v").lines) == STORES
    assert "percentage 70 → 50" in plan("-v").out
    assert [one["pair"] for one in plan("--json").json["results"]] == [f"store-{n:03}" for n in range(1, STORES + 1)]
    stores.stop("s004b")
    unknown = plan()
    assert unknown.code == 6
    assert "1 unknown (s004b: " in unknown.lines[0]
    assert unknown.err == ""
    stores.stop("s003a")
    assert "2 unknown (s003a, s004b: the DHCP Server service" in plan().lines[0]
    assert "store-004: " in plan("-v").err
    assert "store-004: " in plan("-q").err
    text = (tmp_path / "stores.yaml").read_text("utf-8")
    (tmp_path / "exact.yaml").write_text(text.replace("[10.1.0.0]", "{only: true, list: [10.1.0.0]}"), "utf-8")
    guarded = plan(file="exact.yaml")
    assert guarded.lines[0].endswith(", 1 shown by itself")
    assert "--allow delete-scopes" in guarded.out
