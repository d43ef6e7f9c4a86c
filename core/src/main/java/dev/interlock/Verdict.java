package dev.interlock;

import org.jspecify.annotations.Nullable;

/** What an outcome means under a policy. */
enum Verdict {
    SUCCESS,
    FAILURE,
    /** A failure that opens at once. */
    FATAL,
    IGNORED;

    static Verdict of(Outcome outcome, Policy policy) {
        FailureKind kind = outcome.kind();
        return kind == null ? SUCCESS : of(policy.treatment(kind, outcome.retryAfterNanos() >= 0));
    }

    private static Verdict of(Treatment treatment) {
        return switch (treatment) {
            case COUNT -> FAILURE;
            case TRIP -> FATAL;
            case IGNORE -> IGNORED;
        };
    }

    /** Whether a call of that duration is slow: one that was ignored only if its caller gave it up. */
    static boolean isSlow(Verdict verdict, @Nullable FailureKind kind, long tookNanos, Policy policy) {
        return policy.isSlow(tookNanos) && (verdict != IGNORED || kind == FailureKind.CANCELLED);
    }
}
