"""Copies of real servers in a lab, to rehearse changes on.

`copy_servers` reads one server or a pair completely, over any connection, and returns a `Copy` with a lab::

    copy = copy_servers([dhcpfo.connect("dhcp1"), dhcpfo.connect("dhcp2")])
    print(copy)                         # what was copied, and what was left out
    copy.lab.save("rehearsal.lab")      # for several programs, or for later
    pair = copy.lab.connect_pair("dhcp1", "dhcp2")

Shared secrets are never copied.
"""

from .copies import Copy, Omission, copy_servers

__all__ = ["Copy", "Omission", "copy_servers"]
