-- Which processes use this database, by its own clock. Those of an earlier version write none.
CREATE TABLE gate_process (
    process text PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- Which changes of gates each obeys, for an hour, and how those follow who hear of gates through it.
CREATE TABLE gate_obeyed (
    gate_change text NOT NULL,
    process     text NOT NULL,
    confirmed   integer NOT NULL,
    missing     integer NOT NULL,
    details     text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (gate_change, process)
);

CREATE INDEX gate_obeyed_age ON gate_obeyed (at);
