package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * How many of the latest calls were bad; one of failures and, while the slow-call rule is on, a second one behind it
 * of slow calls.
 *
 * <p>Recording takes no lock. Sums are weakly consistent: one that is taken while others record may or may not see
 * them, but a recorder that sums after it recorded sees itself and all who were done before.
 */
abstract class RollingWindow {
    static final long NEVER = Long.MIN_VALUE;
    private static final VarHandle CALLERS;

    static {
        try {
            CALLERS = MethodHandles.lookup().findVarHandle(RollingWindow.class, "callers", Callers.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final VarHandle LAST_FAILURE;

    static {
        try {
            LAST_FAILURE = MethodHandles.lookup().findVarHandle(RollingWindow.class, "lastFailure", LastFailure.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final WindowShape shape;
    private final @Nullable RollingWindow slowCalls;
    private volatile @Nullable LastFailure lastFailure;

    /** Who asks and how their calls end, where the circuit must know; made with the first who asks. */
    private volatile @Nullable Callers callers;

    RollingWindow(WindowShape shape, @Nullable RollingWindow slowCalls) {
        this.shape = shape;
        this.slowCalls = slowCalls;
    }

    /** Who asks, or null while nobody needs to know. */
    final @Nullable Callers callers() {
        return callers;
    }

    /** Who asks, from now on. */
    final Callers callers(boolean together, long now) {
        Callers present = callers;
        if (present != null) {
            return present;
        }
        Callers fresh = together ? new FleetCallers(shape, now) : new Callers(shape, now);
        Callers witness = (Callers) CALLERS.compareAndExchange(this, null, fresh);
        return witness == null ? fresh : witness;
    }

    /** Goes on with those of an earlier window, if they count as long. */
    final void keep(@Nullable Callers earlier) {
        if (earlier != null && earlier.shape == shape) {
            callers = earlier;
        }
    }

    /** Where slow calls are counted, or null while that rule is off. */
    final @Nullable RollingWindow slowCalls() {
        return slowCalls;
    }

    /** Counts a call. */
    abstract void add(long now, boolean bad);

    /** The calls that count at this moment, and the bad ones among them, packed as {@link Sum} reads it. */
    abstract long sum(long now);

    final void record(long now, boolean failed, boolean slow) {
        RollingWindow slowCalls = this.slowCalls; // before the addition, which is a barrier
        add(now, failed);
        if (slowCalls != null) {
            slowCalls.add(now, slow);
        }
    }

    /** A call that says nothing but that it was slow. */
    final void recordSlowOnly(long now) {
        if (slowCalls != null) {
            slowCalls.add(now, true);
        }
    }

    final long slowSum(long now) {
        return slowCalls != null ? slowCalls.sum(now) : 0;
    }

    /** The last failure, and what those of its streak have asked for; null if there was none. */
    final @Nullable LastFailure lastFailure() {
        return lastFailure;
    }

    /**
     * Notes a failure.
     *
     * @param waitEnd when the wait ends that it asked for, or {@link #NEVER}
     * @param before what was noted before the failure was added to its streak
     * @param first whether it is the first of its streak, which ends earlier waits
     */
    final void noteFailure(long now, long waitEnd, @Nullable LastFailure before, boolean first) {
        if (first && LAST_FAILURE.compareAndSet(this, before, new LastFailure(now, waitEnd))) {
            return;
        }
        LastFailure seen;
        LastFailure noted;
        do {
            seen = lastFailure;
            noted = new LastFailure(now, Math.max(waitEnd, seen == null ? NEVER : seen.waitEnd()));
        } while (!LAST_FAILURE.compareAndSet(this, seen, noted));
    }

    /** A streak has ended, and with it the waits that had been noted by then. */
    final void endWaits(@Nullable LastFailure before) {
        if (before != null && before.waitEnd() != NEVER) {
            LAST_FAILURE.compareAndSet(this, before, before.withoutWait());
        }
    }

    /** Goes on with what an earlier window of the same streak has noted. */
    final void goOnFrom(@Nullable LastFailure earlier) {
        LAST_FAILURE.compareAndSet(this, null, earlier);
    }

    /** Two counts in one word, so that calculation a rate allocates nothing. */
    static final class Sum {
        private Sum() {}

        static long of(long calls, long bad) {
            return calls << 32 | bad;
        }

        static int calls(long sum) {
            return (int) (sum >>> 32);
        }

        static int bad(long sum) {
            return (int) sum;
        }

        /**
         * Whether the rate has been reached. The quotient of two whole numbers is rounded as the threshold's decimals
         * were, so 55 of 100 reach 0.55; a product would not always.
         */
        static boolean reaches(long sum, double threshold, int minimum) {
            int calls = calls(sum);
            return calls >= minimum && (double) bad(sum) / calls >= threshold; // 0 of 0 reaches nothing
        }
    }
}
