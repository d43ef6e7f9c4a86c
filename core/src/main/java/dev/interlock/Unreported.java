package dev.interlock;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch of a shared circuit has counted in closed and not reported yet, and how its reports go.
 *
 * <p>It is {@code noted} while it is in the list that each round reports, {@code urgent} while it is to be reported
 * at once, and at most one report is under way. The thread that sets a flag enters it in the list, once, so neither list grows
 * with the number of calls. Counting neither locks nor allocates.
 */
final class Unreported {
    /** A report on its way. */
    record Report(long at, boolean urgent) {}

    /** How long an answer to an urgent report holds, whatever is counted here. */
    private static final long CALM = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long a breach waits to be reported before this process judges by itself, should its thread hang or be lost. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    /** After this a report counts as lost, though nobody said so. */
    private static final long LOST = TimeUnit.SECONDS.toNanos(5);

    /** In place of a tick: nobody has to be asked at once. */
    private static final long CALMLY = Long.MIN_VALUE;

    private static final VarHandle NOTED;
    private static final VarHandle URGENT;
    private static final VarHandle REPORT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NOTED = lookup.findVarHandle(Unreported.class, "noted", boolean.class);
            URGENT = lookup.findVarHandle(Unreported.class, "urgentSince", long.class);
            REPORT = lookup.findVarHandle(Unreported.class, "report", Report.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final CircuitId id;
    private final Tallies tallies;

    /** Calls and failures, timed and slow calls; packed as a window's sum is. */
    private final LongAdder calls = new LongAdder();

    private final LongAdder timed = new LongAdder();

    /** What belongs to its failures in addition to their number. */
    private final SharedFailures failures = new SharedFailures();

    /** The circuit's callers, once there are any. */
    private volatile @Nullable FleetCallers callers;

    private volatile boolean noted;

    /** Since when all are to be asked at once, or {@link #CALMLY}. */
    private volatile long urgentSince = CALMLY;

    private volatile @Nullable Report report;
    private volatile long calmUntil;

    /** Set while the last report was not answered: then this process judges by itself. */
    private volatile boolean alone;

    Unreported(CircuitId id, Tallies tallies) {
        this.id = id;
        this.tallies = tallies;
        this.calmUntil = tallies.now();
    }

    CircuitId id() {
        return id;
    }

    SharedFailures failures() {
        return failures;
    }

    void count(boolean failed) {
        calls.add(RollingWindow.Sum.of(1, failed ? 1 : 0));
        note();
    }

    void countTimed(boolean slow) {
        timed.add(RollingWindow.Sum.of(1, slow ? 1 : 0));
        note();
    }

    /**
     * The figures of this process say that the circuit should open: asks all at once, but not again for each failure.
     *
     * @return false if they were to be asked long ago and nobody has come to it, so that this process judges by itself
     */
    boolean hurry() {
        long since = urgentSince;
        long now = tallies.now();
        if (since != CALMLY) {
            return now - since < PATIENCE;
        }
        if (now - calmUntil >= 0 && URGENT.compareAndSet(this, CALMLY, now)) {
            tallies.hurry(this);
        }
        return true;
    }

    /** Whether this process judges by itself, since its last report was not answered. */
    boolean isAlone() {
        return alone;
    }

    /** What was counted since the last report, calls and failures first, then timed and slow calls. */
    long takeCalls() {
        return calls.sumThenReset();
    }

    long takeTimed() {
        return timed.sumThenReset();
    }

    /** The circuit has callers, of which an earlier epoch may have left something to report. */
    void report(FleetCallers known) {
        callers = known;
        if (known.isUnreported()) {
            note();
        }
    }

    /** Who asked since the last report, and how their last calls ended. */
    CallerSlots takeCallers(@Nullable Callers present) {
        if (!(present instanceof FleetCallers known)) {
            return CallerSlots.NONE;
        }
        callers = known;
        return known.take();
    }

    /** Reports once more who asked, how calls ended and what all are asked, since a report may not have been taken in. */
    void putBackCallers(CircuitTally tally) {
        failures.putBack(tally);
        FleetCallers known = callers;
        if (known != null && !tally.callers().isEmpty()) {
            known.putBack(tally.callers());
            note();
        }
    }

    /** Counts here again what was not counted elsewhere. */
    void putBack(CircuitTally tally) {
        putBackCallers(tally);
        putBack(tally.calls(), tally.failures(), tally.timed(), tally.slow());
    }

    void putBack(int ofCalls, int failures, int ofTimed, int slow) {
        calls.add(RollingWindow.Sum.of(ofCalls, failures));
        timed.add(RollingWindow.Sum.of(ofTimed, slow));
        note();
    }

    /** Forgets what was counted while nobody could be asked. */
    void drop() {
        urgentSince = CALMLY;
        calls.reset();
        timed.reset();
    }

    /** Notes this for the next round, unless it is noted. */
    void note() {
        if (!noted && NOTED.compareAndSet(this, false, true)) {
            tallies.note(this);
        }
    }

    /** Taken off the list: what is counted from now on notes it once more. */
    void isTaken() {
        noted = false;
    }

    boolean isEmpty() {
        FleetCallers known = callers;
        return calls.sum() == 0 && timed.sum() == 0 && (known == null || !known.isUnreported());
    }

    /** Begins a report; null if one is under way. */
    @Nullable
    Report begin(long now) {
        Report present = report;
        if (present != null && now - present.at < LOST) {
            return null;
        }
        alone |= present != null;
        Report begun = new Report(now, urgentSince != CALMLY);
        return REPORT.compareAndSet(this, present, begun) ? begun : null;
    }

    /** Ends a report that was not made, since what it builds on is not stored yet: it is for the next round. */
    void postpone(Report begun) {
        REPORT.compareAndSet(this, begun, null);
        if (begun.urgent) {
            calmUntil = tallies.now() + CALM;
            urgentSince = CALMLY;
        }
        note();
    }

    /**
     * Ends a report.
     *
     * @param answered whether the others said what follows
     * @param calm how long their answer holds at least, in nanoseconds
     */
    void ended(Report ended, boolean answered, long calm) {
        if (!REPORT.compareAndSet(this, ended, null)) {
            return; // it came too late: another one is under way
        }
        alone = !answered;
        if (ended.urgent) {
            calmUntil = tallies.now() + Math.max(CALM, calm);
            urgentSince = CALMLY;
        } else if (urgentSince != CALMLY) {
            tallies.hurry(this); // the breach came while this one was under way
        }
    }
}
