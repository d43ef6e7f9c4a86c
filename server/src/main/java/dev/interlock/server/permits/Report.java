package dev.interlock.server.permits;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Usage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended, as its caller reports it.
 *
 * @param agent whose call it was, or null where the permit or the path says so
 * @param permit the permit's text, or null if the call had none
 * @param kind why the call failed, or null for a success
 * @param durationNanos how long it took, negative if nobody said
 * @param retryAfterNanos when the failing side asked to be called again, negative if it did not
 * @param concerning circuit that the failure names, or null
 * @param caller who made the call, if the report names somebody else than its sender
 * @param usage what the call used, or {@link Usage#UNKNOWN}
 */
record Report(
        @Nullable String agent,
        @Nullable String permit,
        @Nullable FailureKind kind,
        long durationNanos,
        long retryAfterNanos,
        @Nullable String concerning,
        @Nullable String caller,
        Usage usage) {

    /** A report that does not say what the call used. */
    Report(
            @Nullable String agent,
            @Nullable String permit,
            @Nullable FailureKind kind,
            long durationNanos,
            long retryAfterNanos,
            @Nullable String concerning,
            @Nullable String caller) {
        this(agent, permit, kind, durationNanos, retryAfterNanos, concerning, caller, Usage.UNKNOWN);
    }

    /** A report that names no caller. */
    Report(
            @Nullable String agent,
            @Nullable String permit,
            @Nullable FailureKind kind,
            long durationNanos,
            long retryAfterNanos,
            @Nullable String concerning) {
        this(agent, permit, kind, durationNanos, retryAfterNanos, concerning, null);
    }

    /**
     * The same in core's words.
     *
     * @param measuredNanos how long the call took by our own clock, negative if we do not know; what the caller says is
     *     better
     */
    Outcome outcome(long measuredNanos) {
        Outcome outcome = kind == null ? Outcome.success() : Outcome.failure(kind);
        long took = durationNanos >= 0 ? durationNanos : measuredNanos;
        if (took >= 0) {
            outcome = outcome.took(Duration.ofNanos(took));
        }
        if (retryAfterNanos >= 0) {
            outcome = outcome.retryAfter(Duration.ofNanos(retryAfterNanos));
        }
        return concerning == null ? outcome : outcome.attributedTo(concerning);
    }
}
