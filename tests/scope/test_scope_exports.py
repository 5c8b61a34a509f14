"""Any configuration of a scope, written as real servers export it, is the same in a lab that reads the file."""

from io import BytesIO

from configurations import NETWORK, SCOPE, configs, lab_of
from exported import as_exported, to_dump, to_xml
from hypothesis import HealthCheck, given, settings

from dhcpfo.enums import OptionType, ScopeState
from dhcpfo.scope import ScopeConfig, read_scope
from dhcpfo.simulator import Lab

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def defined(values, types):
    """Option values that have the type of their definition; a file does not say the type."""
    return [value for value in values.values() if value.type == types.get((value.vendor_class, value.id))]


def exportable(config, server, **changes):
    """What a file can hold of a configuration."""
    types = {(entry.vendor_class, entry.id): entry.type for entry in server.option_definitions()}
    types[None, 81] = OptionType.DWORD
    policies = [as_exported(policy) for policy in config.policies]
    held = {
        "network": NETWORK,
        "name": config.name,
        "comment": config.comment,
        "state": ScopeState.ENABLED if config.enabled else ScopeState.DISABLED,
        "range": config.range,
        "exclusions": config.exclusions,
        "reservations": config.reservations,
        "options": defined(config.options, types),
        "reservation_options": {key: defined(values, types) for key, values in config.reservation_options.items()},
        "policies": policies,
        "policy_options": {key: defined(values, types) for key, values in config.policy_options.items()},
        "policies_enforced": config.policies_enforced,
        "offer_delay": config.offer_delay,
        "superscope": config.superscope,
    }
    return ScopeConfig(**held | changes)


@few
@given(configs())
def test_an_xml_file_keeps_a_configuration(config):
    server = lab_of("dhcp1").connect("dhcp1", direct=True)
    config = exportable(config, server)
    lab = Lab()
    report = lab.load_export(BytesIO(to_xml(config, server)), "dhcp2")
    assert report.complete, str(report)
    copy = lab.connect("dhcp2", direct=True)
    assert read_scope(copy, SCOPE, calls_at_once=1) == config
    assert copy.option_definitions() == server.option_definitions()
    assert copy.classes() == server.classes()


@few
@given(configs())
def test_a_dump_keeps_a_configuration_without_policies(config):
    server = lab_of("dhcp1").connect("dhcp1", direct=True)
    whole = config.range
    inside = {key: entry for key, entry in config.reservations.items() if whole is not None and key in whole}
    options = {key: values for key, values in config.reservation_options.items() if key in inside}
    changes = {"policies": (), "policy_options": {}, "policies_enforced": True, "state": config.state}
    config = exportable(config, server, **changes, reservations=inside, reservation_options=options)
    lab = Lab()
    report = lab.load_export(BytesIO(to_dump(config, server)))
    assert report.complete, str(report)
    copy = lab.connect("dhcp2", direct=True)
    assert read_scope(copy, SCOPE, calls_at_once=1) == config
    assert copy.option_definitions() == server.option_definitions()
    assert copy.classes() == server.classes()
