"""A laboratory of simulated DHCP servers, to develop and test failover automation on any machine.

`Lab` is where to begin; `Lab.connect` gives a `dhcpfo.Server` whose calls run the code that calls Dhcpsapi.dll.
"""

from .clock import Clock
from .lab import Lab
from .scopes import RangeType
from .server import Rights
from .state import Transition
from .switches import Switches, Timers

__all__ = ["Clock", "Lab", "RangeType", "Rights", "Switches", "Timers", "Transition"]
