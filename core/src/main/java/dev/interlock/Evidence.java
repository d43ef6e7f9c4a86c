package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * An outcome as an epoch sees it: judged by the {@linkplain Policy#judge policy}, at a moment.
 *
 * @param verdict success, failure, fatal, answered or ignored
 * @param slow whether it counts as a slow call, whatever the verdict
 * @param kind of a failure
 * @param retryAfterNanos how long a failure asked to wait, as the policy counts it; negative for none
 * @param now the exact clock's reading
 * @param source whose call it was, and when it began
 */
record Evidence(
        Verdict verdict, boolean slow, @Nullable FailureKind kind, long retryAfterNanos, long now, Source source) {
    /** Below what stands for a duration that nobody measured. */
    private static final long AGED = -2;

    /** What an outcome means under a policy. */
    enum Verdict {
        SUCCESS,
        FAILURE,
        /** A failure that opens at once. */
        FATAL,
        /** The caller's own mistake, correctly refused by an upstream: a sign of life. */
        ANSWERED,
        IGNORED
    }

    /**
     * Where evidence comes from.
     *
     * @param slot of the caller
     * @param began the tick at which the call began; {@link Long#MAX_VALUE} if nobody knows
     * @param withStatus whether an answer's status says so
     * @param alone the call, where its failure may be its agent's after all; else null
     * @param agents whether the failure is the agent's, since only its caller fails
     * @param everybodys whether it says of all callers what it says of one: what all have used of a key together
     */
    record Source(
            int slot,
            long began,
            boolean withStatus,
            Caller.@Nullable Alone alone,
            boolean agents,
            boolean everybodys) {
        private static final Source NOBODY = new Source(0, Long.MAX_VALUE, false, null, false, false);
    }

    /** A failure that is attributed to another circuit. */
    static Evidence ofAnothersFailure(long now) {
        return new Evidence(Verdict.IGNORED, false, null, -1, now, Source.NOBODY);
    }

    /**
     * In place of how long a call took, where only its age is known: it may have ended some time ago, so that says nothing
     * of how slow it was.
     */
    static long aged(long ageNanos) {
        return AGED - Math.min(ageNanos, Long.MAX_VALUE / 2);
    }

    /** The tick at which a call began that took so long, or is so old; {@link Long#MAX_VALUE} if nobody knows. */
    static long began(long tookNanos, long now) {
        if (tookNanos >= 0) {
            return now - tookNanos;
        }
        return tookNanos <= AGED ? now - (AGED - tookNanos) : Long.MAX_VALUE;
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

    boolean isAnswered() {
        return verdict == Verdict.ANSWERED;
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

    int slot() {
        return source.slot;
    }

    /** Whether it is the agent's failure since only its caller fails. */
    boolean isAgents() {
        return source.agents;
    }

    /** Whether it says of all callers what it says of one. */
    boolean isEverybodys() {
        return source.everybodys;
    }

    /** Finds that only its caller fails like this: the failure counts in the circuit of its agent, if that is another. */
    void foundAlone() {
        if (source.alone != null) {
            source.alone.found();
        }
    }

    /** The same, with nothing to be found any more. */
    Evidence asFound() {
        Source found = new Source(source.slot, source.began, source.withStatus, null, source.agents, source.everybodys);
        return new Evidence(verdict, slow, kind, retryAfterNanos, now, found);
    }

    /** The same call as one of another verdict, neither failed nor slow. */
    Evidence as(Verdict other) {
        return new Evidence(other, false, null, -1, now, source);
    }

    /**
     * What it means compared with other callers. A time-out that no answer's status reports says nothing of an upstream
     * that has answered another caller since the call began: it is the agent's own.
     */
    Evidence beside(Callers callers) {
        boolean agents = kind == FailureKind.TIMEOUT
                && failed()
                && !source.agents
                && !source.withStatus
                && callers.wasGoodForAnother(source.slot, source.began);
        if (!agents) {
            return this;
        }
        foundAlone();
        return as(Verdict.IGNORED);
    }

    /** Notes it as its caller's last outcome; returns whether it is a first answered mistake since another outcome. */
    boolean note(Callers callers) {
        boolean first = isAnswered() && callers.answered(source.slot);
        if (failed()) {
            callers.failed(source.slot, now);
        } else if (succeeded()) {
            callers.succeeded(source.slot, now, !slow);
        }
        if (slow) {
            callers.slow(source.slot, now);
        }
        return first;
    }
}
