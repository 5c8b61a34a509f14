"""Limits and fixed points of the API, each defined once."""

from datetime import UTC, datetime, timedelta

MAX_BYTE = 0xFF
MAX_WORD = 0xFFFF
MAX_DWORD = 0xFFFFFFFF

NEVER = 0xFFFFFFFF
"""A DWORD of seconds that means "never", such as a state switch interval."""

MAX_NAME_UNITS = 126
"""UTF-16 units in the name of a relationship."""

MAX_UNIQUE_ID = 255
"""Bytes in the unique ID under which a server keeps a client."""

UNIQUE_ID_PREFIX = 5
"""Bytes of a unique ID in front of the client identifier: the scope and the byte 1."""

MAX_RELATIONSHIPS = 31
"""Relationships on one server."""

MAX_ADDED_SCOPES = 400
"""Scopes in one call that adds scopes to a relationship."""

MAX_FREE_ADDRESSES = 1024
"""Free addresses that one call may ask for."""

MAX_DELAY = timedelta(seconds=1)
"""The longest delay of the offers of a scope."""

MAX_CLASS_DATA = 255
"""Bytes in the data of a user or vendor class."""

MAX_POLICY_NAME = 64
MAX_POLICY_DESCRIPTION = 255
MAX_DNS_SUFFIX = 255

MAX_PING_ATTEMPTS = 5
"""How often a server pings an address at most before it offers it."""

MAX_INTERVAL = timedelta(minutes=71582)
"""The longest interval of the service: in milliseconds it must fit into 32 bits."""

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment from which the API counts seconds."""

UNIX_END = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
"""The last moment that the API's DWORD of seconds can hold."""

FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
"""The moment from which a FILETIME counts ticks of 100 nanoseconds."""

FILETIME_INFINITE = 0x7FFFFFFF_FFFFFFFF
"""The FILETIME of a lease that does not end."""
