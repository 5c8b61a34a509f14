"""The tables of a lab's file."""

APPLICATION_ID = 0x6468666F
"""The application ID in the header of the SQLite file: "dhfo"."""

FORMAT = 2
"""The version of the tables, which the header holds as the user version. Format 1 was a single row."""

FORGETTING = 4096
"""For how many versions the file remembers at least which rows were deleted."""

SCHEMA = """
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL,   -- counts the transactions that changed something
    complete INTEGER NOT NULL   -- all deletions after this version are in deleted
);
CREATE TABLE object (
    server INTEGER, scope INTEGER, kind TEXT, key TEXT,
    position INTEGER NOT NULL, doc TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (server, scope, kind, key)
) WITHOUT ROWID;
CREATE INDEX object_version ON object (version);
CREATE TABLE client (
    server INTEGER, scope INTEGER, address INTEGER,
    client_id BLOB NOT NULL, expires INTEGER, doomed INTEGER NOT NULL, owner INTEGER NOT NULL,
    doc TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (server, scope, address)
) WITHOUT ROWID;
CREATE INDEX client_version ON client (version);
CREATE INDEX client_end ON client (server, scope, doomed, expires);
CREATE TABLE deleted (
    server INTEGER, scope INTEGER, kind TEXT, key TEXT, version INTEGER NOT NULL,
    PRIMARY KEY (server, scope, kind, key)
) WITHOUT ROWID;
CREATE INDEX deleted_version ON deleted (version);
CREATE TABLE snapshot (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE kept_object (
    snapshot INTEGER, server INTEGER, scope INTEGER, kind TEXT, key TEXT, position INTEGER, doc TEXT,
    PRIMARY KEY (snapshot, server, scope, kind, key)
) WITHOUT ROWID;
CREATE TABLE kept_client (
    snapshot INTEGER, server INTEGER, scope INTEGER, address INTEGER,
    client_id BLOB, expires INTEGER, doomed INTEGER, owner INTEGER, doc TEXT,
    PRIMARY KEY (snapshot, server, scope, address)
) WITHOUT ROWID;
INSERT INTO state VALUES (1, 0, 0);
"""

# The rows of objects.
OBJECTS = "SELECT server, scope, kind, key, doc FROM object WHERE version > ? ORDER BY position"
PUT = """
INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET doc = excluded.doc, version = excluded.version
"""
DELETE = "DELETE FROM object WHERE server = ? AND scope = ? AND kind = ? AND key = ?"
DELETE_SERVER = ("DELETE FROM object WHERE server = ?", "DELETE FROM client WHERE server = ?")
DELETE_SCOPE = (
    "DELETE FROM object WHERE server = ? AND scope = ?",
    "DELETE FROM client WHERE server = ? AND scope = ?",
)
DELETED = "SELECT server, scope, kind, key FROM deleted WHERE version > ?"
PUT_DELETED = "INSERT OR REPLACE INTO deleted VALUES (?, ?, ?, ?, ?)"

# Those of clients.
CLIENTS = "SELECT server, scope, address, client_id, expires, doomed, owner, doc FROM client WHERE version > ?"
CLIENTS_OF = "SELECT address, client_id, expires, doomed, owner, doc FROM client WHERE server = ? AND scope = ?"
NEXT_END = """
SELECT expires FROM client WHERE server = ? AND scope = ? AND doomed = ? AND expires > ? ORDER BY expires LIMIT 1
"""
PUT_CLIENT = "INSERT OR REPLACE INTO client VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
DELETE_CLIENT = "DELETE FROM client WHERE server = ? AND scope = ? AND address = ?"

# Snapshots.
KEEP = (
    "INSERT INTO kept_object SELECT ?, server, scope, kind, key, position, doc FROM object",
    "INSERT INTO kept_client SELECT ?, server, scope, address, client_id, expires, doomed, owner, doc FROM client",
)
RESTORE = (
    "DELETE FROM object",
    "DELETE FROM client",
    "DELETE FROM deleted",
    """
    INSERT INTO object SELECT server, scope, kind, key, position, doc, :version
    FROM kept_object WHERE snapshot = :snapshot
    """,
    """
    INSERT INTO client SELECT server, scope, address, client_id, expires, doomed, owner, doc, :version
    FROM kept_client WHERE snapshot = :snapshot
    """,
    "UPDATE state SET complete = :version",
)
DISCARD = (
    "DELETE FROM kept_object WHERE snapshot = ?",
    "DELETE FROM kept_client WHERE snapshot = ?",
    "DELETE FROM snapshot WHERE number = ?",
)
