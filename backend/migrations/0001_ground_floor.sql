-- One row for each idempotency key ever seen; it stays as long as the ticket lives.
CREATE TABLE submission (
    tenant      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT,                 -- SHA-256 of the body, hex; NULL for a tombstone
    outcome     TEXT NOT NULL CHECK (outcome IN ('created', 'tombstone')),
    ticket_id   INTEGER REFERENCES ticket (id),
    created_at  TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    key          TEXT NOT NULL,
    number       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    service_id   TEXT,
    form_id      TEXT NOT NULL,
    form_version INTEGER NOT NULL,
    summary      TEXT NOT NULL,
    priority     INTEGER,
    body         TEXT NOT NULL,       -- the submission as it arrived
    occurred_at  TEXT,                -- the user's account
    captured_at  TEXT NOT NULL,       -- the device's clock
    received_at  TEXT NOT NULL,       -- this machine's clock
    read_secret  TEXT NOT NULL,
    withdrawn_at TEXT,
    UNIQUE (tenant, key)
) STRICT;

CREATE TABLE attachment (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    size        INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    stored_at   TEXT NOT NULL,
    ticket_id   INTEGER REFERENCES ticket (id),
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- Every version of a form that was ever offered, to check late submissions against what was filled in.
CREATE TABLE form_definition (
    id       TEXT NOT NULL,
    version  INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
