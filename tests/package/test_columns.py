"""Widths of text on a terminal: letters of East Asia take two cells, and accents none."""

import unicodedata

import pytest

from dhcpfo.columns import aligned, padded, width
from dhcpfo.simulator import Lab

TOKYO = "東京-dhcp1"
ACCENT = "cafe\u0301-dhcp2"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("dhcp1", 5),
        ("広い", 4),
        ("ﾊﾝｶｸ", 4),
        ("e\u0301", 1),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("ก็", 1),
        ("हिन्दी", 3),
    ],
)
def test_the_width_of_a_text(text, cells):
    assert width(text) == cells
    assert width(padded(text, 9)) == 9


def test_the_width_of_each_letter_is_that_of_rich():
    cells = pytest.importorskip("rich.cells")
    odd = ("Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Mn", "Me", "Zl", "Zp")
    letters = [chr(code) for code in range(0x20, 0x3FFFF, 7) if unicodedata.category(chr(code)) not in odd]
    different = [letter for letter in letters if width(letter) != cells.cell_len(letter)]
    assert len(different) < len(letters) / 500  # the two know different versions of Unicode


def test_columns_are_below_each_other():
    assert aligned([["1", "広", "x"], ["10", "e\u0301", "y"]], right=[0]) == [" 1  広  x", "10  e\u0301   y"]
    assert aligned([]) == []


def test_texts_of_pairs_are_aligned_by_cells():
    with Lab() as lab:
        lab.add_server(TOKYO, "192.0.2.1")
        lab.add_server(ACCENT, "192.0.2.2")
        lab.add_scope("10.0.1.0/24", servers=[TOKYO])
        pair = lab.connect_pair(TOKYO, ACCENT)
        pair.create("店", ["10.0.1.0"], wait=None)
        plan = str(pair.plan.update("店", percentage=70))
        pair.primary.set_option_value(6, "10.0.0.53", scope="10.0.1.0")
        found = str(pair.audit())
        history = str(lab.timeline("店"))
    _, *steps = plan.splitlines()
    assert {width(step[: step.index("relationship")]) for step in steps} == {17}
    head, *rows = found.splitlines()
    assert {width(row[: row.index("店")]) for row in rows} == {width(head[: head.index("ABOUT")])}
    times, *moments = history.splitlines()
    assert {width(row[: row.index("the relation")]) for row in moments} == {width(times[: times.index("cause")])}
