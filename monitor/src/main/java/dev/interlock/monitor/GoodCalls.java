package dev.interlock.monitor;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Good calls of one epoch that no figures hold yet, by the buckets of their latencies: counted by the threads that make
 * them, without a lock and without memory, and fetched by who holds the agent's lock.
 */
final class GoodCalls {
    /** In place of a bucket: nobody measured. */
    static final int UNTIMED = -1;

    /** Takes in what is fetched. */
    interface Figures {
        /** So many good calls of one bucket, or {@link #UNTIMED}. */
        void add(int bucket, int count);
    }

    final long epoch;
    private final AtomicIntegerArray counts = new AtomicIntegerArray(Latencies.BUCKETS + 1);

    /** Whether there is anything to fetch; set after it was counted. */
    private volatile boolean any;

    GoodCalls(long epoch) {
        this.epoch = epoch;
    }

    /** The bucket of a latency; of a negative one {@link #UNTIMED}. */
    static int bucket(long latencyNanos) {
        return latencyNanos < 0 ? UNTIMED : Latencies.bucket(latencyNanos);
    }

    void add(int bucket) {
        counts.getAndIncrement(bucket + 1);
        if (!any) {
            any = true;
        }
    }

    /** Takes everything out; false if there was nothing. */
    boolean fetch(Figures figures) {
        if (!any) {
            return false;
        }
        any = false;
        for (int i = 0; i < counts.length(); i++) {
            int count = counts.get(i) == 0 ? 0 : counts.getAndSet(i, 0);
            if (count > 0) {
                figures.add(i - 1, count);
            }
        }
        return true;
    }
}
