"""The buttons of a lab: what they do, and that the Python beside them does the same."""

import shutil
import subprocess
import time
from datetime import timedelta

import pytest
from served import SERVERS, add_pairs

from dhcpfo.serve.actions import buttons, same_elsewhere
from dhcpfo.simulator import Lab

QUOTES = "a'b \u2018x\u2019 $(calc) `\"; rm"


def all_buttons():
    with Lab() as lab:
        add_pairs(lab)
        return buttons(lab.connect_pair(*SERVERS["store"]), ["store"])


@pytest.mark.parametrize("button", all_buttons(), ids=lambda button: button["label"])
def test_the_python_beside_a_button_does_the_same(page, lab, button):
    page.fleet()
    arguments = button["arguments"]
    answer = page.act(2, button["action"], **arguments)
    if answer.status_code == 409 and answer.json().get("guards"):
        arguments = arguments | {"allow": answer.json()["guards"]}
        answer = page.act(2, button["action"], **arguments)
    with Lab() as other:
        add_pairs(other)
        pair = other.connect_pair(*SERVERS["store"])
        if answer.status_code == 200:
            exec(answer.json()["python"], {"lab": other, "pair": pair, "timedelta": timedelta})
            assert answer.json()["done"]
        else:
            assert button["label"] == "store: s2 declares its partner down"  # it is off
        assert state(other) == state(lab)


def state(lab):
    found = lab.to_dict()
    del found["clock"]["since"]  # this machine's time
    return found


def test_a_lab_at_work(page, lab):
    page.fleet()
    assert page.act(1, "mend").status_code == 200
    assert page.act(1, "advance", seconds=60).status_code == 200
    assert [copy["state"] for copy in page_states(page, 1)] == ["NORMAL", "NORMAL"]
    page.act(1, "stop", server="dhcp4")
    page.act(1, "advance", seconds=600)
    assert page_states(page, 1)[0]["state"] == "COMMUNICATION_INTERRUPTED"
    answer = page.act(1, "partner_down", server="dhcp3", relationship="branch")
    while answer.status_code == 409:
        guards = answer.json()["guards"]
        assert guards
        answer = page.act(1, "partner_down", server="dhcp3", relationship="branch", allow=guards)
    assert page_states(page, 1)[0]["state"] == "PARTNER_DOWN"
    assert "PARTNER_DOWN" in page.read("pairs/1/lab")["explain"][0]["lines"][0]


def page_states(page, number):
    """The states after the last change: it makes everything be read again."""
    end = time.time()
    while True:
        row = page.read("fleet")["pairs"][number]
        if all((server["read"] or 0) > end for server in row["servers"]):
            return row["relationships"][0]["copies"]


def test_partner_down_is_refused_while_the_partner_answers(page):
    answer = page.act(0, "partner_down", server="dhcp1", relationship="hq-branch")
    assert answer.status_code == 409
    assert "dhcp2 answers" in answer.json()["error"]


@pytest.mark.parametrize(
    "given",
    [
        {"action": "explode"},
        {"action": None},
        {"action": ["cut"]},
        {"action": "to_dict"},
        {"action": "stop"},
        {"action": "stop", "server": "s1"},  # of another pair
        {"action": "stop", "server": 3},
        {"action": "advance"},
        {"action": "advance", "seconds": -1},
        {"action": "advance", "seconds": True},
        {"action": "advance", "seconds": 1e300},
        {"action": "advance", "seconds": 10**12},
        {"action": "partner_down", "server": "dhcp1"},
        {"action": "partner_down", "server": "dhcp1", "relationship": "hq-branch", "allow": "all"},
        {"action": "partner_down", "server": "dhcp1", "relationship": "x" * 300},
    ],
)
def test_wrong_arguments_change_nothing(page, lab, given):
    before = state(lab)
    answer = page.act(0, **given)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert state(lab) == before


def test_text_in_powershell_stays_text(lab):
    lab.add_server(QUOTES, "192.0.2.77")
    pair = lab.connect_pair("dhcp1", QUOTES)
    shown = [
        same_elsewhere(pair, "stop", {"server": QUOTES}),
        same_elsewhere(pair, "partner_down", {"server": QUOTES, "relationship": QUOTES}),
    ]
    quoted = "'a''b \u2018\u2018x\u2019\u2019 $(calc) `\"; rm'"
    for texts in shown:
        assert quoted in texts["powershell"]
        assert QUOTES not in texts["powershell"]
    assert eval(shown[0]["python"].replace("lab.stop", "str")) == QUOTES


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is not installed")
def test_powershell_can_parse_what_is_shown():
    for button in all_buttons():
        script = f"[scriptblock]::Create(@'\n{button['powershell']}\n'@) | Out-Null"
        subprocess.run(["pwsh", "-NoProfile", "-Command", script], check=True)
