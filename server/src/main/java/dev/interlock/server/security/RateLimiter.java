package dev.interlock.server.security;

import dev.interlock.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Token buckets by name, in bounded memory. A bucket is one number: the moment at which it will be full again. A full
 * bucket is no different from none, so full ones are forgotten when there are many; if even so there are too many, new
 * names share one bucket.
 *
 * <p>Safe for use by any thread; takes no lock.
 */
final class RateLimiter {
    private final TimeSource time;
    private final long nanosEach;
    private final long depth;
    private final int capacity;
    private final Map<String, AtomicLong> buckets = new ConcurrentHashMap<>();
    private final AtomicLong shared = new AtomicLong(Long.MIN_VALUE);
    private final AtomicInteger lookedAt = new AtomicInteger();

    /**
     * Makes a limiter with all buckets full.
     *
     * @param perSecond how fast a bucket fills
     * @param burst what a full bucket holds, at least 1
     * @param capacity how many buckets there may be
     */
    RateLimiter(TimeSource time, double perSecond, int burst, int capacity) {
        this.time = time;
        this.nanosEach = Math.max(1, Math.round(1e9 / perSecond));
        this.depth = Math.multiplyExact(nanosEach, (long) burst);
        this.capacity = capacity;
    }

    /** Takes one from a bucket: 0 if there was one, else the nanoseconds until there will be. */
    long take(String name) {
        long now = time.ticks();
        AtomicLong bucket = bucket(name, now);
        while (true) {
            long full = bucket.get();
            long fullThen = Math.max(full, now) + nanosEach;
            if (fullThen - now > depth) {
                return fullThen - now - depth;
            }
            if (bucket.compareAndSet(full, fullThen)) {
                return 0;
            }
        }
    }

    /** As {@link #take}; 0 for a new name for which there is no room, so that many names refuse nobody. */
    long takeIfRoom(String name) {
        if (buckets.size() >= capacity && !buckets.containsKey(name)) {
            forgetFull(time.ticks());
            if (buckets.size() >= capacity) {
                return 0;
            }
        }
        return take(name);
    }

    /** The nanoseconds until a bucket will hold one, 0 if it does; takes nothing. */
    long wait(String name) {
        AtomicLong bucket = buckets.get(name);
        if (bucket == null && buckets.size() >= capacity) {
            bucket = shared;
        }
        if (bucket == null) {
            return 0;
        }
        long now = time.ticks();
        return Math.max(0, Math.max(bucket.get(), now) + nanosEach - now - depth);
    }

    int size() {
        return buckets.size();
    }

    private AtomicLong bucket(String name, long now) {
        AtomicLong known = buckets.get(name);
        if (known != null) {
            return known;
        }
        if (buckets.size() >= capacity) {
            forgetFull(now);
        }
        return buckets.size() >= capacity
                ? shared
                : buckets.computeIfAbsent(name, fresh -> new AtomicLong(Long.MIN_VALUE));
    }

    /** Looks through all buckets, but not for each of many new names. */
    private void forgetFull(long now) {
        if (lookedAt.getAndIncrement() % 1_000 == 0) {
            buckets.values().removeIf(bucket -> bucket.get() <= now);
        }
    }
}
