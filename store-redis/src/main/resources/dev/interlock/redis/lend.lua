-- Gives the place of a trial another name, for a call within the trial's call.
-- KEYS: record, live, callers.
-- ARGV: 1 round, 2 the trial's name, 3 the other name, 4 microseconds for which a place is kept, 5 microseconds of the
--       place's lease that are left by the clock of who asks
-- Returns: 'given' and the microseconds of the lease that are left; 'lent' if another call within it has the place, or had
--          it; or 'lost'.
local stored = redis.call('HMGET', KEYS[1], 'round', 'state', 'held')
local live = redis.call('HMGET', KEYS[2], 'round', 't:' .. ARGV[2], 'l:' .. ARGV[2], 'u:' .. ARGV[2])
if live[1] ~= ARGV[1] or stored[1] ~= ARGV[1] or stored[2] == 'closed' or stored[3] == '1' then
    return {'lost'}
end
if live[3] then
    return {'lent'}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
if not live[2] or tonumber(live[2]) <= now then
    return {'lost'}
end
local left = tonumber(ARGV[5])
if live[4] then
    left = math.min(left, tonumber(live[4]) - now)
end
if left <= 0 then
    return {'lost'}
end
redis.call('HDEL', KEYS[2], 't:' .. ARGV[2])
redis.call(
    'HSET', KEYS[2],
    't:' .. ARGV[3], string.format('%.0f', now + tonumber(ARGV[4])),
    'u:' .. ARGV[3], string.format('%.0f', now + left),
    'l:' .. ARGV[2], ARGV[3])
return {'given', string.format('%.0f', left)}
