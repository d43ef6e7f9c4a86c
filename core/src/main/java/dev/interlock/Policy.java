package dev.interlock;

import dev.interlock.store.TallyRules;
import org.jspecify.annotations.Nullable;

/**
 * A configuration made ready for deciding: durations as nanoseconds, treatments by number, what follows from them.
 *
 * <p>Immutable but for a mark, one for all circuits of a pattern; carries the {@link Engine} that they share, so that a circuit needs
 * one reference for both.
 */
final class Policy implements GateBoard.Governed {
    private static final double RATE_LIMIT_JITTER = 0.2;

    final String name;
    final CircuitBreakerConfig config;
    final WindowShape shape;
    final Engine engine;
    final TimeSource time;

    /** All processes that share the circuits; null if each decides for itself. */
    final @Nullable Fleet fleet;

    /** Whether calls must be timed. */
    final boolean timed;

    /** Whether there is any gate, for any call: then it is looked up who is covered. */
    private volatile boolean gated;

    final boolean streakRule;
    final int failureThreshold;
    final boolean rateRule;
    final double failureRateThreshold;
    final double slowCallRateThreshold;
    final int minimum;
    final int halfOpenMaxRequests;
    final int trialsAtOnce;
    final int successThreshold;
    final long trialTimeout;
    /** How it is tried together with others; beside failing probes one trial at a time. */
    final TrialRules trials;

    final TrialRules realTrials;
    final long cooldown;

    private final long slowCall;
    private final long cooldownMax;
    private final long retryAfterMax;

    Policy(String name, CircuitBreakerConfig config, WindowShape shape, Engine engine, @Nullable Fleet fleet) {
        this.name = name;
        this.config = config;
        this.shape = shape;
        this.engine = engine;
        this.time = engine.time;
        this.fleet = config.scope() == Scope.SHARED ? fleet : null;
        Integer streak = config.failureThreshold();
        streakRule = streak != null;
        failureThreshold = streak != null ? streak : Integer.MAX_VALUE;
        Double rate = config.failureRateThreshold();
        rateRule = rate != null;
        failureRateThreshold = rate != null ? rate : 2;
        Double slowRate = config.slowCallRateThreshold();
        slowCallRateThreshold = slowRate != null ? slowRate : 2;
        timed = config.slowCallDuration() != null;
        slowCall = config.slowCallDuration() != null ? Nanos.of(config.slowCallDuration()) : Long.MAX_VALUE;
        minimum = config.minRequestsForRate();
        halfOpenMaxRequests = config.halfOpenMaxRequests();
        trialsAtOnce = config.trialsAtOnce();
        successThreshold = config.successThreshold();
        trialTimeout = Nanos.of(config.trialTimeout());
        trials = new TrialRules(halfOpenMaxRequests, trialsAtOnce, successThreshold, trialTimeout);
        realTrials = new TrialRules(halfOpenMaxRequests, 1, successThreshold, trialTimeout);
        cooldown = Nanos.of(config.cooldown());
        cooldownMax = Nanos.of(config.cooldownMax());
        retryAfterMax = Nanos.of(config.retryAfterMax());
    }

    @Override
    public void gated(boolean any) {
        gated = any;
    }

    boolean isGated() {
        return gated;
    }

    /**
     * Judges an outcome.
     *
     * @param tookNanos how long the call took, negative if nobody measured
     */
    Evidence judge(Outcome outcome, long tookNanos, long now) {
        Evidence.Verdict verdict = verdict(outcome);
        // Of ignored calls one that its caller gave up is slow all the same: that is how a hanging agent shows.
        boolean slow =
                isSlow(tookNanos) && (verdict != Evidence.Verdict.IGNORED || outcome.kind() == FailureKind.CANCELLED);
        return new Evidence(verdict, slow, outcome.kind(), outcome.retryAfterNanos(), now);
    }

    private Evidence.Verdict verdict(Outcome outcome) {
        FailureKind kind = outcome.kind();
        if (kind == null) {
            return Evidence.Verdict.SUCCESS;
        }
        return switch (config.treatment(kind, outcome.retryAfterNanos() >= 0)) {
            case COUNT -> Evidence.Verdict.FAILURE;
            case TRIP -> Evidence.Verdict.FATAL;
            case IGNORE -> Evidence.Verdict.IGNORED;
        };
    }

    /** By what rules all processes judge a shared circuit together. */
    TallyRules tallyRules() {
        return new TallyRules(
                streakRule ? failureThreshold : 0,
                failureRateThreshold,
                slowCallRateThreshold,
                minimum,
                config.window().time(),
                config.window().calls());
    }

    boolean isSlow(long tookNanos) {
        return tookNanos >= slowCall;
    }

    @Nullable
    ProbeSettings probe() {
        return config.probe();
    }

    /**
     * The cooldown of an opening.
     *
     * @param failedTrials failed trials since the trip
     * @param kind the failure that opens, if one does
     * @param retryAfterNanos its Retry-After, negative for none
     */
    long cooldown(int failedTrials, @Nullable FailureKind kind, long retryAfterNanos) {
        double share = engine.random.getAsDouble();
        long asked = Math.min(retryAfterNanos, retryAfterMax);
        if (kind == FailureKind.RATE_LIMITED && asked >= 0) {
            return Math.min(retryAfterMax, asked + (long) (asked * RATE_LIMIT_JITTER * share));
        }
        double grown = Math.min(cooldown * Math.pow(config.cooldownMultiplier(), failedTrials), cooldownMax);
        long own = (long) (grown * (1 + config.cooldownJitter() * share));
        return Math.max(own, asked);
    }
}
