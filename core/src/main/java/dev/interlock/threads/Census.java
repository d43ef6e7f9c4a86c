package dev.interlock.threads;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the threads of one name. Names are words of our code, so there are few, and each is kept for as long as the
 * process lives.
 */
final class Census {
    private static final Map<String, Census> BY_NAME = new ConcurrentSkipListMap<>();

    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong losses = new AtomicLong();

    private Census() {}

    static Census of(String name) {
        return BY_NAME.computeIfAbsent(name, first -> new Census());
    }

    /** By name. */
    static List<ThreadFigures> all() {
        return BY_NAME.entrySet().stream()
                .map(each -> each.getValue().figures(each.getKey()))
                .toList();
    }

    /** What a thread runs, counted while it does, and as lost if it ends by a throwable. */
    Runnable around(Runnable task) {
        return () -> {
            boolean ended = false;
            alive.incrementAndGet();
            try {
                task.run();
                ended = true;
            } finally {
                alive.decrementAndGet();
                if (!ended) {
                    lost();
                }
            }
        };
    }

    void failed() {
        failures.incrementAndGet();
    }

    void lost() {
        losses.incrementAndGet();
    }

    private ThreadFigures figures(String name) {
        return new ThreadFigures(name, alive.get(), failures.get(), losses.get());
    }
}
