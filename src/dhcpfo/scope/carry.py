"""Read what a write is about, compare it, and carry the write out."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, NamedTuple

from ..enums import ClientType, ForceFlag
from ..errors import DhcpError, ErrorCode, NotFoundError, ScopeNotFoundError
from ..limits import FILETIME_EPOCH
from ..models import Client, HostInfo, OptionValue, Policy, Reservation, Scope
from ..models.names import upper_case
from .carry_server import (
    read_class,
    read_conflict_detection,
    read_definition,
    read_filter,
    write_class,
    write_conflict_detection,
    write_definition,
    write_filter,
    write_filter_lists,
)
from .config import (
    key_to_compare,
    options_to_compare,
    policy_to_compare,
    range_to_compare,
    reservation_to_compare,
)
from .frozen import FrozenDict
from .write import About, Write

if TYPE_CHECKING:
    from ..server import Server

__all__ = ["SETTLED", "apply_write", "between", "read_about", "same"]

NO_OWNER = HostInfo(address=IPv4Address("255.255.255.255"))
MOST_COPIES = 10
"""How many copies of one exclusion are removed."""


class Kind(NamedTuple):
    """How one kind of thing is read, compared and written.

    Attributes:
        read: Return what the server has.
        form: Return what of a value is compared.
        write: Make the server have another value.
        settled: Codes which say that what the write wants may be there already.
    """

    read: Callable[["Server", About], Any]
    form: Callable[[Any], Any]
    write: Callable[["Server", Write], None]
    settled: tuple[ErrorCode, ...] = ()


def read_about(server: "Server", about: About) -> Any:
    """Return what a server has now, in the form of `Write.before`. One round trip.

    None, or an empty tuple, is nothing: also if the scope itself is missing.

    Args:
        server: The server.
        about: What to read.

    Raises:
        DhcpError: It could not be read.
    """
    try:
        return KINDS[about.kind].read(server, about)
    except ScopeNotFoundError:
        return () if about.kind.endswith("options") or about.kind == "policy-order" else None


def same(about: About, value: Any, other: Any) -> bool:
    """Return whether two values of one thing are equal for a server."""
    if value is None or other is None:
        return value is other
    form = KINDS[about.kind].form
    return bool(form(value) == form(other))


def between(about: About, now: Any, before: Any, after: Any) -> bool:
    """Return whether a write may have been carried out in part: then ``write.replace(before=now)`` does the rest.

    It is meant for the time after a write that failed; before that, another state than ``before`` is somebody's change.

    Args:
        about: What was written.
        now: What is there.
        before: What was there.
        after: What was to be there.
    """
    if about.kind.endswith("options"):
        forms = [{entry[0]: entry[1:] for entry in _options_form(values)} for values in (now, before, after)]
        shown, old, new = forms
        return all(shown.get(key) in (old.get(key), new.get(key)) for key in {*shown, *old, *new})
    if about.kind == "reservation" and isinstance(now, Reservation) and isinstance(after, Reservation):
        return reservation_to_compare(now)[:3] == reservation_to_compare(after)[:3]  # only the name is missing
    return about.kind == "policy-order" and sorted(_order_form(now)) == sorted(_order_form(after))


def apply_write(server: "Server", write: Write) -> None:
    """Carry out a write. It is not checked whether the server still has `Write.before`.

    Most are one call. A reservation with a name takes two or three; an option that is removed, and the place of a
    policy, take one each; the removal of an exclusion takes two.

    Args:
        server: The server.
        write: The write.

    Raises:
        DhcpError: The server refused it, or it is not known whether it was done. Some calls may have been made.
    """
    KINDS[write.about.kind].write(server, write)


# Scopes


def _read_scope(server: "Server", about: About) -> Scope:
    return server.get_scope(_scope(about))


def _scope(about: About) -> IPv4Address:
    assert about.scope is not None
    return about.scope


def _scope_form(value: Scope) -> Any:
    return value.scope_id, value.subnet_mask, value.name or "", value.comment or "", value.state


def _write_scope(server: "Server", write: Write) -> None:
    before: Scope | None = write.before
    after: Scope | None = write.after
    if after is None:
        # Not FULL_FORCE: it removes the DNS records of clients that the partner goes on serving.
        server.delete_scope(_scope(write.about), force=ForceFlag.FAILOVER_FORCE)
    elif before is None:
        server.create_scope(after.network, name=after.name, comment=after.comment, state=after.state)
    else:
        names = ("name", "comment", "state")
        changes = {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}
        if changes:
            server.set_scope(_scope(write.about), **changes)


# Elements


def _read_range(server: "Server", about: About) -> Any:
    return next(iter(server.ranges(_scope(about))), None)


def _write_range(server: "Server", write: Write) -> None:
    scope, value = _scope(write.about), write.after
    if value is None:
        server.remove_range(scope, write.before.start, write.before.end)
    else:
        server.add_range(scope, value.start, value.end, type=value.type, max_bootp=value.max_bootp)


def _read_exclusion(server: "Server", about: About) -> Any:
    return about.key if about.key in server.exclusions(_scope(about)) else None


def _write_exclusion(server: "Server", write: Write) -> None:
    scope, span = _scope(write.about), write.about.key
    if write.after is not None:
        server.add_exclusion(scope, span.start, span.end)
        return
    for _ in range(MOST_COPIES):  # a server stores the same exclusion twice
        server.remove_exclusion(scope, span.start, span.end)
        if span not in server.exclusions(scope):
            return


def _read_reservation(server: "Server", about: About) -> Any:
    return next((entry for entry in server.iter_reservations(_scope(about)) if entry.address == about.key), None)


def _write_reservation(server: "Server", write: Write) -> None:
    scope = _scope(write.about)
    before: Reservation | None = write.before
    after: Reservation | None = write.after
    kept = before is not None and after is not None and (before.client_id, before.type) == (after.client_id, after.type)
    if before is not None and not kept:
        server.remove_reservation(scope, before.address, before.client_id)
    if after is None:
        return
    if not kept:
        server.add_reservation(scope, after.address, after.client_id, type=after.type)
    if write.undo == "with-parent":
        if after.name or after.description:
            _name_record(server, _new_record(after), after)
        return
    # The client may have a record already: with another address, a lease, or the name that it gave itself.
    record = server.get_client(client_id=after.client_id, scope=scope)
    if (record.name or "", record.comment or "") != (after.name or "", after.description or ""):
        _name_record(server, record, after)


def _new_record(entry: Reservation) -> Client:
    """The record that a server makes for a reservation of a client that it does not know."""
    return Client(
        address=entry.address,
        subnet_mask=NO_OWNER.address,
        client_id=entry.client_id,
        lease_expires=FILETIME_EPOCH,
        owner=NO_OWNER,
        client_type=ClientType.NONE,
    )


def _name_record(server: "Server", record: Client, entry: Reservation) -> None:
    server.set_client(record.replace(name=entry.name or "", comment=entry.description or ""))


# Options


def _options_form(values: tuple[OptionValue, ...]) -> Any:
    return options_to_compare(FrozenDict({value.key: value for value in values}))


def _chosen(about: About, values: list[OptionValue]) -> tuple[OptionValue, ...]:
    wanted = {key_to_compare(key) for key in about.options}
    found = [value for value in values if key_to_compare(value.key) in wanted]
    return tuple(sorted(found, key=lambda value: value.key))


def _read_options(server: "Server", about: About) -> Any:
    return _chosen(about, server.option_values(scope=about.scope))


def _read_reservation_options(server: "Server", about: About) -> Any:
    try:
        return _chosen(about, server.option_values(scope=about.scope, reservation=about.key))
    except DhcpError as error:
        if error.winerror == ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT:
            return ()
        raise


def _read_policy_options(server: "Server", about: About) -> Any:
    name = upper_case(about.key)
    values = server.policy_option_values(scope=about.scope)
    return _chosen(about, [value for value in values if upper_case(value.policy or "") == name])


def _level(about: About) -> dict[str, Any]:
    level: dict[str, Any] = {"scope": about.scope}
    if about.kind == "reservation-options":
        level["reservation"] = about.key
    elif about.kind == "policy-options":
        level["policy"] = about.key
    return level


def _write_options(server: "Server", write: Write) -> None:
    level = _level(write.about)
    old = {key_to_compare(value.key): value for value in write.before or ()}
    new = {key_to_compare(value.key): value for value in write.after or ()}
    for key, value in old.items():
        if key not in new:
            classes: dict[str, Any] = {"vendor_class": value.vendor_class}
            if write.about.kind != "policy-options":
                classes["user_class"] = value.user_class
            server.delete_option_value(value.id, **level, **classes)
    changed = [value for key, value in new.items() if key not in old or old[key].data != value.data]
    if changed:
        server.set_option_values(changed, **level)


# Policies


def _read_policy(server: "Server", about: About) -> Any:
    try:
        return server.get_policy(about.key, scope=about.scope)
    except NotFoundError as error:
        if isinstance(error, ScopeNotFoundError):
            raise
        return None


def _write_policy(server: "Server", write: Write) -> None:
    scope = write.about.scope
    before: Policy | None = write.before
    after: Policy | None = write.after
    if after is None:
        server.delete_policy(write.about.key, scope=scope)
    elif before is None:
        _create_policy(server, after)
    elif changes := policy_changes(before, after):
        server.set_policy(before.name, scope=scope, **changes)


def _create_policy(server: "Server", policy: Policy) -> None:
    """Create a policy at its place, or as the last one if those before it are gone."""
    try:
        server.create_policy(policy)
    except DhcpError as error:
        if error.winerror != ErrorCode.ERROR_DHCP_INVALID_PROCESSING_ORDER:
            raise
        last = max([other.order for other in server.policies(scope=policy.scope)], default=0)
        server.create_policy(policy.replace(order=last + 1))


def policy_changes(before: Policy, after: Policy) -> dict[str, Any]:
    """Return the arguments of `Server.set_policy` that change a policy."""
    changes: dict[str, Any] = {}
    if before.condition != after.condition:
        changes["condition"] = after.condition
    if set(before.ranges) != set(after.ranges):
        changes["ranges"] = after.ranges
    if (before.description or "") != (after.description or ""):
        changes["description"] = after.description
    if before.enabled != after.enabled:
        changes["enabled"] = after.enabled
    if before.dns_suffix != after.dns_suffix:
        changes["dns_suffix"] = after.dns_suffix
    return changes


def _read_order(server: "Server", about: About) -> Any:
    return tuple([policy.name for policy in server.policies(scope=about.scope)])


def _order_form(value: tuple[str, ...]) -> Any:
    return tuple(map(upper_case, value))


def _write_order(server: "Server", write: Write) -> None:
    # Ascending: a place may be at most one behind the last. Each is written, because two may have the same.
    for place, name in enumerate(write.after, 1):
        server.set_policy(name, scope=write.about.scope, order=place)


# Values of their own


def _read_superscope(server: "Server", about: About) -> Any:
    return next((group.name for group in server.superscopes() if about.scope in group.scopes), None)


def _set_superscope(server: "Server", write: Write) -> None:
    server.set_superscope(_scope(write.about), name=write.after, move=True)


def _set_delay(server: "Server", write: Write) -> None:
    server.set_scope_delay(_scope(write.about), delay=write.after)


def _set_enforcement(server: "Server", write: Write) -> None:
    server.set_policy_enforcement(enabled=write.after, scope=write.about.scope)


def _itself(value: Any) -> Any:
    return value


KINDS: Mapping[str, Kind] = {
    "scope": Kind(
        _read_scope,
        _scope_form,
        _write_scope,
        (ErrorCode.ERROR_DHCP_SUBNET_EXISTS, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT),
    ),
    "range": Kind(_read_range, range_to_compare, _write_range, (ErrorCode.ERROR_DHCP_INVALID_RANGE,)),
    "exclusion": Kind(
        _read_exclusion,
        _itself,
        _write_exclusion,
        (ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE, ErrorCode.ERROR_INVALID_PARAMETER),
    ),
    "reservation": Kind(
        _read_reservation,
        reservation_to_compare,
        _write_reservation,
        (ErrorCode.ERROR_DHCP_RESERVEDIP_EXITS, ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT),
    ),
    "options": Kind(_read_options, _options_form, _write_options, (ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT,)),
    "reservation-options": Kind(
        _read_reservation_options, _options_form, _write_options, (ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT,)
    ),
    "policy-options": Kind(
        _read_policy_options,
        _options_form,
        _write_options,
        (ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT, ErrorCode.ERROR_DHCP_POLICY_NOT_FOUND),
    ),
    "policy": Kind(
        _read_policy,
        policy_to_compare,
        _write_policy,
        (ErrorCode.ERROR_DHCP_POLICY_EXISTS, ErrorCode.ERROR_DHCP_POLICY_NOT_FOUND),
    ),
    "policy-order": Kind(_read_order, _order_form, _write_order, (ErrorCode.ERROR_DHCP_POLICY_NOT_FOUND,)),
    "delay": Kind(lambda server, about: server.get_scope_delay(_scope(about)), _itself, _set_delay),
    "superscope": Kind(_read_superscope, upper_case, _set_superscope),
    "enforcement": Kind(
        lambda server, about: server.get_policy_enforcement(scope=about.scope), _itself, _set_enforcement
    ),
    "class": Kind(
        read_class,
        lambda value: (upper_case(value.name or ""), value.is_vendor, value.data),
        write_class,
        (ErrorCode.ERROR_DHCP_CLASS_ALREADY_EXISTS, ErrorCode.ERROR_DHCP_CLASS_NOT_FOUND),
    ),
    "definition": Kind(
        read_definition,
        lambda value: (value.id, value.type, value.multivalued),
        write_definition,
        (ErrorCode.ERROR_DHCP_OPTION_EXITS, ErrorCode.ERROR_DHCP_OPTION_NOT_PRESENT),
    ),
    "filter": Kind(
        read_filter,
        lambda value: (value.pattern, value.filter_list, value.comment or ""),
        write_filter,
        (
            ErrorCode.ERROR_DHCP_LINKLAYER_ADDRESS_EXISTS,
            ErrorCode.ERROR_DHCP_LINKLAYER_ADDRESS_DOES_NOT_EXIST,
            ErrorCode.ERROR_DHCP_HARDWARE_ADDRESS_TYPE_ALREADY_EXEMPT,
            ErrorCode.ERROR_DHCP_UNDEFINED_HARDWARE_ADDRESS_TYPE,
        ),
    ),
    "filter-lists": Kind(lambda server, about: server.get_filter_lists(), _itself, write_filter_lists),
    "conflict-detection": Kind(read_conflict_detection, _itself, write_conflict_detection),
}

SETTLED: Mapping[str, tuple[ErrorCode, ...]] = {kind: entry.settled for kind, entry in KINDS.items()}
"""The codes after which a look shows whether a write of each kind is done already."""
