-- Says who probes a circuit for one purpose.  KEYS: the lease.  ARGV: process, milliseconds to keep it, 1 if it is ready.
-- Returns 'given', 'elsewhere' or 'ready'. A process' name is never 'ready'.
local holder = redis.call('GET', KEYS[1])
if holder == 'ready' then
    return 'ready'
end
if holder and holder ~= ARGV[1] then
    return 'elsewhere'
end
if ARGV[3] == '1' then
    redis.call('SET', KEYS[1], 'ready', 'PX', ARGV[2])
else
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 'given'
