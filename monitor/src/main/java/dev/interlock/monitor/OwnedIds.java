package dev.interlock.monitor;

import dev.interlock.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Recent ids of many owners, bounded in all: when there are too many, the owner that has most forgets its oldest, so that
 * one with many ids does not make others' be forgotten. Safe for use by any thread.
 */
final class OwnedIds {
    private final TimeSource time;
    private final Duration atLeast;
    private final int capacity;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<String, RecentIds> owners = new ConcurrentHashMap<>();
    private final ReentrantLock shrinking = new ReentrantLock();

    OwnedIds(TimeSource time, Duration atLeast, int capacity) {
        this.time = time;
        this.atLeast = atLeast;
        this.capacity = capacity;
    }

    /** Remembers an id; false if it is remembered already. */
    boolean add(String owner, @Nullable String part, String id) {
        RecentIds ids = owners.computeIfAbsent(owner, fresh -> new RecentIds(time, atLeast, capacity, total));
        boolean fresh = ids.add(part, id);
        if (total.get() > capacity) {
            shrink();
        }
        return fresh;
    }

    boolean contains(String owner, @Nullable String part, String id) {
        RecentIds ids = owners.get(owner);
        return ids != null && ids.contains(part, id);
    }

    int size() {
        return total.get();
    }

    private void shrink() {
        if (!shrinking.tryLock()) {
            return; // somebody is at it
        }
        try {
            RecentIds largest = null;
            int most = 0;
            for (RecentIds each : owners.values()) {
                int size = each.size();
                if (size > most) {
                    most = size;
                    largest = each;
                }
            }
            if (largest != null) {
                largest.forgetOldest();
            }
        } finally {
            shrinking.unlock();
        }
    }
}
