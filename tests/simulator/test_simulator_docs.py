"""What docs/simulator.md says is so."""

import re
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from dhcpfo.simulator import Lab, Switches, Timers

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    """Return the cells of the table rows whose first cell is code."""
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]


@pytest.mark.abi
def test_the_first_example_prints_what_it_says() -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    with redirect_stdout(StringIO()) as output:
        exec(compile(example, "simulator.md", "exec"), {})
    assert output.getvalue().strip() == re.findall(r"print\(.*# (\w+)", example)[0]


@pytest.mark.abi
def test_the_other_examples_run() -> None:
    pytest_example, *others = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1:]
    faults, deleting = [example for example in others if "dhcpfo.simulator import" not in example]
    alone = [example for example in others if re.search(r"\nlab = Lab.*print\([^\n]*#", example, re.DOTALL)]
    in_pytest = pytest_example + "\ntest_my_tool(lab)"
    for example, has_pair in ((faults, True), *((one, False) for one in (deleting, in_pytest, *alone))):
        with Lab() as lab, redirect_stdout(StringIO()) as output:
            if has_pair:
                lab.add_pair("pair")
            exec(compile(example, "simulator.md", "exec"), {"lab": lab, "timedelta": timedelta})
        assert output.getvalue().split() == re.findall(r"print\(.*# (\w+)", example)


def test_the_explanation_is_that_of_the_page() -> None:
    commands, answer = re.findall(r"```pycon\n((?:>>> [^\n]*\n)+)(.*?)```", PAGE, re.DOTALL)[0]
    with Lab() as lab, redirect_stdout(StringIO()) as output:
        dhcp1, _ = lab.add_pair("pair", shared_secret="old", direct=True)
        exec(commands.replace(">>> ", ""), {"lab": lab, "dhcp1": dhcp1})
    assert output.getvalue() == answer


def test_every_switch_and_timer_is_listed_with_its_default() -> None:
    listed = {row[0]: row[1] for row in rows()}
    words = {True: "on", False: "off"}
    for switch in Switches.__dataclass_fields__:
        value = getattr(Switches(), switch)
        assert listed.pop(switch) == words.get(value, str(int(value)))
    for timer in Timers.__dataclass_fields__:
        seconds = getattr(Timers(), timer).total_seconds()
        assert listed.pop(timer) == (f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min")
    assert listed == {}


def test_every_method_of_a_lab_is_named() -> None:
    assert [name for name in dir(Lab) if not name.startswith("_") and not re.search(rf"\b{name}\b", PAGE)] == []
