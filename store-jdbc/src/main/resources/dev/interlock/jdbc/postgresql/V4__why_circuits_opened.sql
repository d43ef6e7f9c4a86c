-- Why a circuit opened. Processes of an earlier version leave these alone, so they say which epoch they belong to.
ALTER TABLE circuit_breaker_state ADD COLUMN opening_epoch bigint;
ALTER TABLE circuit_breaker_state ADD COLUMN opening_cause text;
ALTER TABLE circuit_breaker_state ADD COLUMN opening_kind text;
ALTER TABLE circuit_breaker_state ADD COLUMN opening_actor text;
ALTER TABLE circuit_breaker_state ADD COLUMN opening_reason text;
