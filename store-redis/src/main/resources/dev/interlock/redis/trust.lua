-- Writes what is known of a circuit's probes unless something newer is there; the rule is ProbeStore.write.
-- KEYS: trust, changed.  ARGV: field, microseconds of the change, message.  Returns whether it was written.
local stored = redis.call('ZSCORE', KEYS[2], ARGV[1])
if stored and tonumber(stored) > tonumber(ARGV[2]) then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
