package dev.interlock;

import dev.interlock.store.TallyRules;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A configuration made ready for deciding: durations as nanoseconds, treatments by number, what follows from them.
 *
 * <p>Immutable except for its marks, one for all circuits of a pattern; carries the {@link Engine} that they share, so
 * that a circuit needs one reference for both.
 */
final class Policy implements GateBoard.Governed, SettlementListeners.Timed {
    private static final double RATE_LIMIT_JITTER = 0.2;
    private static final long NO_WAIT = -1;
    private static final VarHandle MARKS;

    static {
        try {
            MARKS = MethodHandles.lookup().findVarHandle(Policy.class, "marks", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The mark of {@link #timed}. */
    private static final int TIMED = 1;

    /** The mark of more than one caller in {@link #minCallers}. */
    private static final int CALLERS = 1 << 1;

    /** The mark of any gate, for any call: then it is looked up who is covered. */
    private static final int GATED = 1 << 2;

    /** The mark of somebody who listens how calls end. */
    private static final int HEARD = 1 << 3;

    final String name;
    final CircuitBreakerConfig config;
    final WindowShape shape;
    final Engine engine;
    final TimeSource time;

    /** All processes that share the circuits; null if each decides for itself. */
    final @Nullable Fleet fleet;

    /** Whether calls must be timed. */
    final boolean timed;

    /**
     * All that can ask more of a good call than to be counted, in one word: nothing of it costs a call anything but one
     * look that finds 0. What lasts and what changes while calls run share it, so it is written by single steps.
     */
    private volatile int marks;

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
    /** How it is tried together with others; while probes fail, one trial at a time. */
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
        marks = (timed ? TIMED : 0) | (minCallers > 1 ? CALLERS : 0);
    }

    @Override
    public void timed(boolean any) {
        mark(HEARD, any);
    }

    @Override
    public void gated(boolean any) {
        mark(GATED, any);
    }

    private void mark(int mark, boolean any) {
        if (any) {
            MARKS.getAndBitwiseOr(this, mark);
        } else {
            MARKS.getAndBitwiseAnd(this, ~mark);
        }
    }

    /** The marks at this moment: 0 if a good call need only be counted. */
    int marks() {
        return marks;
    }

    /** Whether marks that were read say that a call must ask for a permit: for a gate, or the exact clock. */
    static boolean needPermit(int marks) {
        return (marks & (GATED | TIMED)) != 0;
    }

    /** Whether marks that were read say that it matters who calls. */
    static boolean needCaller(int marks) {
        return (marks & CALLERS) != 0;
    }

    /** Whether somebody listens how calls end. */
    boolean isHeard() {
        return (marks & HEARD) != 0;
    }

    boolean isGated() {
        return (marks & GATED) != 0;
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
        double grown = Math.min(
                base * Math.pow(config.cooldownMultiplier(), failedTrials), (double) Math.max(cooldownMax, base));
        long own = (long) (grown * (1 + config.cooldownJitter() * engine.random.getAsDouble()));
        return Math.max(own, asked);
    }
}
