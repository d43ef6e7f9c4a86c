-- Adds what one process has counted to what all have counted, and judges the sum. By this clock alone.
-- KEYS: record, live, callers.
-- ARGV: 1 basis, 2 calls, 3 failures, 4 timed, 5 slow, 6 failures since the last success, 7 failures in a row that open
--       (0 = no such rule), 8 failure rate, 9 slow-call rate, 10 least calls for a rate, 11 window in microseconds
--       (0 = the last calls), 12 the last so many calls, 13 the process, 14 to 16 callers that asked, fail and were answered
--       as 16 hexadecimal digits each, 17 microseconds of the longest wait that is left
-- Returns: judgement, calls, failures, timed, slow, failures in a row, microseconds to wait, callers (three), microseconds
--          of the longest wait; or 'record' if another epoch is stored, or 'missing'.
--
-- What is kept is versioned by its fields, so that processes of two versions count together: fields are added and values
-- grow at their end, what is not known is left alone.
--   version 1: streak, good, b<number> = calls failures timed slow
--   version 2: b<number> of a window of calls ends with the time at which it began; p:<process> = its last bucket and time;
--              wait = until when; the key callers: k<number> = who asked, fails, was answered in that fifth of the window
local QUIET = 200000        -- a streak opens only if no process had a success for so long
local HEARD = 200000        -- a process that reported so lately must be in the sum of a window of calls
local ROUND = 100000        -- a bucket of a window of calls lasts at least so long, one round of reports
local SLOTS = 12            -- buckets of a window
local KEPT = 86400000       -- milliseconds for which an idle circuit's figures are kept
local CALLERS = 600000000   -- how long a caller counts where the last calls do
local NOBODY = '0000000000000000'

local stored = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'held')
if stored[1] then
    if stored[1] ~= ARGV[1] or stored[2] ~= 'closed' or stored[3] ~= '0' then
        return {'record'}
    end
elseif ARGV[1] ~= '-1' then
    return {'missing'}
end

local function whole(number)
    return string.format('%.0f', number)
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local live = {}
local flat = redis.call('HGETALL', KEYS[2])
for i = 1, #flat, 2 do
    live[flat[i]] = flat[i + 1]
end
local set, dropped = {}, {}

local delta = {tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])}
local window, last = tonumber(ARGV[11]), tonumber(ARGV[12])
local streak, good = tonumber(live.streak or '0'), tonumber(live.good or '0')
local wait = tonumber(live.wait or '0')
if delta[1] > delta[2] then
    streak, good, wait = tonumber(ARGV[6]), now, 0
else
    streak = streak + delta[2]
end
if good > now then
    good = 0 -- the clock has gone back: that was long ago
end
if tonumber(ARGV[17]) > 0 then
    wait = math.max(wait, now + tonumber(ARGV[17]))
end
if wait > now or live.wait then
    set.wait = whole(wait)
end

-- Buckets are named by a number that rises: of a time window by the clock, of a window of calls one by one.
local buckets, newest, processes = {}, 0, {}
for field, value in pairs(live) do
    local number = string.match(field, '^b(%d+)$')
    local process = string.match(field, '^p:(.+)$')
    if number then
        local c, f, t, s, began = string.match(value, '^(%d+) (%d+) (%d+) (%d+) ?(%d*)')
        buckets[tonumber(number)] = {tonumber(c), tonumber(f), tonumber(t), tonumber(s), tonumber(began) or 0}
        newest = math.max(newest, tonumber(number))
    elseif process then
        local at, heard = string.match(value, '^(%d+) (%d+)')
        heard = tonumber(heard)
        if heard <= now and now - heard < HEARD then
            processes[process] = tonumber(at)
        else
            table.insert(dropped, field)
        end
    end
end

-- All that is reported within one round falls into one bucket: else the newest calls would be those of one process that
-- reports more often than the others.
local present
if window > 0 then
    present = math.floor(now / (window * (1 / 11 + 0.0004)))
    if newest > present and newest <= present + SLOTS * 1000 then
        -- The clock has gone back a little: what was counted since is not to count for as long as that once more.
        local merged = buckets[present] or {0, 0, 0, 0, 0}
        for number, bucket in pairs(buckets) do
            if number > present then
                for i = 1, 4 do
                    merged[i] = merged[i] + bucket[i]
                end
                buckets[number] = nil
                table.insert(dropped, 'b' .. whole(number))
            end
        end
        buckets[present] = merged
    end
else
    present = math.max(newest, 1)
    local filling = buckets[present]
    if filling and filling[1] >= math.ceil(last / SLOTS)
            and (filling[5] > now or now - filling[5] >= ROUND) then
        present = present + 1
    end
end
local bucket = buckets[present] or {0, 0, 0, 0, now}
buckets[present] = bucket
for i = 1, 4 do
    bucket[i] = bucket[i] + delta[i]
end

