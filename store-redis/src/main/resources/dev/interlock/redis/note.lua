-- Notes bits with a mark, and says whether the mark is set.
-- KEYS: 1 a run of marks, 2 its notes.  ARGV: 1 milliseconds to keep them, 2 the mark's place within the run, from 3 on the
-- places of the bits within the notes.
for i = 3, #ARGV do
    redis.call('SETBIT', KEYS[2], ARGV[i], 1)
end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return redis.call('GETBIT', KEYS[1], ARGV[2])
