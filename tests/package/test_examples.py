"""Every method and every model has an example, and every field of an example has a distinct value."""

import dataclasses
from itertools import combinations

import pytest

from dhcpfo import Server, models
from dhcpfo.api import CHANGES, FUNCTIONS
from examples import EXAMPLES, MODELS, VALUES, values

DATA_CLASSES = [getattr(models, name) for name in models.__all__ if dataclasses.is_dataclass(getattr(models, name))]


@pytest.mark.parametrize("method", FUNCTIONS)
def test_every_method_has_an_example(method):
    assert method in EXAMPLES, f"tests/examples.py has no example for {method}"
    assert hasattr(Server, EXAMPLES[method].method)
    assert (EXAMPLES[method].answer is None) == (method in CHANGES)


@pytest.mark.parametrize("model", DATA_CLASSES, ids=lambda model: model.__name__)
def test_every_model_has_an_example(model):
    assert model in MODELS, f"tests/examples.py has no example for {model.__name__}"


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: type(model).__name__)
def test_every_field_has_a_distinct_value(model):
    """As numbers, too: in C an enumeration, a truth value and a count can be swapped as well."""
    same = [(one, other) for (one, a), (other, b) in combinations(values(model), 2) if a == b]
    assert same == []


@pytest.mark.parametrize("method", EXAMPLES)
def test_arguments_are_distinct(method):
    assert [pair for pair in combinations(EXAMPLES[method].arguments, 2) if pair[0] == pair[1]] == []


def test_the_values_to_set_differ_from_those_of_the_relationship():
    from examples import RELATIONSHIP

    same = [key for key, value in VALUES.items() if key != "shared_secret" and getattr(RELATIONSHIP, key) == value]
    assert same == []
