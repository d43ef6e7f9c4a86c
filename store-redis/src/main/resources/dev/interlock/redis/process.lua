-- Says that a process lives, and which changes of gates it obeys.
-- KEYS: 1 the processes, from 2 on who obeys each change.  ARGV: 1 the process, 2 milliseconds to keep who obeys.
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
for i = 2, #KEYS do
    redis.call('SADD', KEYS[i], ARGV[1])
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 0
