-- One row a gate: its newest version. What was removed stays, so that nobody brings it back.
CREATE TABLE gate (
    organization_id text        NOT NULL,
    gate_id         text        NOT NULL,
    version         bigint      NOT NULL,
    stamp           text        NOT NULL,
    covers          text        NOT NULL,
    pattern         text,
    author          text        NOT NULL,
    reason          text,
    since           text        NOT NULL,
    ends_at         text       ,
    removed_at      text       ,
    removed_by      text,
    removed_reason  text,
    PRIMARY KEY (organization_id, gate_id)
);

-- What a server reads when it starts.
CREATE INDEX gate_standing ON gate (organization_id, gate_id) WHERE removed_at IS NULL;

-- Who put and removed gates, and why: only ever appended to, and shortened by age.
CREATE TABLE gate_change (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id text        NOT NULL,
    gate_id         text        NOT NULL,
    version         bigint      NOT NULL,
    at              text        NOT NULL,
    action          text        NOT NULL,
    covers          text        NOT NULL,
    pattern         text,
    ends_at         text       ,
    actor           text        NOT NULL,
    reason          text
);

CREATE INDEX gate_change_of_organization ON gate_change (organization_id, id);
CREATE INDEX gate_change_age ON gate_change (at);
