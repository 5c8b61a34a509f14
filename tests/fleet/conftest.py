"""Which tests of the fleet can run here."""

from routes import UNDER_WINE

collect_ignore = ["test_fleet_processes.py", "test_fleet_dask.py"] if UNDER_WINE else []


def pytest_report_header() -> list[str]:
    """Say what is left out."""
    return [f"not under Wine, where processes make no connections: {', '.join(collect_ignore)}"] if UNDER_WINE else []
