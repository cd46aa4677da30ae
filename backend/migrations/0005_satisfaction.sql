-- Until when a survey's answers can be changed, and when they were last changed.
ALTER TABLE ticket ADD COLUMN editable_until TEXT;
ALTER TABLE ticket ADD COLUMN revised_at TEXT;

-- What answers were before they were changed: one row for each change.
CREATE TABLE revision (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id  INTEGER NOT NULL REFERENCES ticket (id),
    key        TEXT NOT NULL,         -- of the submission that changed them
    body       TEXT NOT NULL,         -- what stood there before
    summary    TEXT NOT NULL,
    revised_at TEXT NOT NULL
) STRICT;
CREATE INDEX revision_by_ticket ON revision (ticket_id);
