-- Gives the place of a trial the name back that it had, since no call was made within that trial's; frees it if that trial
-- has ended.
-- KEYS: record, live, callers.
-- ARGV: 1 round, 2 the present name, 3 the name before, 4 microseconds for which a place is kept
-- Returns 1 if the trial has its place again.
local live = redis.call('HMGET', KEYS[2], 'round', 't:' .. ARGV[2], 'l:' .. ARGV[3])
if live[1] ~= ARGV[1] then
    return 0
end
redis.call('HDEL', KEYS[2], 't:' .. ARGV[2], 'u:' .. ARGV[2])
if live[3] ~= ARGV[2] then
    return 0
end
redis.call('HDEL', KEYS[2], 'l:' .. ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
if not live[2] or tonumber(live[2]) <= now then
    return 0
end
redis.call('HSET', KEYS[2], 't:' .. ARGV[3], string.format('%.0f', now + tonumber(ARGV[4])))
return 1