-- A window of calls is judged by the newest buckets that hold so many, and by no fewer than those that hold the last report
-- of each process that reports: a rate of more calls says what the last ones would have said, were they in order.
local oldest = present
if window == 0 then
    if delta[1] > 0 or delta[3] > 0 then
        processes[ARGV[13]] = present
        set['p:' .. ARGV[13]] = whole(present) .. ' ' .. whole(now)
    end
    for _, at in pairs(processes) do
        oldest = math.min(oldest, at)
    end
end
local sum, numbers = {0, 0, 0, 0}, {}
for number in pairs(buckets) do
    table.insert(numbers, number)
end
table.sort(numbers, function(one, other) return one > other end)
for _, number in ipairs(numbers) do
    local counts = number > present - SLOTS and number <= present
    if window == 0 then
        counts = number >= oldest or math.max(sum[1], sum[3]) < last
    end
    if counts then
        for i = 1, 4 do
            sum[i] = sum[i] + buckets[number][i]
        end
    else
        table.insert(dropped, 'b' .. whole(number))
    end
end

set.streak = whole(streak)
set.good = whole(good)
set['b' .. whole(present)] = string.format('%.0f %.0f %.0f %.0f', bucket[1], bucket[2], bucket[3], bucket[4])
    .. (window == 0 and ' ' .. whole(bucket[5]) or '')
if #dropped > 0 then
    redis.call('HDEL', KEYS[2], unpack(dropped))
end
local fields = {}
for field, value in pairs(set) do
    table.insert(fields, field)
    table.insert(fields, value)
end
redis.call('HSET', KEYS[2], unpack(fields))
redis.call('PEXPIRE', KEYS[2], KEPT)

-- Callers outlive epochs, so they have a key of their own. Who asked counts for a window and up to a fifth longer.
local function halves(word)
    return {tonumber(string.sub(word, 1, 8), 16), tonumber(string.sub(word, 9, 16), 16)}
end
local function each(one, other, operation)
    return {operation(one[1], other[1]), operation(one[2], other[2])}
end
local function without(one, other)
    return bit.band(one, bit.bnot(other))
end
local function text(word)
    return bit.tohex(word[1]) .. bit.tohex(word[2])
end
local callers = {halves(NOBODY), halves(NOBODY), halves(NOBODY)}
local reported = ARGV[14] ~= NOBODY or ARGV[15] ~= NOBODY or ARGV[16] ~= NOBODY
if reported or redis.call('EXISTS', KEYS[3]) == 1 then
    local part = (window > 0 and window or CALLERS) / 5
    local number = math.floor(now / part)
    local parts, gone = {}, {}
    local kept = redis.call('HGETALL', KEYS[3])
    for i = 1, #kept, 2 do
        local of = string.match(kept[i], '^k(%d+)$')
        if of and (tonumber(of) <= number - 6 or tonumber(of) > number) then
            table.insert(gone, kept[i])
        elseif of then
            local asked, failing, answered = string.match(kept[i + 1], '^(%x+) (%x+) (%x+)')
            parts[tonumber(of)] = {halves(asked), halves(failing), halves(answered)}
        end
    end
    if #gone > 0 then
        redis.call('HDEL', KEYS[3], unpack(gone))
    end
    if reported then
        local asked, failing, answered = halves(ARGV[14]), halves(ARGV[15]), halves(ARGV[16])
        local ended = each(failing, answered, bit.bor)
        local newer = parts[number] or {halves(NOBODY), halves(NOBODY), halves(NOBODY)}
        parts[number] = newer
        for of, words in pairs(parts) do -- what a caller's last outcome was is where the last one is
            words[2] = each(words[2], ended, without)
            words[3] = each(words[3], ended, without)
        end
        newer[1] = each(newer[1], asked, bit.bor)
        newer[2] = each(newer[2], each(failing, answered, without), bit.bor)
        newer[3] = each(newer[3], each(answered, failing, without), bit.bor)
        for of, words in pairs(parts) do
            redis.call('HSET', KEYS[3], 'k' .. whole(of), text(words[1]) .. ' ' .. text(words[2]) .. ' ' .. text(words[3]))
        end
        redis.call('PEXPIRE', KEYS[3], KEPT)
    end
    for _, words in pairs(parts) do
        for i = 1, 3 do
            callers[i] = each(callers[i], words[i], bit.bor)
        end
    end
end

local judgement, later = 'stays', 0
local nothing = delta[1] == 0 and delta[3] == 0
if delta[2] > 0 or delta[4] > 0 or nothing then
    local least = tonumber(ARGV[10])
    local threshold = tonumber(ARGV[7])
    if threshold > 0 and streak >= threshold then
        if now - good >= QUIET then
            judgement = 'streak'
        else
            judgement, later = 'later', QUIET - (now - good)
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
return {judgement, whole(sum[1]), whole(sum[2]), whole(sum[3]), whole(sum[4]), whole(streak), whole(later),
    text(callers[1]), text(callers[2]), text(callers[3]), whole(math.max(0, wait - now))}
