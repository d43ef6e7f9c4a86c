-- Forgets a gate that is over, unless it was written again meanwhile.
-- KEYS: gates.  ARGV: field, message. Returns how many were forgotten.
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
    return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
