package dev.interlock.jdbc;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * How much each owner may store a day, by UTC. Counts in memory, so that a restart begins the day again. Safe for use by
 * any thread.
 */
final class DailyQuota {
    private static final Logger LOG = Logs.of(DailyQuota.class);

    private final long each;
    private final Supplier<Instant> clock;
    private final Map<String, Long> used = new HashMap<>();
    private final Map<String, Long> beyondOf = new ConcurrentHashMap<>();
    private final AtomicLong beyond = new AtomicLong();
    private Instant day = Instant.MIN;
    private volatile @Nullable Instant lastBeyond;

    /**
     * An unused quota.
     *
     * @param each for each owner
     * @param clock the wall clock
     */
    DailyQuota(long each, Supplier<Instant> clock) {
        this.each = each;
        this.clock = clock;
    }

    /** Takes a row's characters; false if that is more than is left of the owner's day. */
    boolean take(String owner, int characters) {
        if (each == Long.MAX_VALUE) {
            return true;
        }
        Instant now = clock.get();
        boolean first;
        synchronized (used) {
            Instant today = now.truncatedTo(ChronoUnit.DAYS);
            if (!today.equals(day)) {
                day = today;
                used.clear();
            }
            long before = used.getOrDefault(owner, 0L);
            if (before + characters <= each) {
                used.put(owner, before + characters);
                return true;
            }
            first = before < each;
            used.put(owner, each);
        }
        beyond.incrementAndGet();
        beyondOf.merge(owner, 1L, Long::sum);
        lastBeyond = now;
        if (first) {
            LOG.atWarn()
                    .addKeyValue("organization", owner)
                    .addKeyValue("characters_a_day", each)
                    .log("The quota of the agent log is used up: further entries of today count, but are not stored");
        }
        return false;
    }

    long beyond() {
        return beyond.get();
    }

    long beyond(String owner) {
        return beyondOf.getOrDefault(owner, 0L);
    }

    /** When something was refused last, or null. */
    @Nullable
    Instant lastBeyond() {
        return lastBeyond;
    }
}
