-- Who created, changed and removed keys and policies, and from what to what, without secrets: only ever appended to, and
-- shortened by age and by number. Servers of an earlier version write none.
CREATE TABLE administration_change (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id text NOT NULL,
    at              text NOT NULL,
    actor           text NOT NULL,
    action          text NOT NULL,
    subject         text NOT NULL,
    name            text NOT NULL,
    before          text,
    after           text
);

CREATE INDEX administration_change_of_organization ON administration_change (organization_id, id);
CREATE INDEX administration_change_age ON administration_change (at);
