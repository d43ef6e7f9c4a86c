package dev.interlock.replay;

import dev.interlock.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * One recorded call.
 *
 * @param line where its row begins in the file, which also gives the file's order
 * @param time when it began, nanoseconds since 1970
 * @param duration how long it took, in nanoseconds
 * @param agent who called, or null where no circuit asks
 * @param target what was called, or null where no circuit asks or the file does not say
 * @param key what it was paid with, or null where no circuit asks or the file does not say
 * @param caller who made it, or null for the circuit that asks
 * @param ok whether the file calls it good
 * @param kind how it failed, {@link FailureKind#CANCELLED} if its caller gave it up, or null
 * @param retryAfter when the failing side asked to be called again, in nanoseconds from the failure on; negative if it did not
 *     say
 * @param unlessFailed the execution whose failed call stands for this one as well, or null
 */
record Call(
        long line,
        long time,
        long duration,
        @Nullable Name agent,
        @Nullable Name target,
        @Nullable Name key,
        @Nullable Name caller,
        boolean ok,
        @Nullable FailureKind kind,
        long retryAfter,
        @Nullable String unlessFailed) {

    /** A call that its agent made, of whose key nobody knows. */
    Call(
            long line,
            long time,
            long duration,
            @Nullable Name agent,
            @Nullable Name target,
            boolean ok,
            @Nullable FailureKind kind,
            long retryAfter,
            @Nullable String unlessFailed) {
        this(line, time, duration, agent, target, null, agent, ok, kind, retryAfter, unlessFailed);
    }

    /** In place of a wait that nobody asked for. */
    static final long NO_WAIT = -1;

    long end() {
        return time + duration;
    }

    /** Whether this call begins before another: by time, then by the file's order. */
    int compareBegin(Call other) {
        int byTime = Long.compare(time, other.time);
        return byTime != 0 ? byTime : Long.compare(line, other.line);
    }
}
