"""What a server keeps about a scope besides its contents, and its superscopes."""

from dataclasses import dataclass
from datetime import timedelta

from ...enums import ScopeState

__all__ = ["ScopeProperties", "SuperscopeRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeProperties:
    """The properties of a scope; the key is the scope's id.

    Attributes:
        name: Its name.
        comment: Its description.
        state: Whether the server leases addresses of it.
        delay: How long the server waits before it answers a client.
        superscope: The number of its superscope; 0 is none.
    """

    name: str | None = None
    comment: str | None = None
    state: ScopeState = ScopeState.ENABLED
    delay: timedelta = timedelta(0)
    superscope: int = 0

    @property
    def enabled(self) -> bool:
        """Whether the server leases addresses of the scope."""
        return self.state in (ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperscopeRow:
    """A superscope.

    Attributes:
        number: Its key; scopes refer to it.
        name: Its name, which is unique on a server.
    """

    number: int
    name: str
