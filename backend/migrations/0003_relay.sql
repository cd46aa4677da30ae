-- What is forwarded: one row for each accepted submission that is still to be told elsewhere.
CREATE TABLE relay (
    ticket_id INTEGER PRIMARY KEY REFERENCES ticket (id),
    entry     TEXT NOT NULL,          -- an outbox entry: what is sent, the same at every try, and where it stands
    due_at    INTEGER                 -- milliseconds since 1970; NULL while it waits for a person
) STRICT;
CREATE INDEX relay_by_due ON relay (due_at);
