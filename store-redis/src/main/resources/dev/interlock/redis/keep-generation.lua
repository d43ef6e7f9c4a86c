-- Notes a generation that was given again, so that it is not given twice.  KEYS: generation.  ARGV: the generation.
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], ARGV[1])
end
return 0
