-- Notes a circuit that is not closed and clean in its organization's index.  KEYS: index.  ARGV: name, epoch.
local noted = redis.call('HGET', KEYS[1], ARGV[1])
if not noted or noted < ARGV[2] then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 0
