-- One row a circuit: its newest state. Times are text in UTC with microseconds, which sorts as it should.
CREATE TABLE circuit_breaker_state (
    organization_id      text        NOT NULL,
    agent_id             text        NOT NULL,
    state                text        NOT NULL CHECK (state IN ('closed', 'open', 'half_open')),
    epoch                bigint      NOT NULL,
    failure_count        integer     NOT NULL,
    success_count        integer     NOT NULL,
    consecutive_failures integer     NOT NULL,
    openings             integer     NOT NULL,
    failed_trials        integer     NOT NULL,
    last_failure_at      text,
    last_state_change_at text        NOT NULL,
    opened_at            text,
    cooldown_until       text,
    hold                 text        CHECK (hold IN ('open', 'closed')),
    hold_until           text,
    reason               text,
    actor                text,
    policy               text        NOT NULL,
    writer               bigint      NOT NULL,
    PRIMARY KEY (organization_id, agent_id)
);

-- What a server reads when it starts.
CREATE INDEX circuit_needs_attention ON circuit_breaker_state (organization_id, agent_id)
    WHERE state <> 'closed' OR hold IS NOT NULL;

-- What is forgotten once it is old.
CREATE INDEX circuit_long_closed ON circuit_breaker_state (last_state_change_at)
    WHERE state = 'closed' AND hold IS NULL;

-- The audit trail: only ever appended to, and shortened by age.
CREATE TABLE circuit_transition (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id      text        NOT NULL,
    agent_id             text        NOT NULL,
    epoch                bigint      NOT NULL,
    from_state           text        NOT NULL,
    to_state             text        NOT NULL,
    at                   text        NOT NULL,
    cause                text        NOT NULL,
    action               text,
    repeated             integer     NOT NULL,
    kind                 text,
    cooldown_ms          bigint,
    calls                integer     NOT NULL,
    failures             integer     NOT NULL,
    consecutive_failures integer     NOT NULL,
    held                 integer     NOT NULL,
    hold_until           text,
    actor                text,
    reason               text,
    skipped              integer     NOT NULL
);

CREATE INDEX circuit_transition_of_agent ON circuit_transition (organization_id, agent_id, id);
CREATE INDEX circuit_transition_age ON circuit_transition (at);

-- Settings of circuits by name pattern, as JSON.
CREATE TABLE policy (
    organization_id text   NOT NULL,
    pattern         text   NOT NULL,
    settings        text   NOT NULL,
    version         bigint NOT NULL,
    PRIMARY KEY (organization_id, pattern)
);

-- API keys: never the key, only its hash.
CREATE TABLE api_key (
    id              text        PRIMARY KEY,
    organization_id text        NOT NULL,
    name            text        NOT NULL,
    role            text        NOT NULL,
    agents          text,
    hash            blob        NOT NULL,
    installation    integer     NOT NULL,
    created_at      text        NOT NULL,
    created_by      text
);

CREATE INDEX api_key_of_organization ON api_key (organization_id);

-- What all servers of an installation share: the generation (a number), the key that signs permits (a value).
CREATE TABLE setting (
    name   text PRIMARY KEY,
    number bigint,
    value  blob 
);
