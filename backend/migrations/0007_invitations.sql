-- Who was asked to answer a survey: the links that were signed. `used_by` is the record that came of one.
CREATE TABLE invitation (
    id          TEXT PRIMARY KEY,
    form_id     TEXT NOT NULL,
    ticket      TEXT,
    service_id  TEXT,
    sample_rule TEXT NOT NULL,        -- how those who are asked were chosen, in words
    population  INTEGER,              -- of how many they were chosen
    invited_at  TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    used_by     INTEGER REFERENCES ticket (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_form ON invitation (form_id, invited_at);
