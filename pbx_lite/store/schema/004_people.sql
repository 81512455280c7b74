-- What people set for themselves, who is logged in at which shared phone, and phones that Home Assistant made for users
-- of the file.
CREATE TABLE setting (
    user TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login (
    workplace TEXT PRIMARY KEY,
    user TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE record_now (
    kind TEXT NOT NULL CHECK (kind IN ('user', 'door', 'role', 'device')),
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;
INSERT INTO record_now (kind, name, record) SELECT kind, name, record FROM record ORDER BY rowid;
DROP TABLE record;
ALTER TABLE record_now RENAME TO record;
