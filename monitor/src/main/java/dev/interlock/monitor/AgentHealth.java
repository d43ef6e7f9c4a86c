package dev.interlock.monitor;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one agent: figures, and the status that it had. Guarded by its own lock, in which nothing of others
 * runs; only {@linkplain #addGood good calls} need none.
 *
 * <p>In addition to the rolling figures there are two that begin again with the circuit: since it last opened, by which
 * a recovery is judged, and since it last closed, by which failing is. Both exist only when there was an opening or a
 * closing.
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

    /** In place of an epoch: the present one, if the call began in it. */
    static final long PRESENT = -2;

    /** In place of an epoch: none. */
    static final long LATE = -1;

    private static final VarHandle QUEUED;

    static {
        try {
            QUEUED = MethodHandles.lookup().findVarHandle(AgentHealth.class, "queued", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final CircuitBreaker circuit;

    private final AgentSeries series;
    private final Rolling rolling = new Rolling();
    private Failing failing = new Failing();
    private @Nullable Rolling sinceOpening;
    private long openedAt;

    /** The lowest epoch of those since the last opening, and since the last closing. */
    private long openedIn;

    private long closedIn;
    private long epoch;

    /** When the present epoch was first seen. */
    private long epochAt;

    private int openings;
    private HealthStatus status = HealthStatus.UNKNOWN;

    /** When it got that status; null before the first judgement. */
    private @Nullable Instant since;

    private boolean wasCritical;
    private volatile boolean queued;
    private volatile boolean evicted;

    /** The next of those to be judged: theirs who hold the queue. */
    @Nullable
    AgentHealth next;

    /** Good calls of the present epoch; null before the first. */
    private volatile @Nullable GoodCalls good;

    /** Those of the epoch before, to which a call may just be adding. */
    private @Nullable GoodCalls goodBefore;

    private volatile @Nullable HealthSnapshot last;

    AgentHealth(CircuitBreaker circuit, AgentSeries series, long now) {
        this.circuit = circuit;
        this.series = series;
        CircuitSnapshot snapshot = circuit.snapshot();
        epoch = snapshot.epoch();
        openings = snapshot.openings();
        openedIn = epoch;
        closedIn = epoch;
        epochAt = now - ALL;
        if (snapshot.state() != CircuitState.CLOSED) {
            sinceOpening = new Rolling();
            openedAt = now;
        }
    }

    @Nullable
    HealthSnapshot last() {
        return last;
    }

    /**
     * Counts a good call that has just ended, without a lock.
     *
     * @return false if it is the first of its epoch, or this agent has been forgotten: then it must be {@linkplain #add
     *     added}
     */
    boolean addGood(long recordedIn, long latencyNanos) {
        GoodCalls present = good;
        if (present == null || present.epoch != recordedIn || evicted) {
            return false;
        }
        present.add(GoodCalls.bucket(latencyNanos));
        return true;
    }

    /**
     * Counts an outcome.
     *
     * @param ended the call's end, in ticks
     * @param latencyNanos negative if nobody measured
     * @param recorded the epoch in which it was recorded, or {@link #LATE}, or {@link #PRESENT}
     * @return false if this agent has been forgotten
     */
    synchronized boolean add(long ended, boolean failed, long latencyNanos, long recorded, long now) {
        if (evicted) {
            return false;
        }
        if (recorded > epoch || recorded == PRESENT) {
            follow(now);
        }
        boolean began = recorded == PRESENT && ended - Math.max(0, latencyNanos) - epochAt >= 0;
        long recordedIn = recorded != PRESENT ? recorded : began ? epoch : LATE;
        fetch(now);
        count(ended, failed, GoodCalls.bucket(latencyNanos), 1, recordedIn, now);
        follow(now);
        if (!failed && recordedIn == epoch && (good == null || good.epoch != epoch)) {
            goodBefore = good;
            good = new GoodCalls(epoch);
        }
        return true;
    }

    /** Brings good calls to the figures, without a judgement. */
    synchronized void bring(long now) {
        fetch(now);
    }

    @SuppressWarnings("ShortCircuitBoolean") // both are fetched
    private boolean fetch(long now) {
        return fetch(goodBefore, now) | fetch(good, now);
    }

    private boolean fetch(@Nullable GoodCalls calls, long now) {
        return calls != null && calls.fetch((bucket, count) -> count(now, false, bucket, count, calls.epoch, now));
    }

    private void count(long ended, boolean failed, int bucket, int count, long recordedIn, long now) {
        rolling.add(ended, failed, bucket, count, now);
        series.add(ended, failed, bucket, count, now);
        if (recordedIn >= closedIn) {
            failing.add(ended, failed, count);
        }
        if (sinceOpening != null && recordedIn >= openedIn) {
            sinceOpening.add(ended, failed, bucket, count, now);
        }
    }

    /** True for the first who asks since the last judgement. */
    boolean queue() {
        return !queued && QUEUED.compareAndSet(this, false, true);
    }

    /** Forgets an agent that had no calls for an hour. */
    synchronized boolean evict(long now) {
        if (!evicted && rolling.isEmpty(now) && !queued) {
            evicted = true;
            evicted = !fetch(now); // a call may have come at this moment
        }
        return evicted;
    }

    /** Looks at the figures and at the circuit. Called by one thread at a time. */
    synchronized Judgement judge(CircuitBreakerConfig policy, long now, Instant at) {
        queued = false;
        fetch(now);
        goodBefore = null;
        follow(now);
        CircuitSnapshot current = circuit.snapshot();
        boolean closed = current.state() == CircuitState.CLOSED;
        HealthStatus before = status;
        HealthFigures figures = rolling.figures(now);
        HealthFigures opened = sinceOpening(policy, now);
        HealthFigures judged = opened != null ? opened : figures;
        HealthStatus found = HealthCalculator.status(before, judged);
        boolean nothingNew = opened == null && sinceOpening != null && found.isBetterThan(before);
        boolean unknownWhileOpen = found == HealthStatus.UNKNOWN && !closed;
        status = nothingNew || unknownWhileOpen ? before : found;
        if (since == null || status != before) {
            since = at;
        }
        wasCritical |= status == HealthStatus.CRITICAL;
        boolean recovered = wasCritical && opened != null && status == HealthStatus.HEALTHY && before != status;
        if (status == HealthStatus.HEALTHY) {
            wasCritical = false;
        }
        HealthCalculator.Assessment assessment = HealthCalculator.assess(judged);
        HealthSnapshot snapshot = new HealthSnapshot(
                circuit.id(), at, assessment.score(), status, since, assessment.issues(), figures, opened);
        last = snapshot;
        String reason = closed && current.epoch() == epoch ? failing.reason(policy, now) : null;
        return new Judgement(snapshot, before, current, reason, recovered);
    }

    /** What has been seen since the opening, if that is as much as would close the circuit. */
    private @Nullable HealthFigures sinceOpening(CircuitBreakerConfig policy, long now) {
        if (sinceOpening == null) {
            return null;
        }
        HealthFigures opened = sinceOpening.figures(now);
        return opened.calls() >= policy.successThreshold() ? opened : null;
    }

    /** Begins again what begins with another epoch of the circuit. */
    private void follow(long now) {
        if (circuit.epoch() != epoch) {
            fetch(now); // they belong to what has been
            CircuitSnapshot current = circuit.snapshot();
            if (current.openings() != openings) {
                openings = current.openings();
                sinceOpening = new Rolling();
                openedAt = now;
                openedIn = epoch + 1;
            }
            epoch = current.epoch();
            epochAt = now;
            if (current.state() == CircuitState.CLOSED) {
                failing = new Failing();
                closedIn = epoch;
            }
        } else if (sinceOpening != null && now - openedAt > ALL && circuit.state() == CircuitState.CLOSED) {
            sinceOpening = null;
        }
    }
}
