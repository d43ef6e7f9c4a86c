package dev.interlock.server.status;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/** Some counters by number, each made when it is first needed: to count takes no lock. Safe for use by any thread. */
final class Counters {
    private final AtomicReferenceArray<LongAdder> counters;

    Counters(int size) {
        counters = new AtomicReferenceArray<>(size);
    }

    void count(int index) {
        LongAdder present = counters.get(index);
        if (present == null) {
            counters.compareAndSet(index, null, new LongAdder());
            present = counters.get(index);
        }
        present.increment();
    }

    /** The count, 0 before the first. */
    long get(int index) {
        LongAdder present = counters.get(index);
        return present == null ? 0 : present.sum();
    }
}
