"""Exports and files about whole configurations drawn at random; ``tools/desired_search.py`` draws more of them."""

import random

from drawn_files import altered, check_apply, check_export, exported, pair_with
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server_configurations import configurations

FEW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@FEW
@given(configurations(), st.none() | configurations())
def test_the_export_of_any_pair_plans_to_nothing(tmp_path_factory, one, other):
    check_export(pair_with(one, other), tmp_path_factory.getbasetemp())


@FEW
@given(configurations(), configurations(), st.integers(0, 1 << 32), st.booleans())
def test_a_file_that_is_applied_leaves_nothing_to_do(tmp_path_factory, one, other, seed, alike):
    pair = pair_with(one, other)
    text = exported(pair if alike else pair_with(other, None))
    check_apply(pair, altered(text, random.Random(seed)), tmp_path_factory.getbasetemp())
