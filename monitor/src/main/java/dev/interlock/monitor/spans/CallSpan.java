package dev.interlock.monitor.spans;

import dev.interlock.FailureKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What of an OpenTelemetry span is about a call of an agent. Immutable; holds names and numbers, and nothing that people or
 * models wrote.
 *
 * @param what what the span is
 * @param agent the agent that it names itself, or empty
 * @param target what it calls, with its prefix {@code model:} or {@code tool:}, or empty if it does not say
 * @param kind how the call failed, or null for a good one
 * @param retryAfter when the failing side asked to be called again, or null
 * @param error what the failure is called: a code or the name of a class; empty if nobody says
 * @param guarded whether a guard has counted the call already
 * @param proxied whether it says that it went through a proxy which has counted it
 * @param thinned whether it says that spans like it were left out, so that rates of them mean nothing
 * @param server the host that it called, or empty
 * @param port its port, or empty
 * @param inputTokens tokens that went in, negative if it does not say
 * @param outputTokens tokens that came out, negative if it does not say
 * @param cachedTokens those of the input that a cache had, negative if it does not say
 * @param arguments a digest of what a tool was called with, or empty if it does not say
 * @param result a digest of what a tool answered, or empty if it does not say
 */
public record CallSpan(
        What what,
        String agent,
        String target,
        @Nullable FailureKind kind,
        @Nullable Duration retryAfter,
        String error,
        boolean guarded,
        boolean proxied,
        boolean thinned,
        String server,
        String port,
        long inputTokens,
        long outputTokens,
        long cachedTokens,
        String arguments,
        String result) {

    /** What a span is. */
    public enum What {
        /** A call of a model. */
        MODEL_CALL,
        /** A call of a tool. */
        TOOL_CALL,
        /** A run of an agent, within which it makes its calls. */
        AGENT,
        /** Anything else. */
        OTHER;

        /**
         * Whether it is a call of something that agents depend on.
         *
         * @return true of models and tools
         */
        public boolean isCall() {
            return this == MODEL_CALL || this == TOOL_CALL;
        }
    }

    /**
     * Whether an attribute says anything here; the values of others need not be read.
     *
     * @param key its name
     * @return false for all that may hold prompts, answers or arguments, and for what is not known
     */
    public static boolean reads(String key) {
        return SpanKey.of(key) != null;
    }

    /**
     * A span with nothing known yet.
     *
     * @return its builder
     */
    public static CallSpanBuilder builder() {
        return new CallSpanBuilder();
    }
}
