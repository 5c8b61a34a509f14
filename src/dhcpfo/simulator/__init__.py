"""Simulated DHCP servers, to develop and test failover automation on any machine.

Start with `Lab`. `Lab.connect` returns a `dhcpfo.Server`, and its calls run the same code that calls Dhcpsapi.dll.
"""

from .clock import Clock
from .exports import ExportReport, Unread
from .lab import Lab
from .scopes import RangeType
from .state import Transition
from .switches import Switches, Timers
from .timeline import Timeline
from .transaction import Rights

__all__ = [
    "Clock",
    "ExportReport",
    "Lab",
    "RangeType",
    "Rights",
    "Switches",
    "Timeline",
    "Timers",
    "Transition",
    "Unread",
]
