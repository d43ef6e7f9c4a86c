-- Adds what one process has counted to what all have counted, and judges the sum. By this clock alone.
-- KEYS: record, live.
-- ARGV: 1 basis, 2 calls, 3 failures, 4 timed, 5 slow, 6 failures since the last success, 7 failures in a row that open
--       (0 = no such rule), 8 failure rate, 9 slow-call rate, 10 least calls for a rate, 11 window in microseconds
--       (0 = the last calls), 12 the last so many calls
-- Returns: judgement, calls, failures, timed, slow, failures in a row, microseconds to wait;
--          or 'record' if another stay is stored, or 'missing'.
local QUIET = 200000        -- a streak opens only if no process had a success for so long
local SLOTS = 12            -- buckets of a window
local KEPT = 86400000       -- milliseconds for which an idle circuit's figures are kept

local stored = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'held')
if stored[1] then
    if stored[1] ~= ARGV[1] or stored[2] ~= 'closed' or stored[3] ~= '0' then
        return {'record'}
    end
elseif ARGV[1] ~= '-1' then
    return {'missing'}
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local live = {}
local flat = redis.call('HGETALL', KEYS[2])
for i = 1, #flat, 2 do
    live[flat[i]] = flat[i + 1]
end

local delta = {tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])}
local window, last = tonumber(ARGV[11]), tonumber(ARGV[12])
local successes = delta[1] - delta[2]
local streak, good = tonumber(live.streak or '0'), tonumber(live.good or '0')
if successes > 0 then
    streak, good = tonumber(ARGV[6]), now
else
    streak = streak + delta[2]
end

-- Buckets are named by a number that rises: of a time window by the clock, of a window of calls one by one.
local buckets, newest = {}, 0
for field, value in pairs(live) do
    local number = string.match(field, '^b(%d+)$')
    if number then
        local c, f, t, s = string.match(value, '(%d+) (%d+) (%d+) (%d+)')
        buckets[tonumber(number)] = {tonumber(c), tonumber(f), tonumber(t), tonumber(s)}
        newest = math.max(newest, tonumber(number))
    end
end
local present
if window > 0 then
    present = math.floor(now / (window * (1 / 11 + 0.0004)))
else
    present = math.max(newest, 1)
    local filling = buckets[present]
    if filling and filling[1] >= math.ceil(last / SLOTS) then
        present = present + 1
    end
end
local bucket = buckets[present] or {0, 0, 0, 0}
buckets[present] = bucket
for i = 1, 4 do
    bucket[i] = bucket[i] + delta[i]
end

local sum, dropped = {0, 0, 0, 0}, {}
local numbers = {}
for number in pairs(buckets) do
    table.insert(numbers, number)
end
table.sort(numbers, function(one, other) return one > other end)
for _, number in ipairs(numbers) do
    local counts = number > present - SLOTS
    if window == 0 then
        counts = math.max(sum[1], sum[3]) < last
    end
    if counts then
        for i = 1, 4 do
            sum[i] = sum[i] + buckets[number][i]
        end
    else
        table.insert(dropped, 'b' .. string.format('%.0f', number))
    end
end

if #dropped > 0 then
    redis.call('HDEL', KEYS[2], unpack(dropped))
end
redis.call('HSET', KEYS[2], 'streak', string.format('%.0f', streak), 'good', string.format('%.0f', good),
    'b' .. string.format('%.0f', present), string.format('%.0f %.0f %.0f %.0f', unpack(bucket)))
redis.call('PEXPIRE', KEYS[2], KEPT)

local judgement, wait = 'stays', 0
local nothing = delta[1] == 0 and delta[3] == 0
if delta[2] > 0 or delta[4] > 0 or nothing then
    local least = tonumber(ARGV[10])
    local threshold = tonumber(ARGV[7])
    if threshold > 0 and streak >= threshold then
        if now - good >= QUIET then
            judgement = 'streak'
        else
            judgement, wait = 'later', QUIET - (now - good)
        end
    end
    if judgement ~= 'streak' then
        if sum[1] >= least and sum[1] > 0 and sum[2] / sum[1] >= tonumber(ARGV[8]) then
            judgement = 'rate'
        elseif sum[3] >= least and sum[3] > 0 and sum[4] / sum[3] >= tonumber(ARGV[9]) then
            judgement = 'slow'
        end
    end
end
return {judgement, string.format('%.0f', sum[1]), string.format('%.0f', sum[2]), string.format('%.0f', sum[3]),
    string.format('%.0f', sum[4]), string.format('%.0f', streak), string.format('%.0f', wait)}
