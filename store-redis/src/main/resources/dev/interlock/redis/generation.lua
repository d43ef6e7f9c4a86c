-- Raises the generation above what is known here and above a least one.  KEYS: generation.  ARGV: least.
local next = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
if next < tonumber(ARGV[1]) then
    next = tonumber(ARGV[1])
end
redis.call('SET', KEYS[1], string.format('%.0f', next))
return next
