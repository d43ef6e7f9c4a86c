package dev.interlock;

import dev.interlock.store.TrialEnd;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch asks for after what it saw: another state, and why. The circuit makes the move, or finds that somebody
 * else was faster.
 */
final class Move {
    static final long NO_END = Long.MAX_VALUE;
    private static final long NONE = -1;

    /** In place of a move: the epoch has been sealed, and took nothing in. */
    static final Move SEALED = plain(CircuitState.CLOSED, TransitionCause.OVERRIDE);

    /** In place of a move: the circuit would trip, but only one caller's calls fail. */
    static final Move ALONE = plain(CircuitState.CLOSED, TransitionCause.OVERRIDE);

    final CircuitState to;
    final TransitionCause cause;

    /** The failure that trips or re-opens, with its Retry-After; null and negative for none. */
    final @Nullable FailureKind kind;

    final long retryAfterNanos;

    /** The slot of the caller whose trial failed, or negative. */
    final int failedCaller;

    /** What was counted, when leaving closed. */
    final @Nullable Figures figures;

    /** Whether the next epoch is held, by which override, and until which tick. */
    final boolean held;

    final @Nullable ManualOverride override;
    final long holdEnd;

    /** Whether a re-opening makes the cooldown grow; whether the opening starts without a cooldown. */
    final boolean grows;

    final boolean cooled;

    private Move(
            CircuitState to,
            TransitionCause cause,
            @Nullable FailureKind kind,
            long retryAfterNanos,
            int failedCaller,
            @Nullable Figures figures,
            boolean held,
            @Nullable ManualOverride override,
            long holdEnd,
            boolean grows,
            boolean cooled) {
        this.to = to;
        this.cause = cause;
        this.kind = kind;
        this.retryAfterNanos = retryAfterNanos;
        this.failedCaller = failedCaller;
        this.figures = figures;
        this.held = held;
        this.override = override;
        this.holdEnd = holdEnd;
        this.grows = grows;
        this.cooled = cooled;
    }

    static Move trip(TransitionCause cause, @Nullable FailureKind kind, long retryAfterNanos, Figures figures) {
        return new Move(
                CircuitState.OPEN,
                cause,
                kind,
                retryAfterNanos,
                TrialEnd.NOBODY,
                figures,
                false,
                null,
                NO_END,
                false,
                false);
    }

    static Move reopen(@Nullable FailureKind kind, long retryAfterNanos, int failedCaller, boolean grows) {
        return new Move(
                CircuitState.OPEN,
                TransitionCause.TRIAL_FAILED,
                kind,
                retryAfterNanos,
                failedCaller,
                null,
                false,
                null,
                NO_END,
                grows,
                false);
    }

    static Move plain(CircuitState to, TransitionCause cause) {
        return new Move(to, cause, null, NONE, TrialEnd.NOBODY, null, false, null, NO_END, false, true);
    }

    /** An override that leads to a state without a hold; {@code figures} when it leaves closed. */
    static Move override(CircuitState to, ManualOverride override, boolean cooled, @Nullable Figures figures) {
        return new Move(
                to,
                TransitionCause.OVERRIDE,
                null,
                NONE,
                TrialEnd.NOBODY,
                figures,
                false,
                override,
                NO_END,
                false,
                cooled);
    }

    /** What a monitor asks for: a move of its own, that bears the actor and reason of an override. */
    static Move suggested(CircuitState to, ManualOverride suggestion, Figures figures) {
        return new Move(
                to,
                TransitionCause.HEALTH,
                null,
                NONE,
                TrialEnd.NOBODY,
                figures,
                false,
                suggestion,
                NO_END,
                false,
                false);
    }

    static Move hold(CircuitState to, ManualOverride override, long holdEnd, @Nullable Figures figures) {
        return new Move(
                to,
                TransitionCause.OVERRIDE,
                null,
                NONE,
                TrialEnd.NOBODY,
                figures,
                true,
                override,
                holdEnd,
                false,
                false);
    }

    /** The action of the override that this is, or null if it is none. */
    @Nullable
    OverrideAction action() {
        return override == null || cause != TransitionCause.OVERRIDE ? null : override.action();
    }

    @Nullable
    Hold hold() {
        if (!held || override == null) {
            return null;
        }
        Instant until = override.until();
        return new Hold(until, override.actor(), override.reason());
    }
}
