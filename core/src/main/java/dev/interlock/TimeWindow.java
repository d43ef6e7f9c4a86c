package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the last span of time, in a ring of buckets.
 *
 * <p><b>A bucket is one word</b>: the number of its cycle (20 bits), calls (22) and bad ones (22). Adding to a bucket of
 * the present cycle is one atomic addition. One of an earlier cycle is replaced, by compare-and-set, with the new
 * cycle's first call: a roll-over is one step as well, nobody ever sees a bucket half cleared, and nothing needs to
 * sweep. The number of the cycle comes again after 2^20 cycles: two years for a window of a minute, 13 days for one of a
 * second; a bucket that nobody used all that time, to the very cycle, would count as fresh, and in the {@value
 * #MOST_AHEAD} cycles before that it would be taken for one that is ahead, so that its calls do not count.
 *
 * <p><b>Big counts</b> are halved, both in one step, before one could run into its neighbour: up to two million calls a
 * bucket are exact; beyond, a bucket's rate stays what it is, and a busier bucket weighs less than it should.
 *
 * <p><b>Under contention</b> (an addition finds the word changed since it was read a moment before) the window grows
 * stripes, rings of the same kind of which each thread uses one. A word that two cores fight for is no faster than a
 * lock; a healthy circuit without contention never pays for them. Sums go over all rings.
 */
final class TimeWindow extends RollingWindow {
    private static final int CYCLE_SHIFT = 44;
    private static final int CALLS_SHIFT = 22;
    private static final long CYCLE_MASK = (1L << 20) - 1;

    /** How many cycles a bucket may be ahead of a thread that slept since it read the clock: 45 s of the shortest. */
    private static final long MOST_AHEAD = 1L << 12;

    private static final long CALLS_MASK = (1L << 22) - 1;
    private static final long BAD_MASK = (1L << 22) - 1;
    private static final long GOOD_CALL = 1L << CALLS_SHIFT;
    private static final long BAD_CALL = GOOD_CALL | 1;

    /** The highest bit of either count. */
    private static final long BIG = 1L << 43 | 1L << 21;

    /** Unused words around a stripe, so that no two of them share a cache line (or the one that is fetched with it). */
    private static final int PADDING = 16;

    private static final int STRIPES = Math.min(
            32, 4 * Integer.highestOneBit(Math.max(1, 2 * Runtime.getRuntime().availableProcessors() - 1)));

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle STRIPED;

    static {
        try {
            STRIPED = MethodHandles.lookup().findVarHandle(TimeWindow.class, "stripes", long[][].class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final long[] ring = new long[WindowShape.SLOTS];
    private volatile long @Nullable [] @Nullable [] stripes;

    TimeWindow(WindowShape shape, @Nullable RollingWindow slowCalls) {
        super(shape, slowCalls);
    }

    @Override
    void add(long now, boolean bad) {
        long cycle = shape.cycle(now) & CYCLE_MASK;
        int slot = shape.slot(now);
        long call = bad ? BAD_CALL : GOOD_CALL;
        long[] @Nullable [] striped = stripes;
        if (striped == null) {
            if (!add(ring, slot, cycle, call)) {
                STRIPED.compareAndSet(this, null, new long[STRIPES][]);
            }
        } else {
            add(stripe(striped), PADDING + slot, cycle, call);
        }
    }

    /** Adds a call to a word; false if another thread was seen at the same word. */
    private static boolean add(long[] words, int index, long cycle, long call) {
        long seen = (long) WORD.getOpaque(words, index);
        if (seen >>> CYCLE_SHIFT != cycle) {
            return rollOver(words, index, cycle, call);
        }
        long before = (long) WORD.getAndAdd(words, index, call);
        if ((before & BIG) != 0) {
            halve(words, index);
        }
        return before == seen;
    }

    private static boolean rollOver(long[] words, int index, long cycle, long call) {
        boolean alone = true;
        while (true) {
            long seen = (long) WORD.getVolatile(words, index);
            if (isEarlier(seen, cycle)) {
                if (WORD.compareAndSet(words, index, seen, cycle << CYCLE_SHIFT | call)) {
                    return alone;
                }
                alone = false;
            } else {
                // Rolled over already, perhaps further than this thread's reading of the clock: the call ends now.
                WORD.getAndAdd(words, index, call);
                return alone;
            }
        }
    }

    /** A bucket is of an earlier cycle, however old, unless it is a little ahead of this thread's reading. */
    private static boolean isEarlier(long word, long cycle) {
        long age = cycle - (word >>> CYCLE_SHIFT) & CYCLE_MASK;
        boolean unused = (word & CALLS_MASK << CALLS_SHIFT) == 0;
        return age != 0 && (unused || age < CYCLE_MASK - MOST_AHEAD);
    }

    private static void halve(long[] words, int index) {
        long word = (long) WORD.getVolatile(words, index);
        while ((word & BIG) != 0) {
            long calls = word >>> CALLS_SHIFT & CALLS_MASK;
            long bad = word & BAD_MASK;
            long halved = word >>> CYCLE_SHIFT << CYCLE_SHIFT | calls + 1 >>> 1 << CALLS_SHIFT | bad + 1 >>> 1;
            long witness = (long) WORD.compareAndExchange(words, index, word, halved);
            if (witness == word) {
                return;
            }
            word = witness;
        }
    }

    private static long[] stripe(long[] @Nullable [] striped) {
        @SuppressWarnings("deprecation") // threadId() came with 19
        int index = (int) Thread.currentThread().getId() & STRIPES - 1;
        long[] stripe = (long[]) STRIPE.getAcquire(striped, index);
        if (stripe == null) {
            long[] fresh = new long[WindowShape.SLOTS + 2 * PADDING];
            stripe = (long[]) STRIPE.compareAndExchange(striped, index, null, fresh);
            if (stripe == null) {
                stripe = fresh;
            }
        }
        return stripe;
    }

    @Override
    long sum(long now) {
        long cycle = shape.cycle(now);
        int slot = shape.slot(now);
        long sum = sum(ring, 0, cycle, slot);
        long[] @Nullable [] striped = stripes;
        if (striped != null) {
            for (int i = 0; i < STRIPES; i++) {
                long[] stripe = (long[]) STRIPE.getAcquire(striped, i);
                if (stripe != null) {
                    sum += sum(stripe, PADDING, cycle, slot);
                }
            }
        }
        return sum;
    }

    private static long sum(long[] words, int offset, long cycle, int present) {
        long calls = 0;
        long bad = 0;
        for (int slot = 0; slot < WindowShape.SLOTS; slot++) {
            long word = (long) WORD.getVolatile(words, offset + slot);
            // Up to the present slot a bucket is of this cycle, behind it of the last one. One of the cycle after
            // that was filled by a thread whose clock is a moment ahead of ours: it counts, so that of two failures
            // at the border of two buckets at least one sees both.
            long expected = slot <= present ? cycle : cycle - 1;
            if (((word >>> CYCLE_SHIFT) - expected & CYCLE_MASK) <= 1) {
                calls += word >>> CALLS_SHIFT & CALLS_MASK;
                bad += word & BAD_MASK;
            }
        }
        return Sum.of(calls, bad);
    }
}
