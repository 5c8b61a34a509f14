"""Arguments that are lists: whatever is none is refused by the argument's name, before anything is sent."""

import inspect
from collections.abc import Callable

import pytest

from dhcpfo import Server
from recording import refused


def lists() -> list[tuple[str, str]]:
    """The methods of `Server` with an argument that is a list, and its name."""
    found = []
    for name, method in inspect.getmembers(Server, inspect.isfunction):
        parameters = inspect.signature(method).parameters.values()
        found += [(name, one.name) for one in parameters if "Iterable[" in str(one.annotation)]
    return found


def call(server: Server, method: str, argument: str, value: object) -> None:
    function: Callable[..., None] = getattr(server, method)
    given = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            given[name] = "10.0.1.0" if name == "scope" else "a"
    function(**given | {argument: value})


def test_the_methods_with_lists_are_found() -> None:
    assert ("set_option_values", "values") in lists()
    assert ("add_failover_scopes", "scopes") in lists()
    assert len(lists()) >= 5


@pytest.mark.parametrize("value", [7, "text", b"bytes", {"key": "value"}, object(), None, [7]])
@pytest.mark.parametrize(("method", "argument"), lists())
def test_what_is_no_list_is_refused(method: str, argument: str, value: object) -> None:
    message = refused(TypeError, argument, lambda server: call(server, method, argument, value))
    kind = type(value[0] if isinstance(value, list) else value).__name__
    assert message.endswith(f"not {'None' if value is None else kind}")
