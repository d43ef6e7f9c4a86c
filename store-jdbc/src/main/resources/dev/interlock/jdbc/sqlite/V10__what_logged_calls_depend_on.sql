-- What a logged call depended on (a list of names, one a line), who made it, and when it asked to be repeated. Processes of
-- an earlier version leave these alone, and earlier rows have none.
ALTER TABLE agent_execution_logs ADD COLUMN depends_on text;
ALTER TABLE agent_execution_logs ADD COLUMN caller text;
ALTER TABLE agent_execution_logs ADD COLUMN retry_after_ms bigint;
