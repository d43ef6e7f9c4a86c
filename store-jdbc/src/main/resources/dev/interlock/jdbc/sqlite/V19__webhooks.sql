-- Where alerts go. Servers of an earlier version send none.
CREATE TABLE webhook (
    organization_id text NOT NULL,
    webhook_id      text NOT NULL,
    name            text NOT NULL,
    url             text NOT NULL,
    secret          text,
    subscription    text NOT NULL,
    pattern         text NOT NULL,
    format          text NOT NULL,
    enabled         integer NOT NULL,
    created_at      text NOT NULL,
    after_line      integer NOT NULL,
    failing_since   text,
    resume_at       text,
    dead            integer NOT NULL,
    delivered_at    text,
    last_error      text,
    left_out        integer NOT NULL,
    PRIMARY KEY (organization_id, webhook_id)
);

-- What is to be sent, and what was: the outbox.
CREATE TABLE webhook_message (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id text NOT NULL,
    webhook_id      text NOT NULL,
    message_id      text NOT NULL,
    event           text NOT NULL,
    kind            text NOT NULL,
    subject         text NOT NULL,
    line            integer,
    changes         integer NOT NULL,
    state           text NOT NULL,
    created_at      text NOT NULL,
    due_at          text NOT NULL,
    attempts        integer NOT NULL,
    body            text,
    error           text,
    settled_at      text
);

CREATE UNIQUE INDEX webhook_message_event ON webhook_message (organization_id, webhook_id, event);
CREATE INDEX webhook_message_subject ON webhook_message (organization_id, webhook_id, subject, id);
CREATE INDEX webhook_message_waiting ON webhook_message (organization_id, webhook_id, id) WHERE state = 'waiting';
CREATE INDEX webhook_message_dead ON webhook_message (organization_id, webhook_id, id) WHERE state = 'dead';
CREATE INDEX webhook_message_age ON webhook_message (settled_at);
