"""What a test lets happen right before a call."""

from collections.abc import Callable
from dataclasses import dataclass

from .state import Host

__all__ = ["Hook", "Hooks"]


@dataclass(slots=True, kw_only=True)
class Hook:
    """Something to do before one or more coming calls.

    Attributes:
        server: The name of the server that is called.
        function: The method of `dhcpfo.api.ManagementApi`; None is any.
        action: What to do.
        client: The client of which the calls count; None is every client.
        call: How many matching calls away the first one is; 1 is the next call.
        calls: Before how many calls from then on; None is all.
    """

    server: str
    function: str | None
    action: Callable[[], object]
    client: str | None
    call: int
    calls: int | None

    def concerns(self, host: Host, method: str, client: str | None) -> bool:
        """Return whether a call counts."""
        return self.server == host.name and self.function in (None, method) and self.client in (None, client)


class Hooks:
    """The hooks of a lab, in this process. Callers hold the lab's lock."""

    def __init__(self) -> None:
        self._hooks: list[Hook] = []

    def add(self, hook: Hook) -> None:
        """Add a hook."""
        self._hooks.append(hook)

    def rename(self, server: str, name: str) -> None:
        """Let the hooks of a server follow its new name."""
        for hook in self._hooks:
            if hook.server == server:
                hook.server = name

    def clear(self, server: str) -> None:
        """Remove the hooks of a server."""
        self._hooks = [hook for hook in self._hooks if hook.server != server]

    def due(self, host: Host, method: str, client: str | None) -> list[Callable[[], object]]:
        """Count a call, and return what to do before it, in the order in which it was added."""
        actions = []
        for hook in [hook for hook in self._hooks if hook.concerns(host, method, client)]:
            hook.call = max(hook.call - 1, 0)
            if hook.call == 0:
                actions.append(hook.action)
                if hook.calls is not None:
                    hook.calls -= 1
        if actions:
            self._hooks = [hook for hook in self._hooks if hook.calls != 0]
        return actions
