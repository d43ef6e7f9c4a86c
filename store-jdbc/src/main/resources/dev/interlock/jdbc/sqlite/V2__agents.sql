-- Who there is. What it depends on is a list of names, one a line.
CREATE TABLE agent_registry (
    organization_id text NOT NULL,
    agent_id        text NOT NULL,
    display_name    text,
    metadata        text NOT NULL,
    first_seen      text NOT NULL,
    last_seen       text NOT NULL,
    depends_on      text NOT NULL,
    PRIMARY KEY (organization_id, agent_id)
);

CREATE INDEX agent_registry_age ON agent_registry (last_seen);

-- The agent log: only ever appended to, and shortened by age.
CREATE TABLE agent_execution_logs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id text    NOT NULL,
    entry_id        text,
    execution_id    text,
    agent_id        text    NOT NULL,
    action_type     text    NOT NULL,
    action_name     text,
    input_summary   text,
    output_summary  text,
    status          text    NOT NULL,
    error_message   text,
    error_kind      text,
    latency_ms      bigint,
    token_count     bigint,
    cost_usd        double precision,
    metadata        text    NOT NULL,
    timestamp       text NOT NULL,
    started_at      text NOT NULL,
    received_at     text NOT NULL,
    guarded         integer NOT NULL
);

-- An entry counts once.
CREATE UNIQUE INDEX agent_log_entry ON agent_execution_logs (organization_id, entry_id)
    WHERE entry_id IS NOT NULL;
CREATE INDEX agent_log_of_agent ON agent_execution_logs (organization_id, agent_id, id);
CREATE INDEX agent_log_of_status ON agent_execution_logs (organization_id, agent_id, status, id);
CREATE INDEX agent_log_of_type ON agent_execution_logs (organization_id, agent_id, action_type, id);
CREATE INDEX agent_log_of_execution ON agent_execution_logs (organization_id, execution_id, id)
    WHERE execution_id IS NOT NULL;
CREATE INDEX agent_log_age ON agent_execution_logs (received_at);

-- How agents were: a row for each transition, and at most one a minute besides.
CREATE TABLE agent_health_realtime (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id      text    NOT NULL,
    agent_id             text    NOT NULL,
    at                   text NOT NULL,
    status               text    NOT NULL,
    score                integer NOT NULL,
    transition           text,
    issues               text    NOT NULL,
    calls                bigint  NOT NULL,
    failures             bigint  NOT NULL,
    p95_ms               bigint,
    hour_calls           bigint  NOT NULL,
    hour_failures        bigint  NOT NULL,
    consecutive_failures integer NOT NULL
);

CREATE INDEX agent_health_of_agent ON agent_health_realtime (organization_id, agent_id, at);
CREATE INDEX agent_health_age ON agent_health_realtime (at);
