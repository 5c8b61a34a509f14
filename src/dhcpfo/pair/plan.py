"""Plans as data: what an operation would change on which server, step by step."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..models import Secret
from .kinds import describe
from .parts import About, Note, PairId, SecretRef, Side, Undo, data_of, fields_of
from .text import plan_html, plan_text

if TYPE_CHECKING:
    from .look import Draft
    from .pair import FailoverPair
    from .progress import Event, Result

__all__ = ["Plan", "Request", "Step", "canonical_digest", "canonical_text", "digest_of_text"]

FORMAT = 1
"""The version of `Plan.to_dict`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of one server, made with one call.

    Attributes:
        side: The server.
        about: What it changes.
        before: What the server showed when the plan was made; None was absent.
        after: What the step writes; None will be absent.
        undo: What becomes of it when a later step fails.
        pivot: From here on an error means "go on later": nothing is undone any more.
        guard: The name of the guard that must be lifted for it.
    """

    side: Side
    about: About
    before: Any = None
    after: Any = None
    undo: Undo = Undo.RESTORES
    pivot: bool = False
    guard: str | None = None

    def __str__(self) -> str:
        return describe(self)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return fields_of(self)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: with it, the same plan can be made again.

    Attributes:
        operation: The name of the method.
        relationship: The relationship's name.
        arguments: The other arguments in the order of their names. A secret is there as a `SecretRef`.
        planner: A function that makes the steps of an operation which `FailoverPair` does not have: it gets the pair,
            the request, and the texts of the secrets, to which it adds those that it reads.
    """

    operation: str
    relationship: str
    arguments: tuple[tuple[str, Any], ...] = ()
    planner: "Callable[[FailoverPair, Request, dict[SecretRef, Secret]], Draft] | None" = None

    def __getitem__(self, argument: str) -> Any:
        return dict(self.arguments)[argument]

    def to_dict(self, *, arguments: bool = True) -> dict[str, Any]:
        """Return JSON-ready values, with the arguments or without."""
        said: dict[str, Any] = {"operation": self.operation, "relationship": self.relationship}
        if arguments:
            said["arguments"] = {name: data_of(value) for name, value in self.arguments}
        return said


@dataclass(slots=True)
class Bound:
    """What a plan needs to be applied but does not carry elsewhere: the pair and the texts of the secrets."""

    pair: "FailoverPair | None" = field(default=None, repr=False)
    secrets: Mapping[SecretRef, Secret] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What an operation will do. It is true if there is something to do, and prints as a list of steps.

    Plans are compared, hashed and pickled by what they say. They hold no secret, so a plan that comes from another
    process needs ``apply(pair, secrets=...)`` if a step writes one.

    Attributes:
        request: What was asked.
        pair: The names of the two servers.
        steps: The changes, in their order.
        notes: What is left alone, and what to know before.
        digest: SHA-256 of the operation and its steps in canonical JSON.
    """

    request: Request
    pair: PairId
    steps: tuple[Step, ...]
    notes: tuple[Note, ...] = ()
    bound: Bound = field(default_factory=Bound, repr=False)

    @property
    def operation(self) -> str:
        """The name of the method that made the plan."""
        return self.request.operation

    @property
    def relationship(self) -> str:
        """The name of the relationship that it is about."""
        return self.request.relationship

    @property
    def guards(self) -> tuple[str, ...]:
        """The names of the guards that must be lifted with ``allow=``, each once."""
        guards = [step.guard for step in self.steps] + [note.guard for note in self.notes]
        return tuple(dict.fromkeys(guard for guard in guards if guard is not None))

    @property
    def digest(self) -> str:
        """SHA-256 of the operation and its steps, as hexadecimal text; secrets enter as their reference."""
        return self._digest([step.to_dict() for step in self.steps])

    def _digest(self, steps: list[dict[str, Any]]) -> str:
        return canonical_digest({"operation": self.operation, "steps": steps})

    def covers(self, other: "Plan") -> bool:
        """Return whether each step of another plan is one of this plan: it does a part of it, and nothing else."""
        return self.operation == other.operation and set(other.steps) <= set(self.steps)

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Plan):
            return (self.request, self.pair, self.steps, self.notes) == (
                other.request,
                other.pair,
                other.steps,
                other.notes,
            )
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.request, self.steps))

    def __str__(self) -> str:
        return plan_text(self)

    def _repr_html_(self) -> str:
        return plan_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan, (self.request, self.pair, self.steps, self.notes)

    def to_dict(self, *, arguments: bool = True) -> dict[str, Any]:
        """Return JSON-ready values, without secrets; ``"format"`` is their version.

        Args:
            arguments: Whether what was asked is in them, besides what is done.
        """
        steps = [step.to_dict() for step in self.steps]
        return {
            "format": FORMAT,
            **self.request.to_dict(arguments=arguments),
            "pair": {"primary": self.pair.primary, "secondary": self.pair.secondary},
            "steps": steps,
            "notes": [note.to_dict() for note in self.notes],
            "digest": self._digest(steps),
        }

    def apply(
        self,
        pair: "FailoverPair | None" = None,
        *,
        allow: Collection[str] = (),
        secrets: "Mapping[str, Secret] | None" = None,
        progress: "Callable[[Event], None] | None" = None,
        deadline: timedelta | None = None,
        on_error: Literal["undo", "stop"] = "undo",
    ) -> "Result":
        """Do it: carry out the steps, and compare both servers at the end.

        Args:
            pair: The pair to change; the one that made the plan by default.
            allow: The names of the guards to lift; see `guards`.
            secrets: The texts of the secrets that the plan refers to, by `str` of their `SecretRef`; needed only if
                another process made the plan.
            progress: Called with an `Event` before and after each step.
            deadline: The time after which no further step begins; counts as an error of that step.
            on_error: ``"undo"`` restores both servers after an error, ``"stop"`` leaves what is done.

        Raises:
            Refused: A guard is not lifted, or a secret is missing. Nothing was sent.
            PairError: A step failed; the error says what is done, undone and left.
        """
        target = pair if pair is not None else self.bound.pair
        if target is None:
            raise TypeError("this plan comes from another process: pass the pair that it is for")
        return target.apply(self, allow=allow, secrets=secrets, progress=progress, deadline=deadline, on_error=on_error)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_digest(data: Any) -> str:
    """Return the SHA-256 of JSON-ready values in canonical JSON, as hexadecimal text."""
    return digest_of_text(canonical_text(data))


def canonical_text(data: Any) -> str:
    """Return JSON-ready values in canonical JSON."""
    return _CANONICAL.encode(data)


def digest_of_text(text: str) -> str:
    """Return the SHA-256 of a text, as hexadecimal text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
