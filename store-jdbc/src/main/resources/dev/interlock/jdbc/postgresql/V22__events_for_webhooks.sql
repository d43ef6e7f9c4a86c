-- What webhooks may hear besides incidents and circuits: each thing that happened once, by a name of its own, until the
-- process that sends has made messages of it. Servers of an earlier version write and take none.
CREATE TABLE webhook_event (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id text NOT NULL,
    event           text NOT NULL,
    topic           text NOT NULL,
    kind            text NOT NULL,
    subject         text NOT NULL,
    agent_id        text,
    at              timestamptz NOT NULL,
    detail          text NOT NULL,
    taken           integer NOT NULL
);

CREATE UNIQUE INDEX webhook_event_name ON webhook_event (organization_id, event);
CREATE INDEX webhook_event_subject ON webhook_event (organization_id, topic, subject, id);
CREATE INDEX webhook_event_new ON webhook_event (id) WHERE taken = 0;
CREATE INDEX webhook_event_age ON webhook_event (at);

-- What a message is about that sums events up.
ALTER TABLE webhook_message ADD COLUMN detail text;
