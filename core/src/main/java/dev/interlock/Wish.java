package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a stay wishes for after what it saw: another state, and why. The breaker makes it so, or finds that somebody
 * else was faster.
 */
final class Wish {
    static final long NO_END = Long.MAX_VALUE;
    private static final long NONE = -1;

    final CircuitState to;
    final TransitionCause cause;

    /** The failure that trips or re-opens, with its Retry-After; null and negative for none. */
    final @Nullable FailureKind kind;

    final long retryAfterNanos;

    /** What was counted, when leaving closed. */
    final @Nullable Figures figures;

    /** Whether the next stay is held, by which override, and until which tick. */
    final boolean held;

    final @Nullable ManualOverride override;
    final long holdEnd;

    /** Whether a re-opening makes the cooldown grow; whether the opening starts without a cooldown. */
    final boolean grows;

    final boolean cooled;

    private Wish(
            CircuitState to,
            TransitionCause cause,
            @Nullable FailureKind kind,
            long retryAfterNanos,
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
        this.figures = figures;
        this.held = held;
        this.override = override;
        this.holdEnd = holdEnd;
        this.grows = grows;
        this.cooled = cooled;
    }

    static Wish trip(TransitionCause cause, @Nullable FailureKind kind, long retryAfterNanos, Figures figures) {
        return new Wish(CircuitState.OPEN, cause, kind, retryAfterNanos, figures, false, null, NO_END, false, false);
    }

    static Wish reopen(@Nullable FailureKind kind, long retryAfterNanos, boolean grows) {
        return new Wish(
                CircuitState.OPEN,
                TransitionCause.TRIAL_FAILED,
                kind,
                retryAfterNanos,
                null,
                false,
                null,
                NO_END,
                grows,
                false);
    }

    static Wish plain(CircuitState to, TransitionCause cause) {
        return new Wish(to, cause, null, NONE, null, false, null, NO_END, false, true);
    }

    /** An override that leads to a state without a hold; {@code figures} when it leaves closed. */
    static Wish ordered(CircuitState to, ManualOverride override, boolean cooled, @Nullable Figures figures) {
        return new Wish(to, TransitionCause.OVERRIDE, null, NONE, figures, false, override, NO_END, false, cooled);
    }

    /** What a monitor asks for: a move of its own, that bears the actor and reason of an override. */
    static Wish suggested(CircuitState to, ManualOverride suggestion, Figures figures) {
        return new Wish(to, TransitionCause.HEALTH, null, NONE, figures, false, suggestion, NO_END, false, false);
    }

    static Wish hold(CircuitState to, ManualOverride override, long holdEnd, @Nullable Figures figures) {
        return new Wish(to, TransitionCause.OVERRIDE, null, NONE, figures, true, override, holdEnd, false, false);
    }

    /** What was ordered, or null where nobody gave an order. */
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
