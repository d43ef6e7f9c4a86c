-- Openings that have one cause. Servers of an earlier version write none.
CREATE TABLE incident (
    organization_id text NOT NULL,
    incident_id     text NOT NULL,
    root            text NOT NULL,
    suspected       integer NOT NULL,
    began           text NOT NULL,
    last_opening    text NOT NULL,
    quiet_since     text,
    ended           text,
    merged_into     text,
    PRIMARY KEY (organization_id, incident_id)
);

CREATE INDEX incident_by_time ON incident (organization_id, began, incident_id);
CREATE INDEX incident_live ON incident (organization_id) WHERE ended IS NULL AND merged_into IS NULL;
CREATE INDEX incident_age ON incident (ended);

-- The circuits that opened in an incident.
CREATE TABLE incident_circuit (
    organization_id text NOT NULL,
    incident_id     text NOT NULL,
    agent_id        text NOT NULL,
    epoch           bigint NOT NULL,
    opened_at       text NOT NULL,
    closed_at       text,
    openings        integer NOT NULL,
    kind            text,
    cause           text NOT NULL,
    PRIMARY KEY (organization_id, incident_id, agent_id)
);

-- What one process does for all: who does it, until when, and how far it has come.
CREATE TABLE duty (
    name     text   PRIMARY KEY,
    holder   bigint NOT NULL,
    until    text   NOT NULL,
    progress bigint NOT NULL
);
