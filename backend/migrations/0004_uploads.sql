-- Files arrive in pieces. A file is its pieces in their order; each piece is an object of its own and never changes.
CREATE TABLE upload (
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    size       INTEGER NOT NULL,      -- bytes, as announced
    arrived    INTEGER NOT NULL,      -- bytes that are here
    announced  TEXT,                  -- SHA-256 as announced, hex
    sha256     TEXT,                  -- SHA-256 of what is here, hex; NULL until all is
    media_type TEXT,                  -- what the content shows; NULL until all is here, or if it shows nothing
    changed_at INTEGER NOT NULL,      -- milliseconds since 1970
    ticket_id  INTEGER REFERENCES ticket (id),
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE piece (
    tenant     TEXT NOT NULL,
    upload     TEXT NOT NULL,
    start      INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    object     TEXT NOT NULL,         -- its name in the object store
    PRIMARY KEY (tenant, upload, start),
    FOREIGN KEY (tenant, upload) REFERENCES upload (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX piece_by_object ON piece (object);

INSERT INTO upload (tenant, id, size, arrived, sha256, changed_at, ticket_id)
SELECT tenant, id, size, size, sha256, unixepoch(stored_at) * 1000, ticket_id FROM attachment;
INSERT INTO piece (tenant, upload, start, size, object)
SELECT tenant, id, 0, size, substr(sha256, 1, 2) || '/' || sha256 FROM attachment WHERE size > 0;
DROP TABLE attachment;
