package dev.interlock.server.traces;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.monitor.spans.CallSpan;
import java.time.Duration;
import java.time.Instant;

/**
 * A span as a call that is about to count or not. Immutable.
 *
 * @param span the span
 * @param counts whether it counts here: it is not counted elsewhere, and says something about now
 * @param elsewhere whether a guard or a proxy has counted it
 */
record SpanCall(TraceSpan span, boolean counts, boolean elsewhere) {
    private static final long NANOS = 1_000_000_000L;
    private static final Duration STALE = Duration.ofMinutes(5);

    /** Whether a span ended so long ago that it says nothing about now. */
    static boolean isOld(TraceSpan span, Instant now) {
        return now.getEpochSecond() - span.end() / NANOS > STALE.toSeconds();
    }

    CallSpan call() {
        return span.call();
    }

    long nanos() {
        return span.end() - span.start();
    }

    Instant startedAt() {
        return Instant.ofEpochSecond(span.start() / NANOS, span.start() % NANOS);
    }

    /** How long ago it began; at least as long as it took. */
    Duration age(Instant now) {
        long since = now.getEpochSecond() * NANOS + now.getNano() - span.start();
        return Duration.ofNanos(Math.max(since, nanos()));
    }

    Outcome outcome() {
        FailureKind kind = call().kind();
        Outcome outcome = kind == null
                ? Outcome.success()
                : kind == FailureKind.CANCELLED ? Outcome.cancelled() : Outcome.failure(kind);
        Duration wait = call().retryAfter();
        if (wait != null && kind != null && kind != FailureKind.CANCELLED) {
            outcome = outcome.retryAfter(wait);
        }
        return outcome.took(Duration.ofNanos(nanos()));
    }
}
