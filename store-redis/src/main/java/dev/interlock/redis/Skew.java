package dev.interlock.redis;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How far Redis' clock is ahead of this process' wall clock, so that times which other processes read do not depend on
 * ours. Believed until an answer contradicts it: an answer proves the difference except for the time that it took. Safe
 * for use by any thread.
 */
final class Skew {
    /** What a clock may be wrong by without being set. */
    private static final long TOLERANCE_MICROS = 1_000;

    private volatile long micros;

    /** Takes in that Redis read a time between two of ours. */
    synchronized void answered(Instant before, long redisMicros, Instant after) {
        long least = redisMicros - micros(after) - TOLERANCE_MICROS;
        long most = redisMicros - micros(before) + TOLERANCE_MICROS;
        if (micros < least || micros > most) {
            micros = least + (most - least) / 2;
        }
    }

    /** One of our times by Redis' clock, in microseconds. */
    long toRedis(Instant ours) {
        return micros(ours) + micros;
    }

    Instant fromRedis(long redisMicros) {
        return Instant.EPOCH.plus(redisMicros - micros, ChronoUnit.MICROS);
    }

    /** One of our times as Redis' records have it, or null for none. */
    @Nullable
    String toRedisText(@Nullable Instant ours) {
        return ours == null ? null : Long.toString(toRedis(ours));
    }

    /** A time of one of Redis' records, or null for none. */
    @Nullable
    Instant fromRedis(@Nullable String micros) {
        return micros == null ? null : fromRedis(Long.parseLong(micros));
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
