-- One row a circuit that is probed: whether its probes are trusted, and when the last real trial was let in.
CREATE TABLE probe_trust (
    organization_id text        NOT NULL,
    agent_id        text        NOT NULL,
    trusted         boolean     NOT NULL,
    tried           boolean     NOT NULL,
    real_trial_at   text       ,
    changed_at      text        NOT NULL,
    PRIMARY KEY (organization_id, agent_id)
);

CREATE INDEX probe_trust_changed ON probe_trust (changed_at);
