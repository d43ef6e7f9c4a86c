package dev.interlock.monitor.loops;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call of a tool that has ended. Immutable.
 *
 * @param tool which, with its prefix {@code tool:}
 * @param arguments what it was called with, as JSON or any other text; null if nobody says
 * @param result what came back; null if nobody says
 * @param failed whether it failed, whatever came back
 * @param began when it began
 * @param ended when it ended
 */
public record LoopCall(
        String tool,
        @Nullable String arguments,
        @Nullable String result,
        boolean failed,
        Instant began,
        Instant ended) {}
