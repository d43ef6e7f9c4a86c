-- Sets marks, and says of each whether it was set before; then, if anything is noted in this run, what is noted with each.
-- KEYS: 1 a run of marks, 2 its notes.  ARGV: 1 milliseconds to keep it, from 2 on the places within the run.
local answer = {}
local count = #ARGV - 1
for i = 1, count do
    answer[i] = redis.call('SETBIT', KEYS[1], ARGV[i + 1], 1)
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 1 then
    for i = 1, count do
        -- 51 bits: the most that a number in a script holds exactly is 53
        answer[count + i] = redis.call('BITFIELD', KEYS[2], 'GET', 'u51', string.format('%d', ARGV[i + 1] * 64))[1]
    end
end
return answer
