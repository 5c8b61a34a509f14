"""What the page gets to show."""

import json
from datetime import timedelta

import pytest
from served import SECRET

from dhcpfo import FailoverMode

VIEWS = [
    ("fleet", {}),
    *((f"pairs/{number}", {}) for number in range(3)),
    *((f"pairs/{number}/timelines", {}) for number in range(3)),
    *((f"pairs/{number}/lab", {}) for number in range(3)),
    *(("pairs/0/audit", {"depth": depth}) for depth in ("relationships", "scopes", "full")),
    *((f"pairs/0/scopes/{scope}", {}) for scope in ("10.0.0.0", "10.0.1.0", "10.0.2.0", "10.9.9.0")),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch", "percentage": "70", "mclt": "30", "switch": "45"}),
    ("pairs/0/plan", {"operation": "replicate", "server": "secondary", "delete": "all"}),
    ("pairs/0/plan", {"operation": "create", "name": "new", "scopes": "10.0.2.0", "mode": "HOT_STANDBY"}),
    ("pairs/0/plan", {"operation": "add_scopes", "name": "hq-branch", "scopes": "10.0.2.0"}),
    ("pairs/0/plan", {"operation": "adopt", "name": "hq-branch", "server": "primary"}),
    ("pairs/0/plan", {"operation": "reallocate", "name": "hq-branch"}),
]


def test_nothing_that_is_shown_changes_a_server(page, lab):
    page.fleet()
    before = lab.to_dict(secrets=True)
    for path, parameters in VIEWS:
        page.read(path, **parameters)
    assert lab.to_dict(secrets=True) == before


def test_no_secret_is_shown(page):
    page.fleet()
    for path, parameters in VIEWS:
        page.read(path, **parameters)
    page.act(0, "partner_down", server="dhcp1", relationship="hq-branch", allow=["partner-down-state"])
    assert len(page.answers) > len(VIEWS)
    assert SECRET not in "".join(page.answers)
    assert "authentication" in "".join(page.answers)  # that there is one is shown


def test_the_overview(page):
    rows = page.fleet()["pairs"]
    assert [(row["number"], row["name"], row["severity"]) for row in rows] == [
        (0, "hq", "warning"),
        (1, "branch", "warning"),
        (2, "store", "warning"),
    ]
    states = [[copy and copy["state"] for copy in row["relationships"][0]["copies"]] for row in rows]
    assert states == [
        ["NORMAL", "NORMAL"],
        ["COMMUNICATION_INTERRUPTED", "COMMUNICATION_INTERRUPTED"],
        ["COMMUNICATION_INTERRUPTED", None],
    ]
    assert [row["relationships"][0]["differs"] for row in rows] == [["share"], [], []]
    assert rows[2]["servers"][1]["error"]["code"] == 1722
    assert rows[2]["relationships"][0]["missing"] == [False, False]  # nobody knows


def test_all_is_well(browse, lab):
    lab.mend("dhcp3", "dhcp4")
    lab.advance(timedelta(minutes=5))
    with browse({"branch": lab.connect_pair("dhcp3", "dhcp4")}) as page:
        assert page.fleet()["pairs"][0]["severity"] == "ok"


def test_a_copy_that_one_server_lacks(page, lab):
    lab.connect("dhcp4").delete_relationship("branch")
    entry = page.fleet()["pairs"][1]["relationships"][0]
    assert entry["missing"] == [False, True]
    assert entry["differs"] == ["only one server has it"]


def test_a_relationship_with_a_third_server_is_not_half_of_anything(browse, lab):
    """A server may be the partner of several; the audit of a pair knows that, too."""
    lab.add_server("hub", "192.0.2.50")
    for name, scope in (("one", "10.31.0.0/24"), ("two", "10.32.0.0/24")):
        lab.add_pair(name, primary="hub", secondary=f"spoke-{name}", scopes=[scope])
    lab.advance(timedelta(minutes=5))
    with browse({"one": lab.connect_pair("hub", "spoke-one")}) as page:
        row = page.fleet()["pairs"][0]
        assert [entry["name"] for entry in row["relationships"]] == ["one"]
        assert row["severity"] == "ok"
        assert page.read("pairs/0/audit")["findings"] == []
        assert [one["relationship"] for one in page.read("pairs/0/timelines")["timelines"]] == ["one"]


