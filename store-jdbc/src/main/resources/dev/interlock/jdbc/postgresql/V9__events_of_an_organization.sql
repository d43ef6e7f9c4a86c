-- What happened to all circuits of an organization, the newest first.
CREATE INDEX circuit_transition_of_organization ON circuit_transition (organization_id, id);
