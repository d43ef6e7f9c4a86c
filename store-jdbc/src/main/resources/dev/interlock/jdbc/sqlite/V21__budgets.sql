-- How much agents and upstreams may use in a time. Servers of an earlier version know none, and stop nothing.
CREATE TABLE budget (
    organization_id text NOT NULL,
    budget_id       text NOT NULL,
    pattern         text NOT NULL,
    together        integer NOT NULL,
    per             text NOT NULL,
    zone            text,
    tokens          bigint,
    cost_usd        double precision,
    calls           bigint,
    counts_cached   integer NOT NULL,
    warn_at         double precision NOT NULL,
    stops           integer NOT NULL,
    PRIMARY KEY (organization_id, budget_id)
);

-- What was used of budgets, by all servers together: a row a name and slice of the period. Starts are seconds since 1970;
-- costs are billionths of a dollar, so that sums are exact.
CREATE TABLE budget_usage (
    organization_id text NOT NULL,
    budget_id       text NOT NULL,
    subject         text NOT NULL,
    starts_at       bigint NOT NULL,
    calls           bigint NOT NULL,
    tokens          bigint NOT NULL,
    cached_tokens   bigint NOT NULL,
    cost_nanos      bigint NOT NULL,
    unpriced_tokens bigint NOT NULL,
    mark            integer NOT NULL,
    PRIMARY KEY (organization_id, budget_id, subject, starts_at)
);

CREATE INDEX budget_usage_age ON budget_usage (starts_at);

-- By how much people raised budgets, for what was left of a period. Times are seconds since 1970.
CREATE TABLE budget_raise (
    id              integer PRIMARY KEY AUTOINCREMENT,
    organization_id text NOT NULL,
    budget_id       text NOT NULL,
    subject         text,
    tokens          bigint,
    cost_usd        double precision,
    calls           bigint,
    ends_at         bigint NOT NULL,
    actor           text NOT NULL,
    reason          text NOT NULL,
    at              bigint NOT NULL
);

CREATE INDEX budget_raise_end ON budget_raise (ends_at);

-- What tokens of models cost, in US dollars a million.
CREATE TABLE model_price (
    organization_id text NOT NULL,
    model           text NOT NULL,
    input           double precision NOT NULL,
    output          double precision NOT NULL,
    cache_read      double precision,
    PRIMARY KEY (organization_id, model)
);
