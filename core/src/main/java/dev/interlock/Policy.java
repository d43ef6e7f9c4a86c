package dev.interlock;

import dev.interlock.store.TallyRules;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A configuration made ready for deciding: durations as nanoseconds, treatments by number, what follows from them.
 *
 * <p>Immutable but for a mark, one for all circuits of a pattern; carries the {@link Engine} that they share, so that a circuit needs
 * one reference for both.
 */
final class Policy implements GateBoard.Governed, SettlementListeners.Timed {
    private static final double RATE_LIMIT_JITTER = 0.2;
    private static final long NO_WAIT = -1;

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

    private volatile boolean heard;

    final boolean streakRule;
    final int failureThreshold;
    final boolean rateRule;
    final double failureRateThreshold;
    final double slowCallRateThreshold;
    final int minimum;

    /** Failing callers that a trip needs. */
    final int minCallers;

    final int halfOpenMaxRequests;
    final int trialsAtOnce;
    final int successThreshold;

    /** Whether trips of the circuit's own refuse nothing. */
    final boolean observes;

    final long trialTimeout;
    /** How it is tried together with others; beside failing probes one trial at a time. */
    final TrialRules trials;

    final TrialRules realTrials;
    final long cooldown;

    private final long slowCall;
    private final long cooldownMax;
    private final long retryAfterMin;
    private final long retryAfterMax;
    private final boolean onlyLastWait;

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
        minCallers = config.minCallers();
        halfOpenMaxRequests = config.halfOpenMaxRequests();
        trialsAtOnce = config.trialsAtOnce();
        successThreshold = config.successThreshold();
        trialTimeout = Nanos.of(config.trialTimeout());
        trials = new TrialRules(halfOpenMaxRequests, trialsAtOnce, successThreshold, trialTimeout);
        realTrials = new TrialRules(halfOpenMaxRequests, 1, successThreshold, trialTimeout);
        cooldown = Nanos.of(config.cooldown());
        cooldownMax = Nanos.of(config.cooldownMax());
        retryAfterMin = Nanos.of(config.retryAfterMin());
        retryAfterMax = Nanos.of(config.retryAfterMax());
        onlyLastWait = config.minCallers() > 1;
        observes = config.mode() == Mode.OBSERVE;
    }

    @Override
    public void timed(boolean any) {
        heard = any;
    }

    /** Whether somebody listens how calls end. */
    boolean isHeard() {
        return heard;
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
     * @param alone finds whether the failure is the agent's, where that is another circuit's; else null
     */
    Evidence judge(
            CircuitId circuit, Outcome outcome, long tookNanos, long now, Caller caller, Caller.@Nullable Alone alone) {
        Evidence.Verdict verdict = verdict(circuit, outcome);
        // Of ignored calls one that its caller gave up is slow all the same: that is how a hanging agent shows.
        boolean slow =
                isSlow(tookNanos) && (verdict != Evidence.Verdict.IGNORED || outcome.kind() == FailureKind.CANCELLED);
        Evidence.Source source = new Evidence.Source(
                caller.slotAt(circuit),
                Evidence.began(tookNanos, now),
                outcome.isOfStatus(),
                alone,
                Caller.Alone.at(circuit, alone),
                Attribution.isOfWholeKey(circuit, outcome));
        boolean failed = verdict == Evidence.Verdict.FAILURE || verdict == Evidence.Verdict.FATAL;
        return new Evidence(verdict, slow, outcome.kind(), failed ? wait(outcome) : NO_WAIT, now, source);
    }

    private Evidence.Verdict verdict(CircuitId circuit, Outcome outcome) {
        FailureKind kind = outcome.kind();
        if (kind == null) {
            return Evidence.Verdict.SUCCESS;
        }
        return switch (config.treatment(kind, outcome.retryAfterNanos() > 0)) {
            case COUNT -> Evidence.Verdict.FAILURE;
            case TRIP -> Evidence.Verdict.FATAL;
            case ANSWERED ->
                config.isUpstream() || Attribution.isUpstream(circuit.name())
                        ? Evidence.Verdict.ANSWERED
                        : Evidence.Verdict.IGNORED;
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

    /** Nobody has asked yet. */
    Callers callers(long now) {
        return fleet == null ? new Callers(shape, now) : new FleetCallers(shape, now);
    }

    boolean isSlow(long tookNanos) {
        return tookNanos >= slowCall;
    }

    @Nullable
    ProbeSettings probe() {
        return config.probe();
    }

    /**
     * How long a failure asks to wait: a whole one at least, so that the failing side cannot switch the protection off.
     * Negative if it asks for none; zero is none.
     */
    private long wait(Outcome failure) {
        long asked = failure.retryAfterNanos();
        if (asked <= 0) {
            return NO_WAIT;
        }
        long wait = Math.min(Math.max(asked, retryAfterMin), retryAfterMax);
        return failure.kind() == FailureKind.RATE_LIMITED
                ? Math.min(wait + (long) (wait * RATE_LIMIT_JITTER * engine.random.getAsDouble()), retryAfterMax)
                : wait;
    }

    /**
     * The cooldown of an opening.
     *
     * @param failedTrials failed trials since the trip
     * @param kind the failure that opens, if one does
     * @param wait how long that failure asks to wait, negative for none
     * @param longestWait the longest wait of its streak that is left, its own included; negative for none
     */
    long cooldown(int failedTrials, @Nullable FailureKind kind, long wait, long longestWait) {
        long asked = onlyLastWait ? wait : longestWait;
        if (kind == FailureKind.RATE_LIMITED && wait > 0) {
            return asked;
        }
        Duration ofKind = kind == null ? null : config.cooldowns().get(kind);
        long base = ofKind == null ? cooldown : Nanos.of(ofKind);
        double grown =
                Math.min(base * Math.pow(config.cooldownMultiplier(), failedTrials), Math.max(cooldownMax, base));
        long own = (long) (grown * (1 + config.cooldownJitter() * engine.random.getAsDouble()));
        return Math.max(own, asked);
    }
}
