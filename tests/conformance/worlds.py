"""The lab in which the conformance suite runs, and calls that are right but for what a test makes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any

import examples
import examples_policies
import examples_scopes
from dhcpfo import FailoverState, Relationship, RelationshipFlags, ServerType
from dhcpfo.api import FUNCTIONS, ManagementApi
from dhcpfo.models import DhcpClass, Policy, PolicyAttribute, PolicyCondition, RelationshipValues
from dhcpfo.simulator import Lab, RangeType, Rights

DHCP1, DHCP2 = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
SCOPE, OTHER, THIRD = (IPv4Address(f"10.{number}.0.0") for number in (0, 1, 2))
BOOTP, MISSING = IPv4Address("10.3.0.0"), IPv4Address("10.9.0.0")
NAME = "dhcp1-dhcp2"

NEEDS_POLICY = {"get_policy", "set_policy", "delete_policy", "add_policy_range", "remove_policy_range"}


@dataclass
class World:
    """Two servers with the same scopes, and the way to them that is under test."""

    lab: Lab
    api: Callable[..., ManagementApi]

    def pair(self, **changes: Any) -> None:
        """Create the relationship on both servers, the partner first."""
        for server, role in (("dhcp2", ServerType.SECONDARY), ("dhcp1", ServerType.PRIMARY)):
            self.api(server).create_relationship(relationship(server_type=role, **changes))

    def normal(self, **changes: Any) -> None:
        """Create it and wait until it is NORMAL."""
        self.pair(**changes)
        self.lab.settle()

    def fill(self, count: int) -> None:
        """Create that many relationships on dhcp1, each with its own scope."""
        for number in range(count):
            scope = self.lab.add_scope(f"10.{100 + number}.0.0/24", servers=["dhcp1"])
            self.api("dhcp1").create_relationship(relationship(name=f"other-{number:02}", scopes=[scope]))


def relationship(**changes: Any) -> Relationship:
    """Return a relationship that the servers accept."""
    values: dict[str, Any] = {
        "name": NAME,
        "primary_server": DHCP1,
        "secondary_server": DHCP2,
        "primary_server_name": "dhcp1",
        "secondary_server_name": "dhcp2",
        "scopes": [SCOPE],
    }
    return Relationship(**values | changes)


def furnish(lab: Lab) -> None:
    """Put the servers and scopes into a lab."""
    lab.add_server("dhcp1", DHCP1)
    lab.add_server("dhcp2", DHCP2)
    for scope in (SCOPE, OTHER, THIRD):
        lab.add_scope(f"{scope}/24")
    lab.add_scope(f"{BOOTP}/24", range_type=RangeType.BOOTP)


def prepare_example(world: World, function: str) -> None:
    """Bring the lab into a state in which dhcp1 carries out the example of a function."""
    if FUNCTIONS[function].family in ("options", "classes"):
        _prepare_options(world, function)
        return
    for scope in (*examples.RELATIONSHIP.scopes, *examples.ADDED):
        if function != "create_scope" or scope != examples.SCOPE:
            world.lab.add_scope(f"{scope}/24")
    if function in ("create_relationship", "create_scope", "delete_scope"):
        return
    if function == "remove_element":
        world.lab.exclude(examples.SCOPE, examples_scopes.EXCLUSION.start, examples_scopes.EXCLUSION.end)
    if function == "delete_superscope":
        world.api("dhcp1").set_superscope(examples.SCOPE, *examples.ARGUMENTS[function], False)
    if function in NEEDS_POLICY:
        world.api("dhcp1").create_policy(examples_policies.POLICY)
    world.lab.switches = replace(world.lab.switches, partner_down_accepted_in_normal=True)
    added = examples.ADDED if function == "remove_failover_scopes" else ()
    world.normal(name=examples.NAME, scopes=[*examples.RELATIONSHIP.scopes, *added])
    if function in ("set_client", "delete_client"):
        world.lab.put_client("dhcp1", examples.CLIENT)
    elif function == "delete_filter":
        world.api("dhcp1").create_filter(examples.ARGUMENTS["create_filter"][0], False)
    elif function != "create_client":
        world.lab.lease(examples.SCOPE, examples.MAC, name="printer")


def _prepare_options(world: World, function: str) -> None:
    world.lab.add_scope(f"{examples.SCOPE}/24", servers=["dhcp1"])
    world.lab.reserve(examples.SCOPE, examples.ADDRESS, examples.MAC, servers=["dhcp1"])
    add_policy(world.lab, "dhcp1", "P1", examples.SCOPE)
    api = world.lab.connect("dhcp1", direct=True).api
    api.create_class(DhcpClass(name="Phones", data=b"phones", is_vendor=True))
    if function != "create_class":
        api.create_class(examples.KIOSK)
        if function != "create_option":
            api.create_option(77, 3, "Kiosk", "Phones", examples.DEFINITION)
        api.create_option(6, 3, None, "Phones", examples.PLAIN_DEFINITION)
        for level, user_class in ((examples.RESERVATION, "Kiosk"), (examples.AT_SCOPE, None)):
            api.set_option_value(6, level, 3, user_class, "Phones", examples.ADDRESSES)
        api.set_policy_option_value(6, examples.AT_SCOPE, 3, "P1", "Phones", examples.ADDRESSES)


def add_policy(lab: Lab, server: str, name: str, scope: IPv4Address | None, *, dns: bool = False) -> None:
    """Create a policy, with a condition on the DNS name or on the MAC address."""
    attribute, value = (PolicyAttribute.FQDN, "pc.test") if dns else (PolicyAttribute.MAC_ADDRESS, "00-1c-25-00-00-01")
    condition = PolicyCondition.of(attribute, value=value)
    lab.connect(server, direct=True).create_policy(Policy.build(name, condition, scope=scope))


def call_example(api: ManagementApi, function: str) -> object:
    """Call a function with the arguments of its example."""
    return getattr(api, function)(*examples.ARGUMENTS[function])


__all__ = [
    "BOOTP",
    "DHCP1",
    "DHCP2",
    "MISSING",
    "NAME",
    "OTHER",
    "SCOPE",
    "THIRD",
    "FailoverState",
    "RelationshipFlags",
    "RelationshipValues",
    "Rights",
    "World",
    "add_policy",
    "call_example",
    "furnish",
    "prepare_example",
    "relationship",
    "replace",
]
