-- Phonebooks: the company's (owner '') and people's own.  Numbers stand as they were written, as JSON: [[label, number], …].
-- Ids are never given twice, so that a page which missed a removal takes nobody for somebody else.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    first TEXT NOT NULL DEFAULT '',
    last TEXT NOT NULL DEFAULT '',
    company TEXT NOT NULL DEFAULT '',
    numbers TEXT NOT NULL DEFAULT '[]',
    email TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contact_owner ON contact (owner, id);
