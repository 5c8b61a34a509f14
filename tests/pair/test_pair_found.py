"""What the search with `tools/pair_search.py` found, reduced."""

import pytest

from dhcpfo.pair import Conflict
from pairs import NAME, SCOPES, Writes, pair_of, world


def test_adopting_a_half_without_scopes_is_refused_before_the_first_call() -> None:
    """A relationship may lose its last scope, but none can be created without one."""
    lab = world(related="half")
    lab.connect("dhcp1", direct=True).remove_failover_scopes(NAME, SCOPES)
    writes = Writes()
    with pytest.raises(Conflict, match="dhcp1 has no scope in hq, and a half cannot be created without one"):
        pair_of(lab, writes).adopt(NAME, like="dhcp1")
    assert writes.calls == []
