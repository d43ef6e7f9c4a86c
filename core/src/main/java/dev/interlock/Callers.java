package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who has asked a circuit for permission within its window, and how each one's last call ended: a bit a slot of callers.
 *
 * <p><b>Parts.</b> The window, 10 minutes for a window of calls, is divided in five parts; the present one and the five
 * before it count. Who asked, and who failed, is noted in the part of the moment, so a caller counts for at least the
 * window and at most a fifth longer. A part begins cleared by the first thread that comes in it, which takes along who comes
 * at that moment.
 *
 * <p>Made only where a circuit needs it, and at most 200 bytes. Safe for use by any thread; nothing here locks or
 * allocates. Each question is answered from words that are read one after the other.
 */
class Callers {
    static final int SLOTS = Long.SIZE;

    static final int PARTS = 6;
    private static final int FAILED = PARTS;
    private static final int FAILING = 2 * PARTS;
    private static final int ANSWERED = FAILING + 1;

    /** Who asked, and who failed, while another thread was turning to a new part. */
    private static final int ASKED_MEANWHILE = ANSWERED + 1;

    private static final int FAILED_MEANWHILE = ASKED_MEANWHILE + 1;
    private static final int WORDS = FAILED_MEANWHILE + 1;
    private static final long SLOT = SLOTS - 1;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle TURNING;

