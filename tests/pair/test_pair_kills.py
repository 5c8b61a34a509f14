"""A process that is killed in the middle of an operation: the same operation again does the rest."""

import os
import random

import pytest

from kills import goal_of, kill
from pairs import OPERATIONS, PARTNERS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_that_was_killed_is_finished_by_the_next(operation, tmp_path):
    chosen = random.Random(operation)
    for _ in range(3):
        partner = chosen.choice([partner for partner in PARTNERS if goal_of(operation, partner)[0]])
        kill(
            tmp_path, operation, partner, chosen.randint(1, goal_of(operation, partner)[0]), after=chosen.random() < 0.5
        )
