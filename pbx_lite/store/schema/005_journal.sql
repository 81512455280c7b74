-- Calls between people, newest last.  A call that is up has no ended_at; seen_at says until when it was for certain.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    call TEXT NOT NULL,
    at TEXT NOT NULL,
    answered_at TEXT,
    ended_at TEXT,
    seen_at TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    direction TEXT NOT NULL,
    trunk TEXT NOT NULL DEFAULT '',
    caller TEXT NOT NULL,
    caller_name TEXT NOT NULL DEFAULT '',
    caller_user TEXT NOT NULL DEFAULT '',
    number TEXT NOT NULL,
    callee_name TEXT NOT NULL DEFAULT '',
    callee_user TEXT NOT NULL DEFAULT '',
    answered_by TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    cause INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    quality TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_open ON journal (id) WHERE ended_at IS NULL;

-- Whose call it was: everybody who spoke, and for whom it rang.
CREATE TABLE journal_user (
    user TEXT NOT NULL,
    id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
    PRIMARY KEY (user, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_user_id ON journal_user (id);
