package dev.interlock.promises;

import dev.interlock.threads.Reporting;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts in this process how often each {@link Promise} was broken: always 0, unless there is a defect or a store holds
 * what Interlock never wrote. Where a promise is kept nothing here is called. Safe for use by any thread; takes no lock.
 *
 * <p>What is broken is counted, reported, and left as it is: a check that acted would be one more thing that can be wrong.
 */
public final class BrokenPromises {
    private static final AtomicLongArray COUNTS = new AtomicLongArray(Promise.values().length);

    private BrokenPromises() {}

    /**
     * Counts that a promise was broken. The 1st, 2nd, 4th, 8th … time it is reported to the thread's uncaught exception
     * handler as well. Never throws.
     *
     * @param promise which
     * @param what what was seen, in one sentence for people; it names no secret
     */
    public static void report(Promise promise, String what) {
        long count = COUNTS.incrementAndGet(promise.ordinal());
        if ((count & (count - 1)) == 0) {
            Reporting.report(new IllegalStateException(
                    "A promise is broken (" + promise.wireName() + ", " + count + " so far): " + what));
        }
    }

    /**
     * How often a promise was broken.
     *
     * @param promise which
     * @return how often since the process began
     */
    public static long count(Promise promise) {
        return COUNTS.get(promise.ordinal());
    }

    /**
     * How often any promise was broken.
     *
     * @return how often since the process began
     */
    public static long total() {
        long total = 0;
        for (Promise each : Promise.values()) {
            total += count(each);
        }
        return total;
    }

    /**
     * All counts.
     *
     * @return a copy, by promise
     */
    public static Map<Promise, Long> counts() {
        Map<Promise, Long> counts = new EnumMap<>(Promise.class);
        for (Promise each : Promise.values()) {
            counts.put(each, count(each));
        }
        return counts;
    }
}
