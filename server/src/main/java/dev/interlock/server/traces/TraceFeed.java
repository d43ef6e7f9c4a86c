package dev.interlock.server.traces;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.TimeSource;
import dev.interlock.Treatment;
import dev.interlock.monitor.HealthMonitor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings outcomes of spans to circuits, as calls that nobody asked permission for. Safe for use by any thread.
 *
 * <p>Of a call whose agent is not known yet, what it called hears first what is attributed to it, and the agent the rest
 * once it is known: both together hear what they would have heard at once.
 */
final class TraceFeed {
    /** Stands for an agent that is not known: only to ask whom a failure is attributed to. */
    private static final String SOMEBODY = "somebody";

    private final CircuitBreakerManager circuits;
    private final HealthMonitor health;
    private final TimeSource time;

    TraceFeed(CircuitBreakerManager circuits, HealthMonitor health, TimeSource time) {
        this.circuits = circuits;
        this.health = health;
        this.time = time;
    }

    /** A call of a known agent, in all of its circuits. */
    void call(String organization, String agent, String target, String source, SpanCall call, ThinnedCalls thinned) {
        Guard own = circuits.guard(new CircuitId(organization, agent)).withCaller(source);
        boolean isAlone = target.isEmpty() || target.equals(agent);
        record(isAlone ? own : own.dependingOn(target), call, thinned);
    }

    /** What was called, of a call whose agent is not known: only what is attributed to it. */
    void target(String organization, String target, String source, SpanCall call, ThinnedCalls thinned) {
        if (!isAgents(organization, target, call.outcome())) {
            record(circuits.guard(new CircuitId(organization, target)).withCaller(source), call, thinned);
        }
    }

    /** The agent of such a call, once it is known: what is attributed to it, and what went well. */
    void agent(String organization, String agent, String target, String source, SpanCall call, ThinnedCalls thinned) {
        Outcome outcome = call.outcome();
        if (outcome.kind() == null || isAgents(organization, target, outcome)) {
            record(circuits.guard(new CircuitId(organization, agent)).withCaller(source), call, thinned);
        }
    }

    /** Whether a failure is attributed to the agent and not to what it called. */
    private boolean isAgents(String organization, String target, Outcome outcome) {
        if (outcome.kind() == null) {
            return false;
        }
        CircuitId somebody = new CircuitId(organization, SOMEBODY);
        Guard guard = circuits.guard(somebody).dependingOn(target.isEmpty() ? "model:" + SOMEBODY : target);
        return somebody.equals(guard.attributedTo(outcome));
    }

    private void record(Guard guard, SpanCall call, ThinnedCalls thinned) {
        Outcome outcome = call.outcome();
        Instant now = time.wallTime();
        if (!call.span().sender().isThinned(call.span().thinned())) {
            health.record(guard, outcome, call.age(now));
        } else if (outcome.kind() == null) {
            circuitsOf(guard).forEach(thinned::succeeded);
            circuitsOf(guard)
                    .filter(id -> circuits.snapshot(id).state() != CircuitState.CLOSED)
                    .forEach(id -> health.record(circuits.guard(id), outcome, call.age(now)));
        } else {
            thinned(guard, outcome, call, now, thinned);
        }
    }

    /** Of a source that leaves spans out a kind that trips counts, a streak counts as a whole, and a trial counts. */
    private void thinned(Guard guard, Outcome outcome, SpanCall call, Instant now, ThinnedCalls thinned) {
        CircuitId attributed = guard.attributedTo(outcome);
        FailureKind kind = outcome.kind();
        if (attributed == null || kind == null) {
            return;
        }
        CircuitBreakerConfig policy = circuits.getOrCreate(attributed).config();
        Treatment treatment = policy.treatment(kind, outcome.retryAfter() != null);
        boolean isClosed = circuits.snapshot(attributed).state() == CircuitState.CLOSED;
        if (treatment == Treatment.TRIP || !isClosed) {
            health.record(guard, outcome, call.age(now));
        } else if (treatment == Treatment.COUNT) {
            Integer streak = policy.failureThreshold();
            List<ThinnedCalls.Held> row = thinned.failed(
                    attributed,
                    new ThinnedCalls.Held(guard, outcome, call.startedAt()),
                    streak == null ? Integer.MAX_VALUE : streak);
            row.forEach(each -> health.record(each.guard(), each.outcome(), age(each, now)));
        }
    }

    private static Duration age(ThinnedCalls.Held held, Instant now) {
        Duration since = Duration.between(held.began(), now);
        @Nullable Duration took = held.outcome().took();
        return took != null && since.compareTo(took) < 0 ? took : since;
    }

    private static Stream<CircuitId> circuitsOf(Guard guard) {
        return Stream.concat(Stream.of(guard.id()), guard.dependencies().stream());
    }
}
