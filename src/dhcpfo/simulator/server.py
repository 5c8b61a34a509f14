"""One connection to a simulated DHCP server, composed of the rules of all families."""

from collections.abc import Callable
from typing import Any

from .rules.classes import ClassesRules
from .rules.clients import ClientsRules
from .rules.elements import ElementsRules
from .rules.failover import FailoverRules
from .rules.filters import FiltersRules
from .rules.options import OptionsRules
from .rules.policies import PoliciesRules
from .rules.scopes import ScopesRules
from .rules.service import ServiceRules
from .transaction import Rights, Transactions

__all__ = ["SimulatedServer"]

Reopen = Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]


class SimulatedServer(
    FailoverRules,
    ScopesRules,
    ElementsRules,
    ClientsRules,
    OptionsRules,
    ClassesRules,
    PoliciesRules,
    FiltersRules,
    ServiceRules,
):
    """A connection to one server of a lab; offers `dhcpfo.api.ManagementApi`.

    `Lab.connect` makes one. Threads may share it. Besides the answers of the rules it gives 1722 (host down, lab
    closed), 1753 (service stopped), 1745 (the server's version lacks the function) and the codes of planted faults.

    Args:
        transactions: Opens the lab's state.
        server: The server's name or address in the lab.
        rights: The rights of the calls.
        reopen: Makes the same connection in another process; raises TypeError if that is not possible.
        client: The name of the machine or program that calls.
    """

    thread_safe = True

    def __init__(
        self, transactions: Transactions, server: str, rights: Rights, reopen: Reopen, client: str | None = None
    ) -> None:
        super().__init__(transactions, server, rights, client)
        self.reopen = reopen

    def close(self) -> None:
        """Do nothing: a connection to a simulated server holds nothing open."""
