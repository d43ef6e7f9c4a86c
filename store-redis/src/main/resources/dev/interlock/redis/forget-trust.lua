-- Forgets what has not changed for long, a thousand circuits at most.  KEYS: trust, changed.  ARGV: microseconds.
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1000)
for _, field in ipairs(old) do
    redis.call('HDEL', KEYS[1], field)
    redis.call('ZREM', KEYS[2], field)
end
return #old
