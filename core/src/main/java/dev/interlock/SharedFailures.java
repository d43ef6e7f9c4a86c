package dev.interlock;

import dev.interlock.store.CircuitTally;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to the failures, and slow calls, of an epoch in closed that counts together with other processes, besides
 * their number: the last one, whether all are to say if it trips, and the longest wait of which others have reported.
 *
 * <p>It is noted before they are counted, so that no report has the one without the other, and lasts as long as what is
 * counted: over every object of the epoch. For use by any thread.
 */
final class SharedFailures {
    private static final VarHandle WORST;
    private static final VarHandle FATAL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORST = lookup.findVarHandle(SharedFailures.class, "worst", Evidence.class);
            FATAL = lookup.findVarHandle(SharedFailures.class, "fatal", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile @Nullable Evidence worst;

    /** Set from a failure of a kind that trips until a report asks all whether it does. */
    @SuppressWarnings("UnusedVariable") // read and written through its handle
    private volatile boolean fatal;

    /** The report that asked last, until it is answered. */
    private volatile @Nullable CircuitTally asking;

    private volatile long waitEndElsewhere = RollingWindow.NEVER;

    /**
     * Notes one that is about to be counted.
     *
     * @param asks whether it is of a kind that trips, if all processes say that it does
     */
    void note(Evidence evidence, boolean asks) {
        worst = evidence;
        if (asks) {
            fatal = true;
        }
    }

    /** Whether the report that is about to be made asks all; true once. Before it takes what they are to judge by. */
    boolean takeFatal() {
        return (boolean) FATAL.getAndSet(this, false);
    }

    /** This report asks. */
    void asks(CircuitTally tally) {
        asking = tally;
    }

    /** Whether the report that was answered now had asked; true once. */
    @SuppressWarnings("ReferenceEquality") // that very report
    boolean hadAsked(CircuitTally tally) {
        boolean asked = asking == tally;
        if (asked) {
            asking = null;
        }
        return asked;
    }

    /** A report may not have been taken in: what it asked is asked once more. */
    void putBack(CircuitTally tally) {
        if (hadAsked(tally)) {
            fatal = true;
        }
    }

    /** The last one; null if none was seen here. */
    @Nullable
    Evidence worst() {
        return worst;
    }

    /** The last call that failed here, as its agent's failure; taken once, and not if its own thread has found that. */
    Caller.@Nullable Alone takeAlone() {
        Evidence last = worst;
        Caller.Alone alone = last == null ? null : last.source().alone();
        if (last == null || alone == null) {
            return null;
        }
        WORST.compareAndSet(this, last, last.asFound()); // unless another one has failed meanwhile
        return alone.takeAway();
    }

    /** When the longest wait of the streak ends of which others have reported. */
    long waitEndElsewhere() {
        return waitEndElsewhere;
    }

    void hearWaitEnd(long tick) {
        waitEndElsewhere = tick;
    }
}
