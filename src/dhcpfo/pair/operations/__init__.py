"""What each operation does, in which order: one planner for each, from what both servers show to steps."""

from collections.abc import Callable, Mapping

from ..look import Draft, Look
from ..plan import Request
from . import create, remove, replicate, rotate_secret, small, update

__all__ = ["PLANNERS", "WHOLE"]

PLANNERS: Mapping[str, Callable[[Look, Request], Draft]] = {
    "create": create.plan_create,
    "add_scopes": create.plan_add,
    "delete": remove.plan_delete,
    "remove_scopes": remove.plan_remove,
    "update": update.plan,
    "rotate_secret": rotate_secret.plan,
    "replicate": replicate.plan_replicate,
    "adopt": replicate.plan_adopt,
    "declare_partner_down": small.plan_partner_down,
    "reallocate": small.plan_reallocate,
}
"""The planners by the name of the operation."""

WHOLE = frozenset({"create", "add_scopes", "replicate", "adopt"})
"""Operations that read whole scopes, classes and definitions."""
