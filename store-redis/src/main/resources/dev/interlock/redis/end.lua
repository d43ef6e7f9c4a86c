-- Gives a trial's place back, unless a call within it has that; and counts a success of the present round also if its place
-- was lost before.
-- KEYS: record, live, callers.  ARGV: 1 round, 2 the trial's name, 3 '1' if it succeeded, 4 successes that close,
--       5 '1' if another process was given the trial, and is to hear of this, 6 the slot of the caller whose trial failed,
--       or -1.
-- Returns 1 if so many have succeeded.
redis.call('HDEL', KEYS[2], 't:' .. ARGV[2], 'l:' .. ARGV[2], 'u:' .. ARGV[2])
if ARGV[5] == '1' and redis.call('HGET', KEYS[2], 'round') == ARGV[1] then
    redis.call('HSET', KEYS[2], 'e:' .. ARGV[2], '1')
end
if ARGV[6] ~= '-1' then
    redis.call('HSET', KEYS[3], 'failed', ARGV[6])
    redis.call('PEXPIRE', KEYS[3], 86400000)
end
local stored = redis.call('HMGET', KEYS[1], 'round', 'state')
if ARGV[3] ~= '1' or stored[1] ~= ARGV[1] or stored[2] == 'closed' then
    return 0
end
if redis.call('HGET', KEYS[2], 'round') ~= ARGV[1] then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[2], 'round', ARGV[1])
    redis.call('PEXPIRE', KEYS[2], 86400000)
end
if redis.call('HINCRBY', KEYS[2], 'succeeded', 1) >= tonumber(ARGV[4]) then
    return 1
end
return 0
