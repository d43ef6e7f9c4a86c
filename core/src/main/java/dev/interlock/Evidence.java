package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * An outcome as an epoch sees it: judged by the {@linkplain Policy#judge policy}, at a moment.
 *
 * @param verdict success, failure, fatal or ignored
 * @param slow whether it counts as a slow call, whatever the verdict
 * @param kind of a failure
 * @param retryAfterNanos how long a failure asked to wait, as the policy counts it; negative for none
 * @param now the exact clock's reading
 */
record Evidence(Verdict verdict, boolean slow, @Nullable FailureKind kind, long retryAfterNanos, long now) {
    /** What an outcome means under a policy. */
    enum Verdict {
        SUCCESS,
        FAILURE,
        /** A failure that opens at once. */
        FATAL,
        IGNORED
    }

    /** A failure that is attributed to another circuit. */
    static Evidence ofAnothersFailure(long now) {
        return new Evidence(Verdict.IGNORED, false, null, -1, now);
    }

    /** Whether the call did what it should, and fast enough. */
    boolean isGood() {
        return verdict == Verdict.SUCCESS && !slow;
    }

    boolean succeeded() {
        return verdict == Verdict.SUCCESS;
    }

    boolean failed() {
        return verdict == Verdict.FAILURE || verdict == Verdict.FATAL;
    }

    boolean isFatal() {
        return verdict == Verdict.FATAL;
    }

    boolean isIgnored() {
        return verdict == Verdict.IGNORED;
    }

    /** When the wait ends that the failure asked for, or {@link RollingWindow#NEVER}. */
    long waitEnd() {
        return retryAfterNanos > 0 ? now + retryAfterNanos : RollingWindow.NEVER;
    }

    /** Whether it says nothing at all. */
    boolean isSilent() {
        return verdict == Verdict.IGNORED && !slow;
    }
}
