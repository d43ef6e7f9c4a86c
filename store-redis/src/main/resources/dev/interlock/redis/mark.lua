-- Sets marks, and says of each whether it was set before.
-- KEYS: a run of marks.  ARGV: 1 milliseconds to keep it, from 2 on the places within the run.
local before = {}
for i = 2, #ARGV do
    before[i - 1] = redis.call('SETBIT', KEYS[1], ARGV[i], 1)
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return before
