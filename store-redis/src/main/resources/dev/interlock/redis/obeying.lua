-- Who lives, and who of them obeys a change of a gate; forgets who has not said for a while that it lives.
-- KEYS: 1 the processes, 2 who obeys the change, 3 what they say of followers.
-- ARGV: 1 milliseconds after which a process that says nothing counts no more.
-- Returns each process, behind it '1' if it obeys, else '0', and what it says of followers, '' if it has none.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local answer = {}
for i = 1, #all, 2 do
    local age = now - tonumber(all[i + 1])
    if age > tonumber(ARGV[1]) or age < -tonumber(ARGV[1]) then
        redis.call('HDEL', KEYS[1], all[i])
    else
        answer[#answer + 1] = all[i]
        answer[#answer + 1] = tostring(redis.call('SISMEMBER', KEYS[2], all[i]))
        answer[#answer + 1] = redis.call('HGET', KEYS[3], all[i]) or ''
    end
end
return answer
