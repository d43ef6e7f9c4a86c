package dev.interlock.monitor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of some time came to: how many, how many of them failed, how many were refused, and how long they took.
 * Figures of several processes and times add up. For one thread at a time.
 */
public final class CallFigures {
    private static final int PERCENT = 95;
    private static final int SEVEN_BITS = 7;
    private static final int MORE = 0x80;

    private long calls;
    private long failures;
    private long refusals;

    /** Pairs of a latency's bucket and how many calls were in it, in no order. */
    private int[] buckets = new int[4];

    private long[] counts = new long[4];
    private int used;

    /** {@return how many calls ended; those that say nothing about health, such as cancelled ones, are not among them} */
    public long calls() {
        return calls;
    }

    /** {@return how many of the calls failed} */
    public long failures() {
        return failures;
    }

    /** {@return how many further calls were refused, and so never made} */
    public long refusals() {
        return refusals;
    }

    /**
     * The latency that 95 % of the calls did not exceed.
     *
     * @return at most 6.25 % above the exact one, 12.5 % for an hour; null if none was measured
     */
    public @Nullable Duration p95() {
        long timed = 0;
        for (int i = 0; i < used; i++) {
            timed += counts[i];
        }
        if (timed == 0) {
            return null;
        }
        long rank = (timed * PERCENT + 99) / 100;
        int[] order = sorted();
        int at = -1;
        while (rank > 0) {
            rank -= count(order[++at]);
        }
        return Latencies.upperBorder(order[at]);
    }

    /**
     * Adds figures of another process, or of another time.
     *
     * @param other stays as it is
     */
    public void add(CallFigures other) {
        calls += other.calls;
        failures += other.failures;
        refusals += other.refusals;
        for (int i = 0; i < other.used; i++) {
            addTo(other.buckets[i], other.counts[i]);
        }
    }

    /** Counts calls that ended alike; a negative bucket is that of a latency that nobody measured. */
    void add(boolean failed, int bucket, int count) {
        calls += count;
        failures += failed ? count : 0;
        if (bucket >= 0) {
            addTo(bucket, count);
        }
    }

    void refuse(int count) {
        refusals += count;
    }

    private void addTo(int bucket, long count) {
        for (int i = 0; i < used; i++) {
            if (buckets[i] == bucket) {
                counts[i] += count;
                return;
            }
        }
        if (used == buckets.length) {
            buckets = Arrays.copyOf(buckets, used * 2);
            counts = Arrays.copyOf(counts, used * 2);
        }
        buckets[used] = bucket;
        counts[used++] = count;
    }

    private long count(int bucket) {
        for (int i = 0; i < used; i++) {
            if (buckets[i] == bucket) {
                return counts[i];
            }
        }
        return 0;
    }

    /** The same with latencies to 12.5 %, which take half of the room. */
    CallFigures coarse() {
        CallFigures coarse = new CallFigures();
        coarse.calls = calls;
        coarse.failures = failures;
        coarse.refusals = refusals;
        for (int i = 0; i < used; i++) {
            coarse.addTo(Math.min(buckets[i] | 1, Latencies.BUCKETS - 1), counts[i]);
        }
        return coarse;
    }

    private int[] sorted() {
        int[] order = Arrays.copyOf(buckets, used);
        Arrays.sort(order);
        return order;
    }

    /** Writes whole numbers of seven bits a byte: most take one, since of buckets only the distances are written. */
    void write(ByteArrayOutputStream to) {
        write(to, calls);
        write(to, failures);
        write(to, refusals);
        write(to, used);
        int before = 0;
        for (int bucket : sorted()) {
            write(to, bucket - before);
            write(to, count(bucket));
            before = bucket;
        }
    }

    static CallFigures read(ByteBuffer from) {
        CallFigures figures = new CallFigures();
        figures.calls = number(from);
        figures.failures = number(from);
        figures.refusals = number(from);
        long bucket = 0;
        for (long left = number(from); left > 0; left--) {
            bucket += number(from);
            if (bucket < 0 || bucket >= Latencies.BUCKETS) {
                throw new IllegalArgumentException("There is no latency of bucket " + bucket);
            }
            figures.addTo((int) bucket, number(from));
        }
        return figures;
    }

    static void write(ByteArrayOutputStream to, long number) {
        long rest = number;
        while (rest >= MORE) {
            to.write((int) (rest & MORE - 1) | MORE);
            rest >>>= SEVEN_BITS;
        }
        to.write((int) rest);
    }

    static long number(ByteBuffer from) {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += SEVEN_BITS) {
            byte next = from.get();
            number |= (long) (next & MORE - 1) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("A number is longer than any that is written");
    }
}
