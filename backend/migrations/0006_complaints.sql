-- What was done with a complaint: its state follows from it.
CREATE TABLE complaint_event (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    key       TEXT NOT NULL,          -- the idempotency key of who did it
    action    TEXT NOT NULL CHECK (action IN ('acknowledge', 'escalate', 'resolve', 'verdict')),
    outcome   TEXT,                   -- of a resolution
    satisfied INTEGER,                -- of a verdict
    done_by   TEXT,                   -- the claim `sub`; NULL for the complainant
    words     TEXT NOT NULL,
    done_at   TEXT NOT NULL,
    state     TEXT NOT NULL,          -- where the complaint stood then, by the rules of that day
    level     INTEGER NOT NULL,
    UNIQUE (ticket_id, key)
) STRICT;

-- Until when an answer was promised when it arrived.
ALTER TABLE ticket ADD COLUMN acknowledge_by TEXT;
