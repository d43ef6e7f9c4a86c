package dev.interlock;

import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A configuration made ready for deciding: durations as nanoseconds, treatments by number, what follows from them.
 *
 * <p>Immutable, one for all circuits of a pattern; carries what they share with their manager, so that a circuit needs
 * one reference for both.
 */
final class Policy {
    private static final double RATE_LIMIT_JITTER = 0.2;

    final String name;
    final CircuitBreakerConfig config;
    final WindowShape shape;
    final CircuitBreakerManager manager;
    final TimeSource time;

    /** What decides together with other processes; null if this one decides alone. */
    final @Nullable Fleet scope;

    /** Whether calls must be timed. */
    final boolean timed;

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
    final long cooldown;

    /** How it is tried, together with others; beside failing probes one trial at a time. */
    final TrialRules trials;

    final TrialRules realTrials;

    private final long slowCall;
    private final long cooldownMax;
    private final long retryAfterMax;
    private final DoubleSupplier random;

    Policy(String name, CircuitBreakerConfig config, WindowShape shape, CircuitBreakerManager manager) {
        this.name = name;
        this.config = config;
        this.shape = shape;
        this.manager = manager;
        this.time = manager.time();
        this.scope = config.scope() == Scope.SHARED ? manager.fleet() : null;
        this.random = manager.random();
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

    Treatment treatment(FailureKind kind, boolean hasRetryAfter) {
        return config.treatment(kind, hasRetryAfter);
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
        double share = random.getAsDouble();
        long asked = Math.min(retryAfterNanos, retryAfterMax);
        if (kind == FailureKind.RATE_LIMITED && asked >= 0) {
            return Math.min(retryAfterMax, asked + (long) (asked * RATE_LIMIT_JITTER * share));
        }
        double grown = Math.min(cooldown * Math.pow(config.cooldownMultiplier(), failedTrials), cooldownMax);
        long own = (long) (grown * (1 + config.cooldownJitter() * share));
        return Math.max(own, asked);
    }
}