CHANGES = {
    "mode": lambda: {"mode": FailoverMode.HOT_STANDBY, "percentage": 60},
    "share": lambda: {"percentage": 1},
    "MCLT": lambda: {"mclt": timedelta(minutes=59)},
    "switch interval": lambda: {"state_switch_interval": timedelta(hours=2)},
    "authentication": lambda: {"shared_secret": None},
    "shared secret": lambda: {"shared_secret": "another one"},
}


@pytest.mark.parametrize("label", CHANGES)
def test_each_difference_of_two_copies_is_marked(page, lab, label):
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=60)
    lab.connect("dhcp2").set_relationship("hq-branch", **CHANGES[label]())
    page.fleet()
    entry = page.read("pairs/0")["relationships"][0]
    assert entry["differs"] == [label]
    marked = [row for row in entry["rows"] if row["differs"]]
    assert [row["label"] for row in marked] == [label]
    assert marked[0]["values"][0] != marked[0]["values"][1] or label == "shared secret"


def test_scopes_of_one_copy_only_are_marked(page, lab):
    lab.connect("dhcp2").remove_failover_scopes("hq-branch", ["10.0.1.0"])
    page.fleet()
    entry = page.read("pairs/0")["relationships"][0]
    assert "scopes" in entry["differs"]
    assert {scope["scope"]: scope["members"] for scope in entry["scopes"] if scope["differs"]} == {
        "10.0.1.0": [True, False]
    }


def test_a_scope_side_by_side(page):
    found = page.read("pairs/0/scopes/10.0.1.0")
    assert found["changes"] == ['+ name: "Branch 1"', "- exclusion: 10.0.1.10 - 10.0.1.20"]
    marked = [row["values"] for row in found["rows"] if row["differs"]]
    assert marked[0] == [None, 'name: "Branch 1"']
    assert [left for left, right in marked[1:] if right is None] == [
        "exclusions:",
        '  - start: "10.0.1.10"',
        '    end: "10.0.1.20"',
    ]
    left, right = ([row["values"][side] for row in found["rows"] if row["values"][side] is not None] for side in (0, 1))
    assert 'network: "10.0.1.0/24"' in left
    assert 'network: "10.0.1.0/24"' in right
    assert page.read("pairs/0/scopes/10.0.0.0")["changes"] == []
    assert page.read("pairs/0/scopes/10.0.2.0")["exists"] == [True, False]


def test_an_audit(page):
    found = page.read("pairs/0/audit", depth="full")["findings"]
    assert [finding["code"] for finding in found] == ["percentage-differs", "config-differs", "config-differs"]
    assert found[0]["values"] == ["60", "55"]


def test_timelines_of_a_lab_are_its_history(page, lab):
    page.fleet()
    found = page.read("pairs/1/timelines")
    assert (found["source"], found["end"]) == ("lab", lab.now.isoformat())
    lanes = {lane["server"]: lane["changes"] for lane in found["timelines"][0]["lanes"]}
    assert [change["state"] for change in lanes["dhcp3"]] == [
        entry.state.name for entry in lab.history("dhcp3", "branch")
    ]
    assert lanes["dhcp4"][-1]["cause"] == lab.history("dhcp4", "branch")[-1].cause


