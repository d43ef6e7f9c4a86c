-- Says that a process lives, which changes of gates it obeys, and how those follow each who hear of it through the process.
-- KEYS: 1 the processes, from 2 on for each change who obeys it and what they say of followers.
-- ARGV: 1 the process, 2 milliseconds to keep who obeys, from 3 on what it says of each change's followers, '' for none.
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
for i = 2, #KEYS, 2 do
    local said = ARGV[2 + i / 2]
    if said == '' then
        redis.call('HDEL', KEYS[i + 1], ARGV[1])
    else
        redis.call('HSET', KEYS[i + 1], ARGV[1], said)
        redis.call('PEXPIRE', KEYS[i + 1], ARGV[2])
    end
    redis.call('SADD', KEYS[i], ARGV[1])
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 0
