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
    enabled         boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    after_line      bigint NOT NULL,
    failing_since   timestamptz,
    resume_at       timestamptz,
    dead            boolean NOT NULL,
    delivered_at    timestamptz,
    last_error      text,
    left_out        bigint NOT NULL,
    PRIMARY KEY (organization_id, webhook_id)
);

-- What is to be sent, and what was: the outbox.
CREATE TABLE webhook_message (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id text NOT NULL,
    webhook_id      text NOT NULL,
    message_id      text NOT NULL,
    event           text NOT NULL,
    kind            text NOT NULL,
    subject         text NOT NULL,
    line            bigint,
    changes         integer NOT NULL,
    state           text NOT NULL,
    created_at      timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    attempts        integer NOT NULL,
    body            text,
    error           text,
    settled_at      timestamptz
);

CREATE UNIQUE INDEX webhook_message_event ON webhook_message (organization_id, webhook_id, event);
CREATE INDEX webhook_message_subject ON webhook_message (organization_id, webhook_id, subject, id);
CREATE INDEX webhook_message_waiting ON webhook_message (organization_id, webhook_id, id) WHERE state = 'waiting';
CREATE INDEX webhook_message_dead ON webhook_message (organization_id, webhook_id, id) WHERE state = 'dead';
CREATE INDEX webhook_message_age ON webhook_message (settled_at);
