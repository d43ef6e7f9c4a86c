-- Gives a place for one trial of a circuit that is half-open, or open and at the end of its cooldown.
-- KEYS: record, live.
-- ARGV: 1 the trial's name, 2 most in a round, 3 most at once, 4 successes that close, 5 microseconds for which a place
--       is kept, 6 microseconds before the end of a cooldown from which a place is given
-- Returns: 'given', 'full' or 'enough', and the round; 'cooling' and the microseconds left; 'not-tried'; or 'missing'.
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'held', 'round', 'cooldown_until')
if not stored[1] then
    return {'missing'}
end
if stored[2] == 'closed' or stored[3] == '1' then
    return {'not-tried'}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local left = tonumber(stored[5] or '0') - now
if stored[2] == 'open' and left > tonumber(ARGV[6]) then
    return {'cooling', string.format('%.0f', left)}
end

if redis.call('HGET', KEYS[2], 'round') ~= stored[4] then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[2], 'round', stored[4])
end
local live = redis.call('HGETALL', KEYS[2])
local succeeded, out = 0, 0
for i = 1, #live, 2 do
    if live[i] == 'succeeded' then
        succeeded = tonumber(live[i + 1])
    elseif string.sub(live[i], 1, 2) == 't:' then
        if tonumber(live[i + 1]) <= now then
            redis.call('HDEL', KEYS[2], live[i])
        else
            out = out + 1
        end
    end
end
redis.call('PEXPIRE', KEYS[2], 86400000)
if succeeded >= tonumber(ARGV[4]) then
    return {'enough', stored[4]}
end
if out >= tonumber(ARGV[3]) or out + succeeded >= tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[2], 'wanted', string.format('%.0f', now))
    return {'full', stored[4]}
end
redis.call('HSET', KEYS[2], 't:' .. ARGV[1], string.format('%.0f', now + tonumber(ARGV[5])))
return {'given', stored[4]}
