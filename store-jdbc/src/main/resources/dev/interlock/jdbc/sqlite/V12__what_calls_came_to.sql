-- What agents' calls came to: a row of five minutes, one by one, or of an hour, of each process that counted. Starts are
-- minutes since 1970, and come first: rows are written and forgotten in the order of time.
CREATE TABLE agent_series (
    minutes         integer NOT NULL,
    starts_at       bigint  NOT NULL,
    organization_id text    NOT NULL,
    agent_id        text    NOT NULL,
    writer          bigint  NOT NULL,
    figures         blob    NOT NULL,
    PRIMARY KEY (minutes, starts_at, organization_id, agent_id, writer)
) WITHOUT ROWID;
