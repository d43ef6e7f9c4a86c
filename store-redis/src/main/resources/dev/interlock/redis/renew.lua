-- Keeps a trial's place.  KEYS: record, live.  ARGV: 1 round, 2 the trial's name, 3 microseconds to keep it.
-- Returns 'kept', also while a call within the trial's has the place; 'wanted' if another process asked for a place since a
-- moment ago; 'ended' if another one ended the trial, or the call that took its place over; or 'lost'.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local live = redis.call('HMGET', KEYS[2], 'round', 't:' .. ARGV[2], 'wanted', 'e:' .. ARGV[2])
if live[1] == ARGV[1] and live[4] then
    return 'ended'
end
if live[1] == ARGV[1] and not live[2] then
    -- lent to a call within this one, which may have lent it to one within itself
    local name = ARGV[2]
    local lent = redis.call('HGET', KEYS[2], 'l:' .. name)
    while lent do
        name = lent
        lent = redis.call('HGET', KEYS[2], 'l:' .. name)
    end
    if name ~= ARGV[2] then
        local kept = redis.call('HGET', KEYS[2], 't:' .. name)
        return kept and tonumber(kept) > now and 'kept' or 'ended'
    end
end
if live[1] ~= ARGV[1] or not live[2] or tonumber(live[2]) <= now then
    return 'lost'
end
redis.call('HSET', KEYS[2], 't:' .. ARGV[2], string.format('%.0f', now + tonumber(ARGV[3])))
if live[3] and tonumber(live[3]) <= now and now - tonumber(live[3]) < 1500000 then
    return 'wanted'
end
return 'kept'
