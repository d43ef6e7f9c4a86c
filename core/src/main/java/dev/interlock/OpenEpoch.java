package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * An epoch in open: everything is refused until the cooldown is over, or for as long as somebody holds it. Nothing is
 * admitted here, so no outcome can belong to it.
 */
final class OpenEpoch extends TrippedEpoch {
    /** The least that a refusal says while probes have not decided. */
    private static final long WHILE_PROBING = 1_000_000_000L;

    private static final long LEAST_TURN = 1_000_000_000L;

    private final @Nullable HoldTerm holdTerm;

    /** Only ever moved to an earlier tick. */
    private volatile long cooldownEnd;

    /** How long after it the caller whose trial failed last is no trial. */
    private final long turn;

    /** Set while probes decide whether trials are let in. */
    private volatile @Nullable Prober prober;

    OpenEpoch(Origin origin, Trip trip, long cooldownEnd, @Nullable HoldTerm holdTerm, @Nullable Callers callers) {
        super(origin, trip, callers);
        this.cooldownEnd = cooldownEnd;
        this.holdTerm = holdTerm;
        this.turn = Math.max(LEAST_TURN, (cooldownEnd - origin.ticks) / 10);
    }

    @Override
    CircuitState state() {
        return CircuitState.OPEN;
    }

    @Override
    @Nullable
    Move moveAt(Policy policy, long now) {
        if (holdTerm != null) {
            return holdTerm.isOver(now) ? Move.plain(CircuitState.OPEN, TransitionCause.HOLD_ENDED) : null;
        }
        if (refusal(policy, now) > 0) {
            return null;
        }
        Prober prober = prober(policy);
        boolean probesAgree = prober == null || prober.isReady();
        return Move.plain(
                CircuitState.HALF_OPEN, probesAgree ? TransitionCause.COOLDOWN_OVER : TransitionCause.REAL_TRIAL);
    }

    @Override
    long refusal(Policy policy, long now) {
        if (holdTerm != null) {
            return holdTerm.hasEnd() ? holdTerm.left(now) : policy.cooldown;
        }
        long cooling = cooldownEnd - now;
        if (cooling > 0) {
            return cooling;
        }
        ProbeSettings probe = policy.probe();
        Prober prober = prober(policy);
        if (probe == null || prober == null || prober.isReady() || prober.owesTrial(trip)) {
            return 0;
        }
        long untilRealTrial = realTrialDue(probe) - now;
        return Math.max(0, Math.min(untilRealTrial, Math.max(WHILE_PROBING, prober.earliestEnd() - now)));
    }

    @Override
    long heldBack(Policy policy, int slot, int failedLast, long now) {
        return isHeld() ? 0 : trip.heldBack(policy.minCallers, callers(), slot, failedLast, turnEnd(), now);
    }

    /** The tick until which the caller whose trial failed last is no trial. */
    long turnEnd() {
        return cooldownEnd + turn;
    }

    @Override
    @Nullable
    Move override(ManualOverride override, Policy policy, long now, long newHoldEnd) {
        return switch (override.action()) {
            // One that only observes opens for callers only now: a person's action is no repetition.
            case OPEN -> refuses(policy) ? null : Move.override(CircuitState.OPEN, override, false, null);
            case CLOSE, RESET -> Move.override(CircuitState.CLOSED, override, true, null);
            case HOLD_OPEN -> repeatsHold(override) ? null : Move.hold(CircuitState.OPEN, override, newHoldEnd, null);
            case HOLD_CLOSED -> Move.hold(CircuitState.CLOSED, override, newHoldEnd, null);
            case RELEASE -> isHeld() ? Move.override(CircuitState.OPEN, override, true, null) : null;
            case PROBE_NOW -> {
                shorten(now);
                yield null;
            }
        };
    }

    @Override
    @Nullable
    HoldTerm holdTerm() {
        return holdTerm;
    }

    /** Ends the cooldown at a tick, if that is earlier and nobody holds the circuit. */
    void shorten(long end) {
        if (!isHeld() && cooldownEnd > end) {
            cooldownEnd = end;
        }
    }

    long cooldownEnd() {
        return cooldownEnd;
    }

    @Nullable
    Prober prober() {
        return prober;
    }

    void probedBy(@Nullable Prober newProber) {
        prober = newProber;
    }

    /** When a real trial is let in whatever probes say; {@link RollingWindow#NEVER} while they do not decide. */
    long realTrialDue(Policy policy) {
        ProbeSettings probe = policy.probe();
        Prober prober = prober(policy);
        return probe == null || prober == null || prober.isReady()
                ? RollingWindow.NEVER
                : prober.owesTrial(trip) ? cooldownEnd : realTrialDue(probe);
    }

    /**
     * Counted from the trip or the last real trial, over restarts; if that time was over before the cooldown, probes have
     * theirs first.
     */
    private long realTrialDue(ProbeSettings probe) {
        long after = Nanos.of(probe.realTrialAfter());
        long due = trip.realTrial() + after;
        long probing = Nanos.of(probe.interval()) + probe.needed() * Nanos.of(probe.spacing());
        return due > cooldownEnd ? due : cooldownEnd + Math.min(after, probing);
    }

    /** What decides whether trials are let in; null if the cooldown alone does. */
    private @Nullable Prober prober(Policy policy) {
        Prober present = prober;
        return policy.probe() != null && present != null && present.decides() ? present : null;
    }
}
