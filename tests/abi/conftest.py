"""What the tests of the extensions share."""

import sys

import pytest


@pytest.fixture
def unraisable(monkeypatch):
    """What would be printed about exceptions that nobody can catch."""
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda it: seen.append(it.exc_value))
    return seen
