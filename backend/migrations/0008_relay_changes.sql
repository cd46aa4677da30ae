-- Several messages about one ticket: that it was made, and each change of it.
CREATE TABLE relay_message (
    id        INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    name      TEXT NOT NULL UNIQUE,   -- the ticket's number; of a change with its count behind it
    entry     TEXT NOT NULL,          -- an outbox entry: what is sent, the same at every try, and where it stands
    due_at    INTEGER                 -- milliseconds since 1970; NULL while it waits for a person
) STRICT;
INSERT INTO relay_message (ticket_id, name, entry, due_at)
    SELECT relay.ticket_id, ticket.number, relay.entry, relay.due_at
    FROM relay JOIN ticket ON ticket.id = relay.ticket_id ORDER BY relay.ticket_id;
DROP TABLE relay;
CREATE INDEX relay_by_due ON relay_message (due_at);
CREATE INDEX relay_by_ticket ON relay_message (ticket_id);
