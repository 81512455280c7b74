-- Calls that are up, so that their parties hear a goodbye when the PBX comes back from a sudden death.
CREATE TABLE dialog (
    key TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
