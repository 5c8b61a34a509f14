"""A fault at every write of every operation: both servers as before, or exactly what the error lists."""

import random

import pytest

from pair_cases import run_case, writes_of
from pairs import FAULTS, OPERATIONS, PARTNERS


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_leaves_what_the_error_says(operation, fault):
    chosen = random.Random(f"{operation} {fault}")
    for _ in range(2):
        partner = chosen.choice([partner for partner in PARTNERS if writes_of(operation, partner)])
        at = chosen.randint(1, writes_of(operation, partner))
        run_case(operation, partner, fault, at, chosen.choice([1, 2, 3, 5, 10, 40]))