    static {
        try {
            TURNING = MethodHandles.lookup().findVarHandle(Callers.class, "turning", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final WindowShape shape;
    private final long[] words = new long[WORDS];

    /** The number of the newest part, and where that part's words are: written one after the other. */
    private volatile long newest;

    private volatile byte newestIndex;

    private volatile boolean turning;

    /** The last good call, and the last one by another slot than that one's: a tick whose lowest bits are the slot. Plain. */
    private long lastGood = Long.MIN_VALUE;

    private long lastGoodOfAnother = Long.MIN_VALUE;

    Callers(WindowShape shape, long now) {
        this.shape = shape;
        this.newest = shape.part(now);
        this.newestIndex = index(newest);
    }

    /** A caller asks for permission. Almost always it has done so in this part, and nothing is written. */
    void asked(int slot, long now) {
        note(0, ASKED_MEANWHILE, now, 1L << slot);
    }

    /** A caller's call ended well. */
    final void succeeded(int slot, long now, boolean good) {
        long bit = 1L << slot;
        clear(FAILING, bit);
        clear(ANSWERED, bit);
        ended(bit);
        if (good) {
            long word = now & ~SLOT | slot;
            long last = lastGood;
            if (last != word) {
                if ((last & SLOT) != slot || last == Long.MIN_VALUE) {
                    lastGoodOfAnother = last;
                }
                lastGood = word;
            }
        }
    }

    /** A caller's call failed. */
    final void failed(int slot, long now) {
        clear(ANSWERED, 1L << slot);
        slow(slot, now);
    }

    /** A caller's call was slow, however it ended: that counts against the circuit as a failure does. */
    final void slow(int slot, long now) {
        long bit = 1L << slot;
        note(FAILED, FAILED_MEANWHILE, now, bit);
        set(FAILING, bit);
        ended(bit);
    }

    /** A caller's own mistake was refused; returns whether its counted call before was another outcome. */
    final boolean answered(int slot) {
        long bit = 1L << slot;
        clear(FAILING, bit);
        boolean first = ((long) WORD.getAndBitwiseOr(words, ANSWERED, bit) & bit) == 0;
        ended(bit);
        return first;
    }

    /** Makes as if a caller's own mistake had not been refused. */
    final void forgetAnswered(int slot) {
        clear(ANSWERED, 1L << slot);
    }

    /** It is noted how a caller's call ended. */
    void ended(long bit) {}

    /** Forgets how calls ended, but not who asked. */
    void forgetOutcomes() {
        WORD.setVolatile(words, FAILING, 0L);
        WORD.setVolatile(words, ANSWERED, 0L);
    }

    /** Whether another caller's call has ended well since a moment. */
    final boolean wasGoodForAnother(int slot, long since) {
        return isGoodOfAnother(lastGood, slot, since) || isGoodOfAnother(lastGoodOfAnother, slot, since);
    }

    /** Whether enough callers are failing for a circuit to open. */
    final boolean allow(int minCallers, long now) {
        long asked = asked(now);
        return allow(minCallers, asked, failing(now));
    }

    /** Whether enough of those who asked are failing: a quarter and the least number, or all if they are fewer. */
    static boolean allow(int minCallers, long asked, long failing) {
        int callers = Long.bitCount(asked | failing);
        int needed = callers < minCallers ? callers : Math.max(minCallers, (callers + 3) / 4);
        return Long.bitCount(failing) >= needed;
    }

    /** Whether another caller than this one asked within the window. */
    final boolean hasAnother(int slot, long now) {
        return (asked(now) & ~(1L << slot)) != 0;
    }

    /** Who asked within the window. */
    long asked(long now) {
        return live(0, now);
    }

    /** Whose last counted call failed, and that within the window. */
    long failing(long now) {
        return (long) WORD.getVolatile(words, FAILING) & live(FAILED, now);
    }

    /** Whose last counted call was its own mistake, correctly refused. */
    final long answered() {
        return (long) WORD.getVolatile(words, ANSWERED);
    }

    /** Whose last counted call failed, however long ago. */
    final long failing() {
        return (long) WORD.getVolatile(words, FAILING);
    }

    private long live(int from, long now) {
        long last = newest;
        long live = 0;
        for (long part = Math.max(shape.part(now), last) - PARTS + 1; part <= last; part++) {
            live |= (long) WORD.getVolatile(words, from + index(part));
        }
        return live;
    }

    /** Notes something in the part of the moment, or in the newest there is. */
    private void note(int from, int meanwhile, long now, long bit) {
        long part = shape.part(now);
        if (part <= newest || turn(part)) {
            set(from + newestIndex, bit);
            return;
        }
        // In a part that another thread is about to clear it would be lost: that one takes it along, or who comes too
        // late.
        WORD.getAndBitwiseOr(words, meanwhile, bit);
        if (!turning) {
            takeAlong();
        }
    }

    /** Turns to a part; false if another thread is doing so. */
    private boolean turn(long part) {
        if (!TURNING.compareAndSet(this, false, true)) {
            return false;
        }
        for (long fresh = Math.max(newest + 1, part - PARTS + 1); fresh <= part; fresh++) {
            WORD.setVolatile(words, index(fresh), 0L);
            WORD.setVolatile(words, FAILED + index(fresh), 0L);
        }
        newest = Math.max(newest, part);
        newestIndex = index(newest);
        turning = false;
        takeAlong();
        return true;
    }

    private void takeAlong() {
        if (((long) WORD.getVolatile(words, ASKED_MEANWHILE) | (long) WORD.getVolatile(words, FAILED_MEANWHILE)) != 0) {
            WORD.getAndBitwiseOr(words, newestIndex, (long) WORD.getAndSet(words, ASKED_MEANWHILE, 0L));
            WORD.getAndBitwiseOr(words, FAILED + newestIndex, (long) WORD.getAndSet(words, FAILED_MEANWHILE, 0L));
        }
    }

    private void set(int index, long bit) {
        if (((long) WORD.getOpaque(words, index) & bit) == 0) {
            WORD.getAndBitwiseOr(words, index, bit);
        }
    }

    private void clear(int index, long bit) {
        if (((long) WORD.getOpaque(words, index) & bit) != 0) {
            WORD.getAndBitwiseAnd(words, index, ~bit);
        }
    }

    private static boolean isGoodOfAnother(long good, int slot, long since) {
        return good != Long.MIN_VALUE && (good & SLOT) != slot && (good & ~SLOT) > since;
    }

    private static byte index(long part) {
        return (byte) Math.floorMod(part, PARTS);
    }
}
