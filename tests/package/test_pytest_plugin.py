"""The fixture that comes with the package, in a separate test run; in a process of its own where that shows more."""

import pytest


def test_the_fixture_is_there_without_any_import(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from dhcpfo import Relationship, ServerType

        def test_first(lab):
            lab.add_server("dhcp1", "192.0.2.1")
            scope = lab.add_scope("10.0.0.0/24")
            server = lab.connect("dhcp1")
            server.create_relationship(
                Relationship(name="a", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=[scope])
            )
            assert [item.name for item in server.relationships()] == ["a"]

        def test_second(lab):
            assert lab.servers == ()
        """
    )
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(passed=2)


def test_it_is_listed_with_its_purpose(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fixtures", "-q")
    result.stdout.fnmatch_lines(["lab -- *pytest_plugin.py*", "*empty lab in memory*"])


def test_a_run_that_does_not_use_it_does_not_load_the_simulator(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert "dhcpfo.simulator" not in sys.modules
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


OWN_FIXTURE = """
import pytest

@pytest.fixture{scope}
def lab():
    return "my own"
"""
USE = """
def test_mine(lab):
    assert lab == "my own"
"""


@pytest.mark.parametrize("scope", ["", "(scope='session')"])
@pytest.mark.parametrize("place", ["test", "conftest", "early-plugin", "late-plugin"])
def test_a_fixture_of_ones_own_is_used_instead(pytester: pytest.Pytester, place: str, scope: str) -> None:
    own = OWN_FIXTURE.format(scope=scope)
    options = ["-q"]
    pytester.makepyfile(own + USE if place == "test" else USE)
    if place == "conftest":
        pytester.makeconftest(own)
    elif place == "early-plugin":  # before the plugins that are installed
        pytester.makepyfile(my_plugin=own)
        options += ["-p", "my_plugin"]
    elif place == "late-plugin":
        pytester.makepyfile(my_plugin=own)
        pytester.makeconftest("pytest_plugins = ['my_plugin']")
    pytester.syspathinsert()
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=1)


def test_a_users_fixture_may_extend_the_lab(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def lab(lab):
            lab.add_server("dhcp1", "192.0.2.1")
            return lab
        """
    )
    pytester.makepyfile(
        """
        def test_extended(lab):
            assert lab.servers == ("dhcp1",)
        """
    )
    pytester.runpytest_inprocess("-q").assert_outcomes(passed=1)
