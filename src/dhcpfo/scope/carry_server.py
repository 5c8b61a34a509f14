"""Read and write what a server has beside its scopes: classes, option definitions, filters, conflict detection."""

from typing import TYPE_CHECKING

from ..errors import NotFoundError
from ..models import DhcpClass, Filter, OptionDefinition, OptionKey
from ..models.names import upper_case
from .write import About, Write

if TYPE_CHECKING:
    from ..server import Server

__all__ = [
    "read_class",
    "read_conflict_detection",
    "read_definition",
    "read_filter",
    "write_class",
    "write_conflict_detection",
    "write_definition",
    "write_filter",
    "write_filter_lists",
]


def read_class(server: "Server", about: About) -> DhcpClass | None:
    """Return the class that the server has under a name."""
    name, is_vendor = about.key
    found = (entry for entry in server.classes() if entry.is_vendor == is_vendor)
    return next((entry for entry in found if upper_case(entry.name or "") == upper_case(name)), None)


def write_class(server: "Server", write: Write) -> None:
    """Create or delete a class."""
    if write.after is None:
        server.delete_class(write.about.key[0])
    else:
        server.create_class(write.after)


def read_definition(server: "Server", about: About) -> OptionDefinition | None:
    """Return the definition of an option."""
    key: OptionKey = about.key
    try:
        return server.get_option_definition(key.id, **_classes(key))
    except NotFoundError:
        return None


def _classes(key: OptionKey) -> dict[str, str | None]:
    return {"vendor_class": key.vendor_class or None, "user_class": key.user_class or None}


def write_definition(server: "Server", write: Write) -> None:
    """Create or delete the definition of an option."""
    if write.after is None:
        server.delete_option_definition(write.about.key.id, **_classes(write.about.key))
    else:
        server.create_option_definition(write.after)


def read_filter(server: "Server", about: About) -> Filter | None:
    """Return the filter with a pattern, from the list that has it."""
    return next((entry for entry in server.filters() if entry.pattern == about.key), None)


def write_filter(server: "Server", write: Write) -> None:
    """Add a filter, put it into the other list or give it another comment, or take it out."""
    if write.after is None:
        server.delete_filter(write.about.key)
    else:
        server.create_filter(write.after, overwrite=write.before is not None)


def write_filter_lists(server: "Server", write: Write) -> None:
    """Set which lists the server enforces."""
    server.set_filter_lists(allow=write.after.allow, deny=write.after.deny)


def read_conflict_detection(server: "Server", about: About) -> int:
    """Return how often the server pings an address before it offers it."""
    return server.get_config().conflict_detection_attempts


def write_conflict_detection(server: "Server", write: Write) -> None:
    """Set how often the server pings an address before it offers it."""
    server.set_config(conflict_detection_attempts=write.after)
