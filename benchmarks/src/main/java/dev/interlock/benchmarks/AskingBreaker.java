package dev.interlock.benchmarks;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.function.LongSupplier;

/**
 * The usual shared breaker, to compare with: its state and its window are in Redis alone, one script asks before each
 * call and another reports after it. All threads use one connection, over which Lettuce sends what they ask without waiting
 * for the answers to others.
 */
final class AskingBreaker {
    private static final String ASK = """
            local until_ = redis.call('HGET', KEYS[1], 'open_until')
            if not until_ then return 1 end
            local time = redis.call('TIME')
            if tonumber(time[1]) < tonumber(until_) then return 0 end
            redis.call('HDEL', KEYS[1], 'open_until')
            return 1""";

    private static final String REPORT = """
            local time = redis.call('TIME')
            local bucket = math.floor(tonumber(time[1]) / 5)
            redis.call('HINCRBY', KEYS[1], 'c' .. bucket, 1)
            if ARGV[1] == '0' then return 0 end
            redis.call('HINCRBY', KEYS[1], 'f' .. bucket, 1)
            local calls, failures = 0, 0
            local flat = redis.call('HGETALL', KEYS[1])
            for i = 1, #flat, 2 do
                local kind, number = string.match(flat[i], '^([cf])(%d+)$')
                if kind and tonumber(number) <= bucket - 12 then
                    redis.call('HDEL', KEYS[1], flat[i])
                elseif kind == 'c' then
                    calls = calls + tonumber(flat[i + 1])
                elseif kind == 'f' then
                    failures = failures + tonumber(flat[i + 1])
                end
            end
            if calls >= 10 and failures / calls >= 0.5 then
                redis.call('HSET', KEYS[1], 'open_until', tonumber(time[1]) + 60)
            end
            return 0""";

    private final RedisCommands<String, String> redis;
    private final String[] key;
    private final String ask;
    private final String report;

    AskingBreaker(StatefulRedisConnection<String, String> connection, String name) {
        redis = connection.sync();
        key = new String[] {name};
        ask = redis.scriptLoad(ASK);
        report = redis.scriptLoad(REPORT);
    }

    long call(LongSupplier work) {
        Long admitted = redis.evalsha(ask, ScriptOutputType.INTEGER, key);
        if (admitted == null || admitted == 0) {
            throw new IllegalStateException("open");
        }
        String failed = "1";
        try {
            long result = work.getAsLong();
            failed = "0";
            return result;
        } finally {
            report(failed);
        }
    }

    private void report(String failed) {
        try {
            Long ignored = redis.evalsha(report, ScriptOutputType.INTEGER, key, failed);
        } catch (RedisNoScriptException forgotten) {
            throw new IllegalStateException("Redis was emptied while it was measured", forgotten);
        }
    }
}
