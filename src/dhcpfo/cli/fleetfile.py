"""Which pairs a fleet's file names; what it says about them is not read here, and pydantic is not imported."""

from pathlib import Path
from typing import Any

from .named import Named
from .problems import Problem

__all__ = ["read_pairs"]


def read_pairs(path: str) -> list[Named]:
    """Return the pairs of a file: each key of ``pairs:`` with its two ``servers``, in all its documents.

    A file that includes others is read as a whole.

    Raises:
        Problem: The file cannot be read, it is not YAML, a key is there twice, or a pair has not two servers.
    """
    import yaml

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
        roots = list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Problem(f"{path}:{line}: must be text in UTF-8") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise Problem(_words(path, text, error)) from None
    documents = [_keys(path, root, "") for root in roots if isinstance(root, yaml.MappingNode)]
    if any("include" in document for document in documents):
        return _included(path)
    found = []
    for holder in (document["pairs"] for document in documents if "pairs" in document):
        if isinstance(holder, yaml.MappingNode):
            found += [_named(path, name, entry) for name, entry in _keys(path, holder, "pairs.").items()]
    if not found:
        raise Problem(f"{path}: the file has no pairs")
    return found


def _words(path: str, text: str, error: BaseException) -> str:
    """Return what is wrong with YAML, without any text of the file: it may be a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "this is not YAML")
    if mark is None:
        return f"{path}: {problem}"
    lines = text.split("\n")
    if "cannot start any token" in problem and lines[mark.line : mark.line + 1] and "\t" in lines[mark.line]:
        problem = "indent with spaces, not with tabs"
    elif "undefined alias" in problem:
        problem = "found an undefined alias; quote a text that starts with *"
    return f"{path}:{mark.line + 1}:{mark.column + 1}: {problem}"


def _keys(path: str, node: Any, where: str) -> dict[str, Any]:
    """Return the nodes of a mapping by key."""
    found: dict[str, Any] = {}
    first: dict[str, int] = {}
    for key, value in node.value:
        name, mark = key.value, key.start_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}"
        if not isinstance(name, str):
            raise Problem(f"{place}: {where.removesuffix('.') + ': ' if where else ''}keys must be text")
        if name in found:
            raise Problem(f"{place}: {where}{name}: given twice, first on line {first[name]}")
        found[name], first[name] = value, mark.line + 1
    return found


def _included(path: str) -> list[Named]:
    """Return the pairs of a file and of those that it includes."""
    from ..fleet.desired.load import read_fleet
    from ..fleet.desired.problems import FileError

    try:
        return [Named(name, wanted.servers) for name, wanted in read_fleet(path).items()]
    except FileError as error:
        raise Problem(str(error)) from None


def _named(path: str, name: str, entry: Any) -> Named:
    import yaml

    listed = _keys(path, entry, f"pairs.{name}.").get("servers") if isinstance(entry, yaml.MappingNode) else None
    servers = listed.value if isinstance(listed, yaml.SequenceNode) else ()
    if len(servers) != 2 or not all(isinstance(one, yaml.ScalarNode) and one.value for one in servers):
        raise Problem(f"{path}:{entry.start_mark.line + 1}: pairs.{name}.servers must name two servers")
    one, other = (str(server.value) for server in servers)
    if one.casefold() == other.casefold():
        raise Problem(f"{path}:{entry.start_mark.line + 1}: pairs.{name}.servers must be two different servers")
    return Named(name, (one, other))
