package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An epoch in closed: everything is admitted, outcomes are counted, and enough failures, or slow calls, ask for
 * open.
 *
 * <p><b>Where it trips</b>: {@link #reasonToTrip}. Streak, window and the waits that failures ask for are
 * updated one after the other: a success and a failure that end at the same time may be seen in different orders. The
 * window is made with the first outcome; a circuit that was never used has none.
 *
 * <p><b>The seal.</b> One epoch may need a second object: when a policy counts otherwise (another scope, another
 * window), or when the circuit is forgotten. Before it is replaced the object at hand is {@linkplain #seal sealed}: its
 * streak stays what it is, and what would change it hears of that and goes to the object that takes its place. So
 * nothing is counted where nobody looks, and nobody waits: who finds a seal may replace the object himself. A seal is
 * never broken. Decision 0090.
 */
class ClosedEpoch extends Epoch {
    private static final VarHandle STREAK;
    private static final VarHandle WINDOW;

    /** The bit of the streak that seals it. */
    private static final int SEAL = Integer.MIN_VALUE;

    /** The bit of the streak that says that successes are looked at: a probe has failed, and may have been wrong. */
    private static final int WATCH = 1 << 30;

    private static final int COUNT = WATCH - 1;

    static {
        try {
            STREAK = MethodHandles.lookup().findVarHandle(ClosedEpoch.class, "streak", int.class);
            WINDOW = MethodHandles.lookup().findVarHandle(ClosedEpoch.class, "window", RollingWindow.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Failures since the last success; negative once sealed. */
    private volatile int streak;

    private volatile @Nullable RollingWindow window;

    ClosedEpoch(Origin origin) {
        super(origin);
    }

    /** The same epoch as a second object: for a policy that counts the same way it keeps the window. */
    ClosedEpoch(ClosedEpoch sealed, Policy policy) {
        super(sealed.origin);
        streak = sealed.streak & ~SEAL;
        RollingWindow counted = sealed.window;
        window = counted != null && counted.shape == policy.shape && sealed.countsFor(policy.fleet) ? counted : null;
    }

    /** Goes on with the waits of the same streak, which a new window does not know. */
    final void keepWaits(ClosedEpoch sealed, Policy policy) {
        if (window == null && sealed.waitEnd() != RollingWindow.NEVER) {
            window(policy).goOnFrom(sealed.window == null ? null : sealed.window.lastFailure());
        }
    }

    /** Goes on with callers that were seen in an earlier epoch. */
    final void keep(@Nullable Callers callers, Policy policy) {
        if (callers != null) {
            window(policy).keep(callers);
        }
    }

    /** Whether this object counts as a policy says: for itself or with others, and in a window of its shape. */
    final boolean fits(Policy policy) {
        RollingWindow window = this.window;
        return countsFor(policy.fleet) && (window == null || window.shape == policy.shape);
    }

    /** Whether this object counts for itself, or together with all processes of a fleet. */
    boolean countsFor(@Nullable Fleet fleet) {
        return fleet == null;
    }

    @Override
    final CircuitState state() {
        return CircuitState.CLOSED;
    }

    /**
     * A fast success, the path of almost every call; false if it must be taken in elsewhere.
     *
     * @param began the tick at which the call began; {@link Long#MAX_VALUE} if this object admitted it, {@link
     *     Long#MIN_VALUE} if nobody knows
     */
    final boolean succeed(Policy policy, Caller caller, CircuitId id, long began) {
        if (streak != 0 && !endStreak(policy, id, began)) {
            return false;
        }
        succeed(window(policy), policy.time, caller, id);
        return true;
    }

    /** A fast success that ends no streak and is not the first: of almost every call. False if it must be taken in by
     * {@link #succeed}. */
    final boolean succeedAgain(TimeSource time, Caller caller, CircuitId id) {
        RollingWindow window = this.window;
        if (streak != 0 || window == null) {
            return false;
        }
        succeed(window, time, caller, id);
        return true;
    }

    private static void succeed(RollingWindow window, TimeSource time, Caller caller, CircuitId id) {
        Callers callers = window.callers();
        long now = window.shape.now(time);
        window.record(now, false, false);
        if (callers != null) {
            callers.succeeded(caller.slotAt(id), now, true);
        }
    }

    @Override
    final @Nullable Move settle(Policy policy, Place place, Evidence evidence) {
        if (evidence.isSilent()) {
            return null;
        }
        RollingWindow window = window(policy);
        LastFailure before = window.lastFailure();
        boolean answered = false;
        Callers callers = evidence.isAnswered() || policy.minCallers > 1
                ? window.callers(policy.fleet != null, evidence.now())
                : window.callers();
        if (callers != null) {
            answered = evidence.note(callers);
        }
        int failures = count(evidence, answered || evidence.succeeded());
        if (failures < 0) {
            if (answered && callers != null) {
                callers.forgetAnswered(evidence.slot());
            }
            return Move.SEALED;
        }
        boolean bad = evidence.failed() || evidence.slow();
        if (evidence.failed()) {
            window.noteFailure(evidence.now(), evidence.waitEnd(), before, failures == 1);
        }
        if (bad) {
            noted(policy, evidence);
        }
        // Last, since who reports what is counted may do so at once, and reports with it what was noted.
        if (evidence.isIgnored()) {
            window.recordSlowOnly(evidence.now());
        } else {
            window.record(evidence.now(), evidence.failed(), evidence.slow());
        }
        if (!bad) {
            return null; // a fast success never trips
        }
        TransitionCause cause = reasonToTrip(policy, evidence, failures, window);
        return cause == null ? null : trip(policy, evidence, failures, window, cause);
    }

    /** Hears of a failure, or a slow call, that is about to be counted. */
    void noted(Policy policy, Evidence evidence) {}

    /** Trips, if enough callers are failing, and all who count together agree. */
    private @Nullable Move trip(
            Policy policy, Evidence evidence, int failures, RollingWindow window, TransitionCause cause) {
        if (!evidence.isEverybodys() && !allows(policy, evidence.now())) {
            return Move.ALONE;
        }
        if (!decides(policy, evidence, cause)) {
            return null;
        }
        return Move.trip(
                evidence.isAgents() ? TransitionCause.CALLER_ALONE : cause,
                evidence.kind(),
                evidence.retryAfterNanos(),
                figures(window, failures, evidence.now()));
    }

    /** Whether enough callers are failing for this circuit to open by itself, as far as is known here. */
    final boolean allows(Policy policy, long now) {
        if (policy.minCallers <= 1) {
            return true;
        }
        RollingWindow window = this.window;
        Callers callers = window == null ? null : window.callers();
        return callers == null || callers.allow(policy.minCallers, now);
    }

    /** Whether what was counted here opens the circuit; else others are asked first. */
    boolean decides(Policy policy, Evidence evidence, TransitionCause cause) {
        return true;
    }

    @Override
    final void asked(Policy policy, int slot, long now) {
        if (policy.minCallers > 1) {
            window(policy).callers(policy.fleet != null, now).asked(slot, now);
        }
    }

    @Override
    final @Nullable Callers callers() {
        RollingWindow window = this.window;
        return window == null ? null : window.callers();
    }

    @Override
    final Evidence weigh(Policy policy, Evidence evidence) {
        Callers callers = callers();
        return callers == null || policy.minCallers <= 1 ? evidence : evidence.beside(callers);
    }

    /** The rule by which a circuit trips: null to go on. */
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        if (evidence.isFatal()) {
            return TransitionCause.FAILURE_KIND;
        }
        if (evidence.failed() && policy.streakRule && failures >= policy.failureThreshold) {
            return TransitionCause.FAILURE_STREAK;
        }
        if (policy.rateRule
                && RollingWindow.Sum.reaches(window.sum(evidence.now()), policy.failureRateThreshold, policy.minimum)) {
            return TransitionCause.FAILURE_RATE;
        }
        if (policy.timed
                && RollingWindow.Sum.reaches(
                        window.slowSum(evidence.now()), policy.slowCallRateThreshold, policy.minimum)) {
            return TransitionCause.SLOW_CALL_RATE;
        }
        return null;
    }

    @Override
    final @Nullable Move override(ManualOverride override, Policy policy, long now, long holdEnd) {
        return switch (override.action()) {
            case OPEN -> Move.override(CircuitState.OPEN, override, false, figures(now));
            case RESET -> Move.override(CircuitState.CLOSED, override, true, null);
            case CLOSE, RELEASE -> isHeld() ? Move.override(CircuitState.CLOSED, override, true, null) : null;
            case HOLD_OPEN -> Move.hold(CircuitState.OPEN, override, holdEnd, figures(now));
            case HOLD_CLOSED -> repeatsHold(override) ? null : Move.hold(CircuitState.CLOSED, override, holdEnd, null);
            case PROBE_NOW -> null;
        };
    }

    @Override
    final long begins() {
        return origin.transition == null ? Long.MIN_VALUE : origin.ticks;
    }

    @Override
    final Figures figures(long now) {
        RollingWindow window = this.window;
        return window == null ? new Figures(0, 0, 0, 0, streak()) : figures(window, streak(), now);
    }

    @Override
    final long lastFailure() {
        RollingWindow window = this.window;
        LastFailure last = window == null ? null : window.lastFailure();
        return last == null ? RollingWindow.NEVER : last.at();
    }

    @Override
    long waitEnd() {
        RollingWindow window = this.window;
        LastFailure last = window == null || streak() == 0 ? null : window.lastFailure();
        return last == null ? RollingWindow.NEVER : last.waitEnd();
    }

    @Override
    boolean isClosedAndClean() {
        return true;
    }

    final int streak() {
        return streak & COUNT;
    }

    /** From now on successes are looked at; before anybody can see this object. */
    final void watch() {
        streak |= WATCH;
    }

    /** Seals this object: from now on its streak stays what it is, and its counts go to whatever takes its place. */
    final void seal() {
        int seen = streak;
        while (seen >= 0 && !STREAK.compareAndSet(this, seen, seen | SEAL)) {
            seen = streak;
        }
    }

    /** Seals this object if its streak is still what somebody saw. */
    final boolean seal(int seen) {
        return STREAK.compareAndSet(this, seen, seen | SEAL)
                || STREAK.compareAndSet(this, seen | WATCH, seen | WATCH | SEAL);
    }

    /** Counts an outcome in the streak; returns how long that is now, negative if it is sealed. */
    private int count(Evidence evidence, boolean signOfLife) {
        if (evidence.failed()) {
            return addToStreak();
        }
        int failures = streak;
        if (signOfLife && failures != 0) {
            return endStreak() ? 0 : SEAL;
        }
        return failures < 0 ? failures : failures & COUNT;
    }

    private int addToStreak() {
        int seen = streak;
        while (seen >= 0) {
            int more = (seen & COUNT) == COUNT ? seen : seen + 1;
            if (STREAK.compareAndSet(this, seen, more)) {
                return more & COUNT;
            }
            seen = streak;
        }
        return seen;
    }

    /** Ends the streak unless it is sealed. */
    private boolean endStreak() {
        RollingWindow window = this.window;
        LastFailure before = window == null ? null : window.lastFailure();
        int seen = streak;
        while (seen > 0 && (seen & COUNT) != 0 && !STREAK.compareAndSet(this, seen, seen & WATCH)) {
            seen = streak;
        }
        if (window != null && seen > 0 && (seen & COUNT) != 0) {
            window.endWaits(before);
        }
        return seen >= 0;
    }

    /** Ends the streak by a success, which may say something about a probe that failed. */
    private boolean endStreak(Policy policy, CircuitId id, long began) {
        if (!endStreak()) {
            return false;
        }
        int seen = streak;
        if ((seen & WATCH) != 0 && !policy.engine.followed().succeeded(id, began)) {
            while (seen >= 0 && !STREAK.compareAndSet(this, seen, seen & ~WATCH)) {
                seen = streak;
            }
        }
        return true;
    }

    private RollingWindow window(Policy policy) {
        RollingWindow window = this.window;
        return window != null ? window : firstWindow(policy.shape);
    }

    RollingWindow create(WindowShape shape) {
        return Windows.of(shape);
    }

    private RollingWindow firstWindow(WindowShape shape) {
        RollingWindow fresh = create(shape);
        RollingWindow witness = (RollingWindow) WINDOW.compareAndExchange(this, null, fresh);
        return witness == null ? fresh : witness;
    }

    private static Figures figures(RollingWindow window, int failures, long now) {
        long sum = window.sum(now);
        long slow = window.slowSum(now);
        return new Figures(
                RollingWindow.Sum.calls(sum),
                RollingWindow.Sum.bad(sum),
                RollingWindow.Sum.calls(slow),
                RollingWindow.Sum.bad(slow),
                failures);
    }
}
