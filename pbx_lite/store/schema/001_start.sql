-- What a PBX keeps from its first day on.  Times are UTC in ISO 8601 with milliseconds, records are JSON.

CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Users, doors and roles made at runtime; those of pbx.yaml are never here.
CREATE TABLE record (
    kind TEXT NOT NULL CHECK (kind IN ('user', 'door', 'role')),
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;

-- Which PBX user a Home Assistant user is.
CREATE TABLE link (
    ha_user TEXT PRIMARY KEY,
    user TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- Where phones and stations are registered.
CREATE TABLE binding (
    account TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX binding_account ON binding (account);

-- Clients that may use the API; the token itself is known to the client alone.
CREATE TABLE token (
    hash TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    issued_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Rings and openings.  A ring with a picture has the file visitors/<door>/<id>.jpg.
CREATE TABLE visit (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('ring', 'opening')),
    door TEXT NOT NULL,
    at TEXT NOT NULL,
    ring TEXT NOT NULL DEFAULT '',
    button TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL,
    by TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    picture INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visit_door ON visit (door, id);
