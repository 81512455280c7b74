-- Messages that callers left.  The sound is the file voicemail/<id>.opus, which is complete before there is a row; a
-- visitor's picture is voicemail/<id>.jpg.  A box is a user, or `door:` and a door.
CREATE TABLE voicemail (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    at TEXT NOT NULL,
    caller TEXT NOT NULL DEFAULT '',
    caller_name TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL,
    heard INTEGER NOT NULL DEFAULT 0,
    picture INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What people set for their mailbox, as JSON; their own greeting is voicemail/greetings/<user>.opus.
CREATE TABLE mailbox (
    user TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
