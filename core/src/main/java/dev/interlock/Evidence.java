package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * An outcome as an epoch sees it: judged by the policy, at a moment.
 *
 * @param verdict success, failure, fatal or ignored
 * @param slow whether it counts as a slow call, whatever the verdict
 * @param kind of a failure
 * @param retryAfterNanos of a failure, negative for none
 * @param now the exact clock's reading
 */
record Evidence(Verdict verdict, boolean slow, @Nullable FailureKind kind, long retryAfterNanos, long now) {
    /** One that the policy judges. */
    static Evidence of(Outcome outcome, long tookNanos, Policy policy, long now) {
        Verdict verdict = Verdict.of(outcome, policy);
        boolean slow = Verdict.isSlow(verdict, outcome.kind(), tookNanos, policy);
        return new Evidence(verdict, slow, outcome.kind(), outcome.retryAfterNanos(), now);
    }

    /** A failure that concerns another circuit. */
    static Evidence ofAnothersFailure(long now) {
        return new Evidence(Verdict.IGNORED, false, null, -1, now);
    }

    /** Whether the call did what it should, and fast enough. */
    boolean isGood() {
        return verdict == Verdict.SUCCESS && !slow;
    }

    boolean failed() {
        return verdict == Verdict.FAILURE || verdict == Verdict.FATAL;
    }

    /** Whether it says nothing at all. */
    boolean isSilent() {
        return verdict == Verdict.IGNORED && !slow;
    }
}
