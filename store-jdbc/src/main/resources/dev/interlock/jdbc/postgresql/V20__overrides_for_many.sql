-- Overrides of many circuits at once: what each circuit was, and what it became, so that it can be undone. Servers of an
-- earlier version write none.
CREATE TABLE bulk_override (
    organization_id text        NOT NULL,
    bulk_id         text        NOT NULL,
    at              timestamptz NOT NULL,
    actor           text        NOT NULL,
    action          text        NOT NULL,
    selection       text        NOT NULL,
    reason          text,
    circuits        integer     NOT NULL,
    undoes          text,
    changes         text        NOT NULL,
    PRIMARY KEY (organization_id, bulk_id)
);

CREATE INDEX bulk_override_of_organization ON bulk_override (organization_id, at, bulk_id);
CREATE INDEX bulk_override_age ON bulk_override (at);
