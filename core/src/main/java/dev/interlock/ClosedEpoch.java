package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An epoch in closed: everything is admitted, outcomes are counted, and enough failures move for open.
 *
 * <p>The window is made with the first outcome, so an idle circuit owns none, and anew when the policy asks for another
 * shape. Streak and window are two words: of a success and a failure that end at the same time each may see another
 * order.
 */
class ClosedEpoch extends Epoch {
    private static final VarHandle STREAK;
    private static final VarHandle WINDOW;

    static {
        try {
            STREAK = MethodHandles.lookup().findVarHandle(ClosedEpoch.class, "streak", int.class);
            WINDOW = MethodHandles.lookup().findVarHandle(ClosedEpoch.class, "window", RollingWindow.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile int streak;
    private volatile @Nullable RollingWindow window;

    ClosedEpoch(Origin origin) {
        super(origin);
    }

    /** An epoch that counts for itself, or with other processes, as the policy says. */
    static ClosedEpoch of(CircuitId id, Origin origin, Policy policy) {
        return policy.scope == null
                ? new ClosedEpoch(origin)
                : new SharedClosedEpoch(origin, id, policy.scope.tallies());
    }

    /** The same epoch for a policy of the other scope; what is counted in a row goes along, a window starts clean. */
    final ClosedEpoch rescoped(CircuitId id, Policy policy) {
        ClosedEpoch other = of(id, origin, policy);
        other.streak = streak;
        return other;
    }

    /** Whether this epoch counts for itself or with others as a policy says. */
    boolean isOf(@Nullable Fleet fleet) {
        return fleet == null || isHeld();
    }

    @Override
    final CircuitState state() {
        return CircuitState.CLOSED;
    }

    @Override
    @Nullable
    Move moveAt(Policy policy, long now) {
        return null;
    }

    @Override
    final long refusal(Policy policy, long now) {
        return 0;
    }

    /** A fast success: the path of almost every call. */
    final void succeed(Policy policy) {
        if (streak != 0) {
            streak = 0;
        }
        RollingWindow window = window(policy.shape);
        window.record(window.shape.now(policy.time), false, false);
    }

    @Override
    final @Nullable Move settle(Policy policy, Place place, Evidence evidence) {
        if (evidence.isSilent()) {
            return null;
        }
        RollingWindow window = window(policy.shape);
        if (evidence.verdict() == Verdict.IGNORED) {
            window.recordSlowOnly(evidence.now());
        } else {
            window.record(evidence.now(), evidence.failed(), evidence.slow());
        }
        int failures = streak;
        if (evidence.failed()) {
            failures = addToStreak();
        } else if (evidence.verdict() == Verdict.SUCCESS && failures != 0) {
            failures = 0;
            streak = 0;
        }
        if (!evidence.failed() && !evidence.slow()) {
            return null; // a fast success never trips
        }
        TransitionCause cause = reasonToTrip(policy, evidence, failures, window);
        return cause == null
                ? null
                : Move.trip(
                        cause, evidence.kind(), evidence.retryAfterNanos(), figures(window, failures, evidence.now()));
    }

    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        if (evidence.verdict() == Verdict.FATAL) {
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
    @Nullable
    Move override(ManualOverride override, Policy policy, long now, long holdEnd) {
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
        return window == null ? new Figures(0, 0, 0, 0, streak) : figures(window, streak, now);
    }

    @Override
    final long lastFailure() {
        RollingWindow window = this.window;
        return window == null ? RollingWindow.NEVER : window.lastFailure();
    }

    @Override
    boolean isClosedAndClean() {
        return true;
    }

    /** Begins a clean window if the one at hand is of another shape. */
    final void reshape(WindowShape shape) {
        RollingWindow window = this.window;
        if (window != null && window.shape != shape) {
            WINDOW.compareAndSet(this, window, null);
        }
    }

    final int streak() {
        return streak;
    }

    private int addToStreak() {
        int before = (int) STREAK.getAndAdd(this, 1);
        if (before == Integer.MAX_VALUE) {
            streak = Integer.MAX_VALUE;
            return Integer.MAX_VALUE;
        }
        return before + 1;
    }

    private RollingWindow window(WindowShape shape) {
        RollingWindow window = this.window;
        return window != null && window.shape == shape ? window : newWindow(window, shape);
    }

    RollingWindow create(WindowShape shape) {
        return shape.create();
    }

    private RollingWindow newWindow(@Nullable RollingWindow old, WindowShape shape) {
        RollingWindow fresh = create(shape);
        RollingWindow witness = (RollingWindow) WINDOW.compareAndExchange(this, old, fresh);
        return witness == old || witness == null ? fresh : witness;
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
