-- Writes a gate unless one of the same or a higher version is there; the rule is GateStore.write.
-- KEYS: gates.  ARGV: field, version, message, channel. A message begins with its version and a line feed.
-- Returns the message in the way, or nothing.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored and tonumber(string.match(stored, '^(%d+)\n')) >= tonumber(ARGV[2]) then
    return stored
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[3])
return false
