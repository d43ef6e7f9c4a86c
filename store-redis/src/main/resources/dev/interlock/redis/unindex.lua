-- Takes a circuit that is closed and clean out of its organization's index, unless a later epoch is there.
-- KEYS: index.  ARGV: name, epoch.
local noted = redis.call('HGET', KEYS[1], ARGV[1])
if noted and noted <= ARGV[2] then
    redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
