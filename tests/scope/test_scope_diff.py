"""The difference of two configurations: empty if they are equal, right if it is applied, readable."""

import json
import pickle

from configurations import configs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dhcpfo.scope import ScopeConfig, diff

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
either = st.one_of(st.tuples(configs(), configs()), configs().map(lambda one: (one, one.replace(name=one.name))))


@few
@given(either)
def test_a_difference_is_empty_if_and_only_if_the_configurations_are_equal(pair):
    old, new = pair
    assert (diff(old, new) == ()) == (old == new)
    if old == new:
        assert hash(old) == hash(new)


@few
@given(either)
def test_a_difference_applied_to_the_first_gives_the_second(pair):
    old, new = pair
    assert diff(old, new).apply(old) == new
    assert diff(new, old).apply(new) == old


@few
@given(either)
def test_every_difference_can_be_shown(pair):
    found = diff(*pair)
    assert len(str(found).splitlines()) >= 1
    assert "<table>" in found._repr_html_()
    assert bool(found.unified()) or not found
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.names == found.names


@few
@given(configs())
def test_a_configuration_survives_json_and_pickle(config):
    assert ScopeConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert pickle.loads(pickle.dumps(config)) == config
