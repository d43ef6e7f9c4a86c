package dev.interlock.monitor;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.Treatment;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one agent: figures, and the status that it had. Guarded by its own lock, in which nothing of others
 * runs.
 *
 * <p>Beside the rolling figures there are two that begin again with the circuit: since it last opened, by which a recovery
 * is judged, and since it last closed, by which failing is. Both exist only when there was an opening or a closing.
 */
final class AgentHealth {
    /** What a judgement found, and the epoch of the circuit that it looked at. */
    record Judgement(
            HealthSnapshot snapshot,
            HealthStatus before,
            CircuitSnapshot circuit,
            @Nullable String failing,
            boolean recovered) {}

    /** After that everything that was seen since an opening or a closing is all that there is. */
    private static final long ALL = Rolling.HOUR + Rolling.HOUR / 10;

    final CircuitBreaker circuit;

    private final Rolling rolling = new Rolling();
    private Failing failing = new Failing();
    private @Nullable Rolling sinceOpening;
    private long openedAt;
    private long epoch;
    private int openings;
    private HealthStatus status = HealthStatus.UNKNOWN;
    private boolean wasCritical;
    private boolean queued;
    private boolean evicted;

    private volatile @Nullable HealthSnapshot last;

    AgentHealth(CircuitBreaker circuit, long now) {
        this.circuit = circuit;
        CircuitSnapshot snapshot = circuit.snapshot();
        epoch = snapshot.epoch();
        openings = snapshot.openings();
        if (snapshot.state() != CircuitState.CLOSED) {
            sinceOpening = new Rolling();
            openedAt = now;
        }
    }

    @Nullable
    HealthSnapshot last() {
        return last;
    }

    /** The epoch that an outcome is about to be recorded in. */
    synchronized long recordedIn(long now) {
        follow(now);
        return epoch;
    }

    /**
     * Counts an outcome.
     *
     * @param ended the call's end, in ticks
     * @param latencyNanos negative if nobody measured
     * @param recordedIn the epoch in which it was recorded, or negative if it was late
     * @return false if this agent has been forgotten
     */
    synchronized boolean add(long ended, boolean failed, long latencyNanos, long recordedIn, long now) {
        if (evicted) {
            return false;
        }
        rolling.add(ended, failed, latencyNanos, now);
        if (recordedIn == epoch) {
            failing.add(ended, failed);
            if (sinceOpening != null) {
                sinceOpening.add(ended, failed, latencyNanos, now);
            }
        }
        follow(now);
        return true;
    }

    /** True for the first who asks since the last judgement. */
    synchronized boolean queue() {
        boolean first = !queued;
        queued = true;
        return first;
    }

    /** Forgets an agent that had no calls for an hour. */
    synchronized boolean evict(long now) {
        evicted |= rolling.isEmpty(now) && !queued;
        return evicted;
    }

    /** Looks at the figures and at the circuit. Called by one thread at a time. */
    synchronized Judgement judge(CircuitBreakerConfig policy, long now, Instant at) {
        queued = false;
        follow(now);
        CircuitSnapshot current = circuit.snapshot();
        boolean closed = current.state() == CircuitState.CLOSED;
        HealthStatus before = status;
        HealthFigures figures = rolling.figures(now);
        HealthFigures since = sinceOpening(policy, now);
        HealthFigures judged = since != null ? since : figures;
        HealthStatus found = HealthCalculator.status(before, judged);
        boolean nothingNew = since == null && sinceOpening != null && found.isBetterThan(before);
        boolean unknownWhileOpen = found == HealthStatus.UNKNOWN && !closed;
        status = nothingNew || unknownWhileOpen ? before : found;
        wasCritical |= status == HealthStatus.CRITICAL;
        boolean recovered = wasCritical && since != null && status == HealthStatus.HEALTHY && before != status;
        if (status == HealthStatus.HEALTHY) {
            wasCritical = false;
        }
        HealthCalculator.Assessment assessment = HealthCalculator.assess(judged);
        HealthSnapshot snapshot =
                new HealthSnapshot(circuit.id(), at, assessment.score(), status, assessment.issues(), figures, since);
        last = snapshot;
        String reason = closed && current.epoch() == epoch ? failing.reason(policy, now) : null;
        return new Judgement(snapshot, before, current, reason, recovered);
    }

    /** What has been seen since the opening, if that is as much as would close the circuit. */
    private @Nullable HealthFigures sinceOpening(CircuitBreakerConfig policy, long now) {
        if (sinceOpening == null) {
            return null;
        }
        HealthFigures since = sinceOpening.figures(now);
        return since.calls() >= policy.successThreshold() ? since : null;
    }

    /** Begins again what begins with another epoch of the circuit. */
    private void follow(long now) {
        if (circuit.epoch() != epoch) {
            CircuitSnapshot current = circuit.snapshot();
            epoch = current.epoch();
            if (current.openings() != openings) {
                openings = current.openings();
                sinceOpening = new Rolling();
                openedAt = now;
            }
            if (current.state() == CircuitState.CLOSED) {
                failing = new Failing();
            }
        } else if (sinceOpening != null && now - openedAt > ALL && circuit.state() == CircuitState.CLOSED) {
            sinceOpening = null;
        }
    }

    /** Whether a failure says nothing about health: it is ignored, or the caller's own mistake, correctly refused. */
    boolean saysNothing(FailureKind kind, Outcome outcome) {
        Treatment treatment = circuit.config().treatment(kind, outcome.retryAfter() != null);
        return treatment == Treatment.IGNORE || treatment == Treatment.ANSWERED;
    }
}
