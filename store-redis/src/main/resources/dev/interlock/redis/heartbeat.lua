-- Says the time, and by which life of its memory: a new one means that everything was forgotten.
-- KEYS: life.  ARGV: a life, if there is none.
local life = redis.call('GET', KEYS[1])
if not life then
    life = ARGV[1]
    redis.call('SET', KEYS[1], life)
end
local time = redis.call('TIME')
return {life, time[1], time[2]}
