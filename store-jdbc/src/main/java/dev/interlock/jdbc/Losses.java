package dev.interlock.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Rows that never reach the database: how many, whose, when last; and a warning about them. Safe for use by any thread. */
final class Losses {
    private static final Logger LOG = Logs.of(Losses.class);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private final String message;
    private final Supplier<Instant> clock;
    private final AtomicLong total = new AtomicLong();
    private final Map<String, Long> byOwner = new ConcurrentHashMap<>();
    private volatile @Nullable Instant latest;
    private long warned;
    private @Nullable Instant warnedAt;

    /**
     * Nothing is lost.
     *
     * @param message what the warning says
     * @param clock the wall clock
     */
    Losses(String message, Supplier<Instant> clock) {
        this.message = message;
        this.clock = clock;
    }

    void add(String owner, int rows) {
        total.addAndGet(rows);
        byOwner.merge(owner, (long) rows, Long::sum);
        latest = clock.get();
    }

    long total() {
        return total.get();
    }

    long of(String owner) {
        return byOwner.getOrDefault(owner, 0L);
    }

    /** When rows were last lost, or null. */
    @Nullable
    Instant latest() {
        return latest;
    }

    /** Warns of what was lost since the last warning, at most once a minute. */
    synchronized void warn() {
        long present = total.get();
        if (present == warned) {
            return;
        }
        Instant now = clock.get();
        if (warnedAt != null && now.isBefore(warnedAt.plus(BETWEEN_WARNINGS)) && !now.isBefore(warnedAt)) {
            return;
        }
        LOG.atWarn()
                .addKeyValue("rows", present - warned)
                .addKeyValue("since_start", present)
                .log(message);
        warned = present;
        warnedAt = now;
    }
}
