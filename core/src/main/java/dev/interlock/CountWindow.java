package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The last N calls, a bit each.
 *
 * <p>A recorder draws a place in the ring, then sets its bit if it has to change. Between the two the place shows the
 * call that it replaces: as if the newer one had not ended yet.
 *
 * <p>A long window has bits for its first {@value #FIRST} places, and of the others for those stretches in which a call was
 * bad: a stretch that has none is all good. So it takes memory with the failures that come, and a healthy call makes none.
 */
final class CountWindow extends RollingWindow {
    /** Places that have their bits from the beginning. A stretch is as long as all before it. */
    private static final int FIRST = 1_024;

    private static final int FIRST_WORDS = FIRST / Long.SIZE;
    private static final long[] @Nullable [] NONE = {};
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle STRETCH = MethodHandles.arrayElementVarHandle(long[][].class);

    /** The index of the number of calls so far; the bits follow. */
    private static final int CURSOR = 0;

    private final int size;
    private final long[] words;
    private final long[] @Nullable [] stretches;

    CountWindow(WindowShape shape, @Nullable RollingWindow slowCalls, int size) {
        super(shape, slowCalls);
        this.size = size;
        this.words = new long[1 + words(Math.min(size, FIRST))];
        this.stretches = size <= FIRST ? NONE : new long[1 + stretchOf(size - 1)][];
    }

    @Override
    void add(long now, boolean bad) {
        int place = (int) ((long) WORD.getAndAdd(words, CURSOR, 1L) % size);
        if (place < FIRST) {
            set(words, 1 + place / Long.SIZE, 1L << place, bad);
        } else {
            addFar(place, bad);
        }
    }

    private void addFar(int place, boolean bad) {
        int number = stretchOf(place);
        long[] stretch = (long[]) STRETCH.getAcquire(stretches, number);
        if (stretch == null) {
            if (!bad) {
                return;
            }
            stretch = make(number);
        }
        set(stretch, place / Long.SIZE - (FIRST_WORDS << number), 1L << place, bad);
    }

    private long[] make(int number) {
        long[] fresh = new long[Math.min(FIRST_WORDS << number, words(size) - (FIRST_WORDS << number))];
        long[] witness = (long[]) STRETCH.compareAndExchange(stretches, number, null, fresh);
        return witness == null ? fresh : witness;
    }

    private static void set(long[] bits, int index, long bit, boolean bad) {
        boolean was = ((long) WORD.getVolatile(bits, index) & bit) != 0;
        if (bad && !was) {
            WORD.getAndBitwiseOr(bits, index, bit);
        } else if (!bad && was) {
            WORD.getAndBitwiseAnd(bits, index, ~bit);
        }
    }

    @Override
    long sum(long now) {
        long bad = count(words, 1);
        for (int number = 0; number < stretches.length; number++) {
            long[] stretch = (long[]) STRETCH.getAcquire(stretches, number);
            bad += stretch == null ? 0 : count(stretch, 0);
        }
        long calls = Math.min((long) WORD.getVolatile(words, CURSOR), size);
        return Sum.of(calls, Math.min(bad, calls));
    }

    private static long count(long[] bits, int from) {
        long bad = 0;
        for (int index = from; index < bits.length; index++) {
            bad += Long.bitCount((long) WORD.getVolatile(bits, index));
        }
        return bad;
    }

    /** In which stretch a place is that has no bit from the beginning. */
    private static int stretchOf(int place) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(place / FIRST);
    }

    private static int words(int places) {
        return (places + Long.SIZE - 1) / Long.SIZE;
    }
}