def test_timelines_of_real_servers_are_what_was_seen(browse, pairs, lab):
    with browse(pairs, interval=timedelta(microseconds=1)) as page:
        page.fleet()
        lab.mend("dhcp3", "dhcp4")
        lab.advance(timedelta(minutes=5))
        while page.fleet()["pairs"][1]["severity"] != "ok":
            pass
        found = page.read("pairs/1/timelines")
        assert found["source"] == "seen"
        for lane in found["timelines"][0]["lanes"]:
            assert [change["state"] for change in lane["changes"]] == ["COMMUNICATION_INTERRUPTED", "NORMAL"]


def test_plans(page):
    plan = page.read("pairs/0/plan", operation="update", name="hq-branch", percentage="70")
    assert plan["python"] == "pair.update('hq-branch', percentage=70)"
    assert [(step["server"], step["text"]) for step in plan["steps"]] == [
        ("dhcp2", "relationship hq-branch: percentage 55 → 70"),
        ("dhcp1", "relationship hq-branch: percentage 60 → 70"),
    ]
    nothing = page.read("pairs/1/plan", operation="update", name="branch", percentage="50")
    assert (nothing["steps"], nothing["digest"]) == ([], None)


@pytest.mark.parametrize(("path", "parameters"), [view for view in VIEWS if view[0].endswith("plan")])
def test_the_python_of_a_plan_makes_the_same_plan(page, pairs, path, parameters):
    shown = page.read(path, **parameters)
    python = shown["python"].replace("pair.", "pair.plan.", 1)
    python = python[: python.index(", allow=")] + ")" if ", allow=" in python else python
    plan = eval(python, {"pair": pairs["hq"], "timedelta": timedelta, "FailoverMode": FailoverMode})
    assert [str(step) for step in plan.steps] == [step["text"] for step in shown["steps"]]
    assert (plan.digest if plan else None) == shown["digest"]


WRONG = [
    ("pairs/9", {}, 404, "not shown any more"),
    ("pairs/0/audit", {"depth": "deep"}, 400, "depth must be one of"),
    ("pairs/0/scopes/10.0.0", {}, 400, "10.0.0"),
    ("pairs/0/plan", {}, 400, "operation must be one of"),
    ("pairs/0/plan", {"operation": "delete", "name": "hq-branch"}, 400, "operation must be one of"),
    ("pairs/0/plan", {"operation": "__class__"}, 400, "operation must be one of"),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch"}, 400, "nothing to change"),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch", "percentage": "x"}, 400, "a whole number"),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch", "percentage": "130"}, 400, "between 0 and 100"),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch", "mclt": "9" * 9}, 400, "mclt"),
    ("pairs/0/plan", {"operation": "update", "name": "hq-branch", "mode": "BOTH"}, 400, "mode must be"),
    ("pairs/0/plan", {"operation": "update", "name": "none", "percentage": "1"}, 409, "none"),
    ("pairs/0/plan", {"operation": "replicate", "server": "dhcp9"}, 400, "server must be dhcp1 or dhcp2"),
    ("pairs/0/plan", {"operation": "create", "name": "x" * 200, "scopes": "10.0.2.0"}, 400, "name"),
    ("pairs/2/plan", {"operation": "update", "name": "store", "percentage": "1"}, 502, "cannot be reached"),
    ("pairs/2/scopes/10.7.0.0", {}, 502, "cannot be reached"),
]


@pytest.mark.parametrize(("path", "parameters", "status", "text"), WRONG)
def test_what_cannot_be_shown_says_why(page, path, parameters, status, text):
    answer = page.get(path, **parameters)
    assert answer.status_code == status, answer.text
    assert text in answer.json()["error"]


def test_names_that_no_encoding_has_are_json(browse, lab):
    name = '\ud800 \u202e \x00 \U0001f9ff "'
    with browse({name: lab.connect_pair("dhcp1", "dhcp2")}) as page:
        assert page.fleet()["pairs"][0]["name"] == name
        page.get("fleet").content.decode("ascii")


def test_numbers_in_json_are_finite(page):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads(json.dumps(page.fleet(), allow_nan=False), parse_constant=refuse)
