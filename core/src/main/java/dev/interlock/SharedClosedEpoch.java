package dev.interlock;

import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyRules;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * An epoch in closed of a circuit that other processes share: what it counts it also tells, and as long as all can be
 * asked their figures decide. What trips at once still does.
 */
final class SharedClosedEpoch extends ClosedEpoch {
    private final CircuitId id;
    private final SharedScope scope;

    /** Calls and failures, timed and slow calls since the last tally; packed as a window's sum is. */
    private final LongAdder calls = new LongAdder();

    private final LongAdder timed = new LongAdder();

    /** Set while something waits to be told; whoever sets it notes this epoch. */
    private final AtomicBoolean noted = new AtomicBoolean();

    /** Set while the last tally was not answered: then this process judges by itself. */
    private volatile boolean alone;

    private volatile @Nullable Evidence worst;

    /** Whether a tally is under way; only for the thread of the scope. */
    private boolean asked;

    SharedClosedEpoch(Origin origin, CircuitId id, SharedScope scope) {
        super(origin);
        this.id = id;
        this.scope = scope;
    }

    @Override
    boolean isOf(@Nullable SharedScope other) {
        return other == scope;
    }

    @Override
    RollingWindow create(WindowShape shape) {
        return new TalliedWindow(shape, shape.create(), this);
    }

    @Override
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        worst = evidence;
        TransitionCause cause = super.reasonToTrip(policy, evidence, failures, window);
        if (cause == null || cause == TransitionCause.FAILURE_KIND || alone || !scope.isAttached()) {
            return cause;
        }
        scope.tellNow(this);
        return null;
    }

    void count(boolean failed) {
        calls.add(RollingWindow.Sum.of(1, failed ? 1 : 0));
        note();
    }

    void countTimed(boolean slow) {
        timed.add(RollingWindow.Sum.of(1, slow ? 1 : 0));
        note();
    }

    private void note() {
        if (!noted.get() && noted.compareAndSet(false, true)) {
            scope.note(this);
        }
    }

    CircuitId id() {
        return id;
    }

    /** Begins a tally; false if one is under way. What is counted from now on belongs to the next. */
    boolean ask() {
        if (asked) {
            return false;
        }
        asked = true;
        noted.set(false);
        return true;
    }

    /** Ends it. */
    void answered(boolean heard) {
        asked = false;
        alone = !heard;
    }

    /** Forgets what was counted while nobody could be told. */
    void drop() {
        noted.set(false);
        calls.reset();
        timed.reset();
    }

    /** What was counted since the last tally. */
    CircuitTally take(long basis, Policy policy) {
        long sum = calls.sumThenReset();
        long slowSum = timed.sumThenReset();
        int failures = RollingWindow.Sum.bad(sum);
        return new CircuitTally(
                id.organization(),
                id.name(),
                basis,
                RollingWindow.Sum.calls(sum),
                failures,
                RollingWindow.Sum.calls(slowSum),
                RollingWindow.Sum.bad(slowSum),
                Math.min(streak(), failures),
                rules(policy));
    }

    /** Takes back what was not counted. */
    void putBack(CircuitTally tally) {
        calls.add(RollingWindow.Sum.of(tally.calls(), tally.failures()));
        timed.add(RollingWindow.Sum.of(tally.timed(), tally.slow()));
        note();
    }

    /** The last failure, or slow call, that was seen here; null if none was. */
    @Nullable
    Evidence worst() {
        return worst;
    }

    private static TallyRules rules(Policy policy) {
        return new TallyRules(
                policy.streakRule ? policy.failureThreshold : 0,
                policy.failureRateThreshold,
                policy.slowCallRateThreshold,
                policy.minimum,
                policy.config.window().time(),
                policy.config.window().calls());
    }
}
