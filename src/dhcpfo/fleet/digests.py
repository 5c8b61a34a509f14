"""The digests by which the approved steps of a plan are found again, on another worker or after a kill."""

from collections.abc import Iterable
from typing import Any

from ..pair import Step
from ..pair.copying import is_unnamed
from ..pair.plan import canonical_digest, canonical_text, digest_of_text

__all__ = ["digests_of"]

BY_PROGRESS = ("undo", "pivot")
"""What of a step depends on how much of the plan is done: how it would be undone, and that it is the last for which
that is possible."""


def digests_of(steps: Iterable[Step], said: Iterable[dict[str, Any]] | None = None) -> tuple[str, ...]:
    """Return the digests of what steps change: one of each, or one for each scope of a membership.

    The steps that are left after a kill have the digests that they had before; so the value before of a step that may
    be the rest of one, which a kill ended between two calls, is left out. Secrets enter as their reference.

    Args:
        steps: The steps.
        said: What `Step.to_dict` returns for each, if that is known already.
    """
    steps = list(steps)
    dicts = [step.to_dict() for step in steps] if said is None else said
    return tuple(dict.fromkeys(digest for step, one in zip(steps, dicts, strict=True) for digest in _of(step, one)))


def _of(step: Step, said: dict[str, Any]) -> list[str]:
    if step.about.kind != "members":
        lasting = {key: value for key, value in said.items() if key not in BY_PROGRESS}
        if _is_rest(step):
            lasting["before"] = None
        text = canonical_text(lasting)
        if '""' in text:  # in few steps only
            text = canonical_text(_bare(lasting))
        return [digest_of_text(text)]
    added = step.after - step.before
    return [
        canonical_digest(
            {"side": said["side"], "relationship": step.about.name, "scope": str(scope), "in": bool(added)}
        )
        for scope in sorted(step.after ^ step.before)
    ]


def _is_rest(step: Step) -> bool:
    """Whether a step may be the rest of another: the order of policies, or the name of a reservation."""
    if step.about.kind == "reservation" and step.before is not None and step.after is not None:
        same = (step.before.client_id, step.before.type) == (step.after.client_id, step.after.type)
        return same and is_unnamed(step.before)
    return step.about.kind == "policy-order"


def _bare(said: Any) -> Any:
    """Return values with None for empty texts: a server does not tell the two apart."""
    kind = type(said)
    if kind is dict:
        return {key: _bare(value) for key, value in said.items()}
    if kind is list:
        return [_bare(value) for value in said]
    return None if said == "" else said
