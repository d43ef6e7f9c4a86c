package dev.interlock;

import dev.interlock.store.CallerSlots;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Callers of a circuit that other processes share: those of this process, and the ones that all together have heard
 * of, by the last answer. Without an answer, while the others cannot be asked, it knows those that it knew.
 *
 * <p>What it has not reported it keeps over epochs: who was refused, and how a trial ended, is reported by the next closed
 * epoch. A report says what holds, so it may be made twice.
 */
final class FleetCallers extends Callers {
    private static final VarHandle ASKED;
    private static final VarHandle ENDED;

    static {
        try {
            ASKED = MethodHandles.lookup().findVarHandle(FleetCallers.class, "askedSince", long.class);
            ENDED = MethodHandles.lookup().findVarHandle(FleetCallers.class, "endedSince", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Slots of callers that asked, and whose calls ended, since the last report. */
    private volatile long askedSince;

    private volatile long endedSince;
    private volatile long askedElsewhere;
    private volatile long failingElsewhere;
    private volatile long heard = Long.MIN_VALUE;

    FleetCallers(WindowShape shape, long now) {
        super(shape, now);
    }

    @Override
    void asked(int slot, long now) {
        super.asked(slot, now);
        long bit = 1L << slot;
        if ((askedSince & bit) == 0) {
            ASKED.getAndBitwiseOr(this, bit);
        }
    }

    @Override
    void ended(long bit) {
        if ((endedSince & bit) == 0) {
            ENDED.getAndBitwiseOr(this, bit);
        }
    }

    /** Others count by what was reported, so they are to hear of it; of callers elsewhere others know what is new. */
    @Override
    void forgetOutcomes() {
        long forgotten = failing() | answered();
        super.forgetOutcomes();
        ENDED.getAndBitwiseOr(this, forgotten);
    }

    /** Whether there is something to report. */
    boolean isUnreported() {
        return (askedSince | endedSince) != 0;
    }

    /** Who asked since the last report, and how the last calls ended of those whose calls did. */
    CallerSlots take() {
        long took = (long) ENDED.getAndSet(this, 0L);
        long failing = failing() & took;
        long answered = answered() & took & ~failing;
        long good = took & ~failing & ~answered;
        return new CallerSlots((long) ASKED.getAndSet(this, 0L), failing | good, answered | good);
    }

    /** A report may not have been taken in: what holds then is reported once more. */
    void putBack(CallerSlots reported) {
        ASKED.getAndBitwiseOr(this, reported.asked());
        ENDED.getAndBitwiseOr(this, reported.failing() | reported.answered());
    }

    /** Takes in what holds by the tallies of all processes. */
    void hear(CallerSlots all, long now) {
        askedElsewhere = all.asked();
        failingElsewhere = all.failing();
        heard = now;
    }

    @Override
    long asked(long now) {
        return super.asked(now) | (isFresh(now) ? askedElsewhere : 0);
    }

    /** Of callers that ask here this process knows best how their calls end. */
    @Override
    long failing(long now) {
        long here = super.failing(now);
        return isFresh(now) ? here | failingElsewhere & ~super.asked(now) : here;
    }

    private boolean isFresh(long now) {
        return heard != Long.MIN_VALUE && shape.part(now) - shape.part(heard) < PARTS;
    }
}
