package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The last so many calls, a bit each.
 *
 * <p>A recorder draws a place in the ring, then sets its bit if it has to change. Between the two the place shows the
 * call that it replaces: as if the newer one had not ended yet.
 */
final class CountWindow extends RollingWindow {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    /** Where the number of calls so far stands; the bits follow. */
    private static final int CURSOR = 0;

    private final int size;
    private final long[] words;

    CountWindow(WindowShape shape, @Nullable RollingWindow slowCalls, int size) {
        super(shape, slowCalls);
        this.size = size;
        this.words = new long[1 + (size + Long.SIZE - 1) / Long.SIZE];
    }

    @Override
    void add(long now, boolean bad) {
        int place = (int) ((long) WORD.getAndAdd(words, CURSOR, 1L) % size);
        int index = 1 + place / Long.SIZE;
        long bit = 1L << place;
        boolean was = ((long) WORD.getVolatile(words, index) & bit) != 0;
        if (bad && !was) {
            WORD.getAndBitwiseOr(words, index, bit);
        } else if (!bad && was) {
            WORD.getAndBitwiseAnd(words, index, ~bit);
        }
    }

    @Override
    long sum(long now) {
        long bad = 0;
        for (int index = 1; index < words.length; index++) {
            bad += Long.bitCount((long) WORD.getVolatile(words, index));
        }
        long calls = Math.min((long) WORD.getVolatile(words, CURSOR), size);
        return Sum.of(calls, Math.min(bad, calls));
    }
}
