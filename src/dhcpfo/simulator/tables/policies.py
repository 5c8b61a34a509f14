"""The policies of a server or of a scope, as far as option values ask for them."""

from dataclasses import dataclass

from ..journal import Recorded
from ..switches import upper_case

__all__ = ["PolicyTable"]


@dataclass(slots=True, kw_only=True)
class PolicyTable(Recorded):
    """Policies by name.

    Attributes:
        names: Their names.
        dns_names: The names of those with a condition on the client's DNS name.
    """

    names: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()

    def has(self, name: str | None) -> bool:
        """Return whether there is a policy of that name."""
        return name is not None and upper_case(name) in map(upper_case, self.names)

    def has_dns_condition(self, name: str | None) -> bool:
        """Return whether the policy of that name has a condition on the client's DNS name."""
        return name is not None and upper_case(name) in map(upper_case, self.dns_names)
