"""A server that gets all writes has the configuration, whatever it had before."""

from configurations import SCOPE, configs, lab_of
from hypothesis import HealthCheck, given, settings

from dhcpfo.scope import apply_write, read_about, read_scope, same, scope_writes

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def read(server):
    return read_scope(server, SCOPE, calls_at_once=1)


def write(server, old, new, **more):
    writes = scope_writes(old, new, **more)
    assert not writes.conflicts, str(writes)
    for one in writes:
        assert same(one.about, read_about(server, one.about), one.before), f"before {one}"
        apply_write(server, one)
        assert same(one.about, read_about(server, one.about), one.after), f"after {one}"
    return writes


@few
@given(configs())
def test_a_scope_is_created(config):
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        write(server, None, config)
        found = read(server)
        assert found == config
        assert not scope_writes(found, config)


@few
@given(configs(), configs())
def test_a_scope_is_changed_and_changed_back(one, other):
    if one.range is not None and other.range is None:
        one, other = other, one
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        write(server, None, one)
        write(server, read(server), other, delete="all")
        found = read(server)
        assert found == other
        assert not scope_writes(found, other, delete="all")
        if one.range is not None or other.range is None:
            write(server, found, one, delete="all")
            assert read(server) == one
