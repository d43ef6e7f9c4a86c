package dev.interlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One circuit called {@code agent} on a hand-driven clock, and small verbs to play with it.
 *
 * <p>Listeners run on the caller's thread, so what was heard is complete when a verb returns; randomness is 0 unless
 * configured otherwise.
 */
public final class Lab {
    public final ManualTimeSource time = new ManualTimeSource();
    public final List<StateTransition> heard = new ArrayList<>();
    public final List<ManualOverride> repeated = new ArrayList<>();
    public final List<ProbeTrust> trust = new ArrayList<>();
    public final CircuitBreakerManager circuits;
    public final CircuitBreaker circuit;

    /** What the circuit's randomness gives from now on, from 0 to just below 1. */
    public volatile double chance;

    public Lab() {
        this(CircuitBreakerConfig.defaults());
    }

    public Lab(CircuitBreakerConfig config) {
        this(config, builder -> builder);
    }

    public Lab(CircuitBreakerConfig config, UnaryOperator<ManagerBuilder> more) {
        circuits = more.apply(CircuitBreakerManager.builder()
                        .defaults(config)
                        .time(time)
                        .randomness(() -> chance)
                        .executor(Runnable::run)
                        .listener(new CircuitListener() {
                            @Override
                            public void onTransition(StateTransition transition) {
                                heard.add(transition);
                            }

                            @Override
                            public void onProbeTrust(ProbeTrust change) {
                                trust.add(change);
                            }

                            @Override
                            public void onRepeatedOverride(
                                    CircuitId id, ManualOverride override, java.time.Instant at) {
                                repeated.add(override);
                            }
                        }))
                .build();
        circuit = circuits.getOrCreate("agent");
    }

    public static ConfigBuilder settings() {
        return CircuitBreakerConfig.builder();
    }

    public static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    /** Lets time pass. */
    public Lab pass(Duration time) {
        this.time.advance(time);
        return this;
    }

    /** Begins a call that is settled later. */
    public Permit begin() {
        return circuit.acquire();
    }

    public Lab succeed() {
        return succeed(1);
    }

    public Lab succeed(int times) {
        return end(Outcome.success(), times);
    }

    public Lab fail() {
        return fail(1);
    }

    public Lab fail(int times) {
        return end(Outcome.failure(FailureKind.ERROR), times);
    }

    public Lab fail(FailureKind kind) {
        return end(Outcome.failure(kind), 1);
    }

    /** A whole call that ends so. */
    public Lab end(Outcome outcome) {
        return end(outcome, 1);
    }

    public Lab end(Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            circuit.acquire().settle(outcome);
        }
        return this;
    }

    /** A call that takes its time and succeeds. */
    public Lab slow(Duration time) {
        return end(Outcome.success().took(time));
    }

    /** Lets the search for trust ask the probe, which must be good now. */
    public Lab trusted() {
        pass(Duration.ZERO);
        ProbeStatus probe = circuit.snapshot().probe();
        if (probe == null || !probe.trusted()) {
            throw new AssertionError("Expected trusted probes, but there is " + probe);
        }
        return this;
    }

    /** Opens the circuit by a failure that trips at once. */
    public Lab trip() {
        return fail(FailureKind.LOOP);
    }

    /** Opens the circuit and lets its cooldown pass. */
    public Lab tripAndCool() {
        return trip().pass(circuit.snapshot().retryAfter());
    }

    /** Opens the circuit, lets its cooldown pass and begins the first trial. */
    public Permit firstTrial() {
        tripAndCool();
        return begin();
    }

    /** Opens and closes the circuit by way of good trials. */
    public Lab tripAndRecover() {
        tripAndCool();
        while (circuit.state() != CircuitState.CLOSED) {
            succeed();
        }
        return this;
    }

    /** What a call hears that is refused now. */
    public CircuitOpenException refusal() {
        @Nullable Permit permit = null;
        try {
            permit = circuit.acquire();
        } catch (CircuitOpenException refused) {
            return refused;
        }
        permit.giveBack();
        throw new AssertionError("Expected a refusal, but the call was admitted in state " + circuit.state());
    }

    public boolean override(OverrideAction action) {
        return circuit.override(ManualOverride.of(action, "ada"));
    }

    /** A hold that ends after a time. */
    public boolean hold(OverrideAction action, Duration time) {
        return circuit.override(
                ManualOverride.of(action, "ada").until(this.time.wallTime().plus(time)));
    }

    /** Puts a policy in effect for the circuit while it runs. */
    public Lab govern(CircuitBreakerConfig config) {
        circuits.putPolicy("agent", config);
        return this;
    }

    public StateTransition lastHeard() {
        return heard.get(heard.size() - 1);
    }
}
