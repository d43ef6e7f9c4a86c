-- Writes a circuit's record unless another one is in the way; the rule is CircuitChange.mayFollow.
-- KEYS: record, live.  ARGV: basis, epoch, state, milliseconds to keep (0 = for ever), channel, message, field, value …
-- Epochs are texts of one length, since numbers here hold 53 bits only. Returns the record in the way, or nothing.
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'held', 'round', 'writer', 'changed')
local basis, epoch, state = ARGV[1], ARGV[2], ARGV[3]
if stored[1] then
    local follows = stored[1] == basis and epoch >= stored[1]
    local reopens = basis == '-1' and stored[2] == 'closed' and stored[3] == '0' and epoch > stored[1]
    -- Its answer was lost, so it is written once more: then WAIT speaks of it.
    local ours = {}
    for i = 7, #ARGV, 2 do
        ours[ARGV[i]] = ARGV[i + 1]
    end
    local again = stored[1] == epoch and stored[2] == state and stored[5] == ours.writer and stored[6] == ours.changed
    if not (follows or reopens or again) then
        return redis.call('HGETALL', KEYS[1])
    end
end
local round = epoch
if stored[1] and (state == 'half_open' or stored[1] == epoch) then
    round = stored[4]
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'round', round, unpack(ARGV, 7))
if round == epoch and stored[1] ~= epoch then
    redis.call('DEL', KEYS[2])
end
if ARGV[4] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return {}
