-- Teams made at runtime, and where the numbers of a line lead.
CREATE TABLE record_now (
    kind TEXT NOT NULL
        CHECK (kind IN ('user', 'door', 'role', 'device', 'room', 'team', 'arrival', 'pin', 'language')),
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;
INSERT INTO record_now (kind, name, record) SELECT kind, name, record FROM record ORDER BY rowid;
DROP TABLE record;
ALTER TABLE record_now RENAME TO record;
