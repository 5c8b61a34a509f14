"""What the tests of monitoring need: the packages of the extras ``cli`` and ``metrics``."""

import importlib.util

NEEDED = ("typer", "jinja2", "prometheus_client")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> list[str]:
    """Say why tests are left out."""
    return [f"no tests of monitoring: {', '.join(MISSING)} is not installed"] if MISSING else []
