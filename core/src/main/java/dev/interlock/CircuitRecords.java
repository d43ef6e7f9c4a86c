package dev.interlock;

import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Between circuits and their records: the only place where ticks become wall time, and wall time ticks. */
final class CircuitRecords {
    private CircuitRecords() {}

    static CircuitRecord of(CircuitBreaker circuit) {
        CircuitSnapshot snapshot = circuit.snapshot();
        Instant wall = circuit.policy().time.wallTime();
        StateTransition last = snapshot.lastTransition();
        Hold hold = snapshot.hold();
        Figures figures = snapshot.figures();
        boolean cooling = snapshot.state() == CircuitState.OPEN && hold == null;
        Instant since = snapshot.since();
        return new CircuitRecord(
                snapshot.id().organization(),
                snapshot.id().name(),
                snapshot.state().name().toLowerCase(Locale.ROOT),
                snapshot.epoch(),
                figures.failures(),
                figures.calls() - figures.failures(),
                figures.consecutiveFailures(),
                snapshot.openings(),
                snapshot.failedTrials(),
                snapshot.lastFailureAt(),
                since == null ? wall : since,
                snapshot.openedAt(),
                cooling ? wall.plus(snapshot.retryAfter()) : null,
                hold != null,
                hold == null ? null : hold.until(),
                last == null ? null : last.actor(),
                last == null ? null : last.reason(),
                snapshot.policy());
    }

    /** The stay that a circuit resumes after a restart: open with the cooldown that is left, half-open as open with none. */
    static Phase resume(CircuitRecord record, Policy policy, Origin birth) {
        long now = policy.time.ticks();
        Instant wall = policy.time.wallTime();
        boolean closed = record.state().equals("closed");
        Instant openedAt = record.openedAt() == null ? record.changedAt() : record.openedAt();
        long cooldown = left(record.cooldownUntil(), openedAt, wall);
        long holdEnd = record.holdUntil() == null
                ? Wish.NO_END
                : now + Math.max(0, Nanos.of(Duration.between(wall, record.holdUntil())));
        StateTransition resumed = new StateTransition(
                new CircuitId(record.organization(), record.name()),
                CircuitState.valueOf(record.state().toUpperCase(Locale.ROOT)),
                closed ? CircuitState.CLOSED : CircuitState.OPEN,
                Math.max(birth.epoch, record.epoch() + 1),
                record.changedAt(),
                TransitionCause.RESUMED,
                null,
                closed || record.held() ? null : Duration.ofNanos(cooldown),
                null,
                record.held() ? new Hold(record.holdUntil(), actor(record), record.reason()) : null,
                record.actor(),
                record.reason());
        Origin origin = Origin.resumed(resumed, now, record.openings());
        if (closed) {
            return new HeldClosedPhase(origin, new HoldTerm(holdEnd));
        }
        Figures figures = new Figures(
                record.failureCount() + record.successCount(),
                record.failureCount(),
                0,
                0,
                record.consecutiveFailures());
        Instant lastFailure = record.lastFailureAt();
        long lastFailureTick =
                lastFailure == null ? RollingWindow.NEVER : now - Nanos.of(Duration.between(lastFailure, wall));
        Opening opening = new Opening(now, openedAt, figures, record.failedTrials(), now, lastFailureTick);
        return new OpenPhase(origin, opening, now + cooldown, record.held() ? new HoldTerm(holdEnd) : null);
    }

    /** Never longer than the whole cooldown was, also if the wall clock has stepped back since. */
    private static long left(@Nullable Instant until, Instant openedAt, Instant wall) {
        if (until == null) {
            return 0;
        }
        long left = Nanos.of(Duration.between(wall, until));
        long whole = Nanos.of(Duration.between(openedAt, until));
        return Math.max(0, Math.min(left, whole));
    }

    private static String actor(CircuitRecord record) {
        String actor = record.actor();
        return actor == null ? "unknown" : actor;
    }
}
