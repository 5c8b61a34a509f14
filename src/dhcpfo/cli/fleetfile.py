"""Which pairs a fleet's file names; what it says about them is not read here."""

from pathlib import Path
from typing import Any

from .named import Named
from .problems import Problem

__all__ = ["read_pairs"]


def read_pairs(path: str) -> list[Named]:
    """Return the pairs of a file: each key of ``pairs:`` with its two ``servers``, in all its documents.

    A file that includes others is read as a whole.

    Raises:
        Problem: The file cannot be read, or a pair has not two servers.
    """
    import yaml

    try:
        documents: list[Any] = list(yaml.load_all(Path(path).read_text("utf-8"), yaml.BaseLoader))
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        at = f":{where.line + 1}:{where.column + 1}" if where is not None else ""
        raise Problem(f"{path}{at}: {getattr(error, 'problem', None) or 'this is not YAML'}") from None
    known = [data for data in documents if isinstance(data, dict)]
    if any("include" in data for data in known):
        return _included(path)
    holders = [data["pairs"] for data in known if isinstance(data.get("pairs"), dict)]
    pairs = [_named(path, str(name), entry) for holder in holders for name, entry in holder.items()]
    if not pairs:
        raise Problem(f"{path}: the file has no pairs")
    return pairs


def _included(path: str) -> list[Named]:
    """Return the pairs of a file and of those that it includes."""
    from ..fleet.desired.load import read_fleet
    from ..fleet.desired.problems import FileError

    try:
        return [Named(name, wanted.servers) for name, wanted in read_fleet(path).items()]
    except FileError as error:
        raise Problem(str(error)) from None


def _named(path: str, name: str, entry: Any) -> Named:
    servers = entry.get("servers") if isinstance(entry, dict) else None
    if not isinstance(servers, list) or len(servers) != 2 or not all(isinstance(one, str) and one for one in servers):
        raise Problem(f"{path}: pairs.{name}.servers must name two servers")
    return Named(name, (servers[0], servers[1]))
