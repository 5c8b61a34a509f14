"""``dhcpfo time``, the example of a command."""

from datetime import timedelta


def test_the_clocks_are_shown(run):
    answer = run("time")
    assert answer.code == 0
    assert [line.split()[0] for line in answer.lines] == ["SERVER", "dhcp1", "dhcp2"]


def test_json(run):
    answer = run("time", "--json").json
    assert [one["server"] for one in answer["results"]] == ["dhcp1", "dhcp2"]
    assert (answer["command"], answer["exit"], answer["ok"]) == ("time", 0, True)
    assert answer["results"][0] | {"time": ""} == {"server": "dhcp1", "time": "", "offset": 0.0, "allowed": 60.0}


def test_a_clock_that_is_wrong(run, lab):
    lab.set_clock_offset("dhcp2", timedelta(seconds=-90))
    answer = run("time")
    assert answer.code == 2
    assert "-90 s" in answer.lines[2]


def test_a_server_that_does_not_answer_is_unknown(run, lab):
    lab.stop("dhcp2")
    answer = run("time", "--json")
    assert answer.code == 6
    assert [one["server"] for one in answer.json["results"]] == ["dhcp1"]
    assert [one["server"] for one in answer.json["unknown"]] == ["dhcp2"]
