"""The whole configuration of a scope: read it, compare it, save it, write it to a server.

Reading. `read_server` makes 7 calls, `read_scopes` 8 or 9 for each scope and one for each reservation with options::

    overview = read_server(server)                      # ServerOverview; what could not be read is an `Unread`
    configs = read_scopes(server, ids, overview)        # {id: ScopeConfig | Unread | None}; None: no such scope
    config = read_scope(server, "10.0.1.0")             # ScopeConfig | None; an error of its properties is raised

`ServerOverview(relationships, scopes, superscopes, definitions, classes, attributes, clock)`: each field has its value
or an `Unread(part, error)`. A part of a scope that could not be read is in `ScopeConfig.unread`.

Comparing. ``config == other``; `diff` returns a `Diff`, a tuple of `Change` with ``notes``::

    changes = diff(old, new, names=("dhcp1", "dhcp2"))
    print(changes); changes.unified(); changes.to_dict()

Writing. Plain data, in an order that a server accepts. Nothing is sent before `apply_write`::

    needed = server_writes(source, target, configs)     # classes and definitions that `target` lacks: Writes
    writes = scope_writes(old, new, delete=(), enable=True)  # old None: the scope is created, disabled
    for write in writes: apply_write(server, write)

`Writes` is a tuple of `Write` with ``left`` (changes that are not made: extras that `delete` does not name) and
``conflicts`` (text of what cannot be made equal). `Write(about, before, after, undo)` is frozen and picklable:
``about`` is an `About(kind, scope, key)`, ``before`` and ``after`` are models, tuples of models, text, numbers or None
(absent); ``undo`` is "restores", "recreates" or "with-parent"; ``write.reversed()`` is the write that takes it back.

For each ``about``: `read_about(server, about)` returns what the server has now, in the form of ``before``;
`same(about, value, other)` compares two such values; `between(about, now, before, after)` is whether a write was
carried out in part; `apply_write(server, write)` writes; `str(write)` describes it.
"""

from .carry import SETTLED, apply_write, between, read_about, same
from .change import Change
from .config import ScopeConfig
from .diff import Diff, diff
from .frozen import FrozenDict
from .needed import server_writes
from .order import DELETABLE, scope_writes, state_write
from .parts import Unread
from .read import ServerOverview, read_scope, read_scopes, read_server
from .typed import DnsSettings
from .write import About, Conflict, Write, Writes

__all__ = [
    "DELETABLE",
    "SETTLED",
    "About",
    "Change",
    "Conflict",
    "Diff",
    "DnsSettings",
    "FrozenDict",
    "ScopeConfig",
    "ServerOverview",
    "Unread",
    "Write",
    "Writes",
    "apply_write",
    "between",
    "diff",
    "read_about",
    "read_scope",
    "read_scopes",
    "read_server",
    "same",
    "scope_writes",
    "server_writes",
    "state_write",
]
