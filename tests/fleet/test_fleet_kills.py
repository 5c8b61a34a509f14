"""A fleet whose run is killed at random and run again always converges; ``tools/fleet_kills.py`` does more of it."""

import os

import pytest
from killed_fleets import covered, kill

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    assert covered(folder)
    return folder


def test_20_killed_runs_converge(folder):
    outcomes = [kill(folder, seed) for seed in range(20)]
    assert outcomes.count("killed") >= 10
