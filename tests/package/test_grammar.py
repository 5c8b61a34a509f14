"""The names and signatures of `Server`'s methods follow one grammar, so that the next one can be guessed.

==============================  ==================================================================================
``scopes()``                    a plural noun lists all
``iter_scopes()``               the same as an iterator, where a list could be large
``get_scope(scope)``            returns one or raises `NotFoundError`
``create_``, ``set_``,          things with an identity; the first argument is the key, or the thing itself; others
``delete_scope(...)``           are keywords
``add_``, ``remove_scopes``     members of a thing: the thing's key, the members
``add_``, ``remove_exclusion``  one member of a thing: the thing's key, then one or two arguments for the member
``scope=``, ``policy=``, ...    a level is a keyword, unless it is the key
==============================  ==================================================================================
"""

import inspect
import re
import typing

import pytest

from dhcpfo import Server, errors

HOUSEKEEPING = {"close"}
OTHERS = {"backup_database", "trigger_address_allocation"}
"""Actions that no verb of the grammar fits; the API names them."""

VERBS = ("get", "iter", "create", "set", "delete", "add", "remove")
PARTNERS = {"create": ["delete"], "delete": ["create", "set"], "set": ["get"], "add": ["remove"], "remove": ["add"]}
"""The verbs of which one must be there, too. What is set may also be shown by a list of all."""

NOT_OURS = {"all", "enum", "enumerate", "fetch", "find", "list", "load", "query", "read", "show"}
KEYS = {
    "name",
    "scope",
    "network",
    "address",
    "id",
    "relationship",
    "definition",
    "dhcp_class",
    "values",
    "policy",
    "path",
    "client",
    "entry",
    "pattern",
}
LEVELS = {"scope", "reservation", "policy", "user_class", "vendor_class"}

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
LISTS = (list, typing.get_origin(list[int]))


def methods(cls):
    for name in dir(cls):
        member = inspect.getattr_static(cls, name)
        if not name.startswith("_") and inspect.isfunction(member) and name not in HOUSEKEEPING:
            yield name, member


def problems(cls):
    """Yield what is wrong with the methods of a class."""
    names = {name for name, _ in methods(cls)}
    for name, method in methods(cls):
        yield from (f"{name}: {problem}" for problem in problems_of(name, method, names))


def problems_of(name, method, names):
    verb, _, thing = name.partition("_")
    parameters = list(inspect.signature(method).parameters.values())[1:]
    positional = [parameter.name for parameter in parameters if parameter.kind in POSITIONAL]
    answer = typing.get_type_hints(method).get("return")
    if positional and positional[0] not in KEYS:
        yield f"its first argument, {positional[0]}, is not a key"
    if levels := LEVELS.intersection(positional[1:]):
        yield f"the level {', '.join(sorted(levels))} is not a keyword"
    if name in OTHERS:
        return
    if verb not in VERBS:
        yield from problems_of_a_list(name, answer, positional)
        return
    most = 3 if verb in ("add", "remove") else 1
    if len(positional) > most:
        yield f"{len(positional)} positional arguments"
    if verb == "get":
        yield from problems_of_get(method, answer, positional)
    elif verb == "iter":
        if thing not in names:
            yield f"there is no {thing}"
        if typing.get_origin(answer) is not typing.get_origin(typing.Iterator[int]):
            yield "it does not return an iterator"
    else:
        if answer is not type(None):
            yield "a change returns something"
        partners = [f"{partner}_{thing}" for partner in PARTNERS[verb]] + [f"{thing}s", thing] * (verb == "set")
        if names.isdisjoint(partners):
            yield f"there is no {partners[0]}"


def problems_of_a_list(name, answer, positional):
    if name.partition("_")[0] in NOT_OURS or ("_" in name and not name.endswith("s")):
        yield f"{name.partition('_')[0]} is not a verb of the grammar"
    elif not name.endswith("s"):
        yield "neither a verb nor a plural"
    elif typing.get_origin(answer) is not list:
        yield "a plural does not return a list"
    if len(positional) > 1:
        yield f"{len(positional)} positional arguments"


def problems_of_get(method, answer, positional):
    if typing.get_origin(answer) is list:
        yield "get returns a list"
    if type(None) in typing.get_args(answer):
        yield "get returns None instead of raising NotFoundError"
    raised = [getattr(errors, name, Exception) for name in re.findall(r"(\w+Error): ", inspect.getdoc(method) or "")]
    if positional and not any(issubclass(error, errors.NotFoundError) for error in raised):
        yield "get with a key does not say which NotFoundError it raises"


def test_the_grammar_of_server():
    assert list(problems(Server)) == []


class Good:
    def scopes(self) -> list[int]: ...
    def iter_scopes(self) -> typing.Iterator[int]: ...
    def get_scope(self, scope: str) -> int:
        """Raises ScopeNotFoundError: the scope does not exist."""

    def create_scope(self, scope: str, *, mask: str) -> None: ...
    def set_scope(self, scope: str, *, name: str) -> None: ...
    def delete_scope(self, scope: str) -> None: ...
    def add_exclusions(self, scope: str, exclusions: list[str]) -> None: ...
    def remove_exclusions(self, scope: str, exclusions: list[str]) -> None: ...
    def get_option(self, id: int, *, scope: str, policy: str) -> bytes:  # noqa: A002
        """Raises NotFoundError: the option has no value there."""


def test_the_grammar_allows_what_is_coming():
    assert list(problems(Good)) == []


BAD = {
    "list_scopes": (lambda self: [], {"return": list[int]}, "list"),
    "scope": (lambda self: 0, {"return": list[int]}, "neither a verb nor a plural"),
    "fetch_scope": (lambda self, scope: 0, {"return": int}, "fetch is not a verb of the grammar"),
    "reservations": (lambda self, scope: (), {"return": tuple[int]}, "a plural does not return a list"),
    "get_scopes": (lambda self: [], {"return": list[int]}, "get returns a list"),
    "get_lease": (lambda self, address: 0, {"return": int | None}, "get returns None instead of raising"),
    "get_policy": (lambda self, name: 0, {"return": int}, "get with a key does not say which NotFoundError"),
    "get_value": (lambda self, name, scope: 0, {"return": int}, "the level scope is not a keyword"),
    "set_value": (lambda self, value: None, {"return": None}, "its first argument, value, is not a key"),
    "set_policy": (lambda self, name, order: None, {"return": None}, "2 positional arguments"),
    "create_scope": (lambda self, scope: 0, {"return": int}, "a change returns something"),
    "delete_filter": (lambda self, name: None, {"return": None}, "there is no create_filter"),
    "add_exclusion": (lambda self, scope: None, {"return": None}, "there is no remove_exclusion"),
    "iter_clients": (lambda self, scope: None, {"return": typing.Iterator[int]}, "there is no clients"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_badly_named_method_is_found(name):
    method, annotations, problem = BAD[name]
    method.__annotations__ = annotations
    found = list(problems(type("Bad", (), {name: method})))
    assert any(f"{name}: " in line and problem in line for line in found), found
