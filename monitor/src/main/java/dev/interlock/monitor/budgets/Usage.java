package dev.interlock.monitor.budgets;

import dev.interlock.CallUsage;
import org.jspecify.annotations.Nullable;

/**
 * What one call used, as far as its reporter knows. Immutable.
 *
 * @param inputTokens all tokens that went in, those read from a cache included; 0 if nobody says
 * @param outputTokens tokens that came out; 0 if nobody says
 * @param cachedTokens how many of those that went in were read from a cache; at most {@code inputTokens} count
 * @param costUsd what the call cost in US dollars, or null if nobody says: then a {@link Price} may
 */
public record Usage(
        long inputTokens,
        long outputTokens,
        long cachedTokens,
        @Nullable Double costUsd) {
    /** A call whose usage is not known. */
    public static final Usage UNKNOWN = new Usage(0, 0, 0, null);

    /** The most tokens of one call. */
    public static final long MOST_TOKENS = 1_000_000_000_000L;

    /** The most that one call may cost, in US dollars. */
    public static final double MOST_USD = 1_000_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative, not finite or beyond {@link #MOST_TOKENS} or {@link #MOST_USD}
     */
    public Usage {
        check("input tokens", inputTokens);
        check("output tokens", outputTokens);
        check("cached tokens", cachedTokens);
        if (costUsd != null && !(costUsd >= 0 && costUsd <= MOST_USD)) {
            throw new IllegalArgumentException(
                    "A call's cost must be a number of dollars from 0 to " + (long) MOST_USD + ", but was " + costUsd);
        }
    }

    /**
     * What a call used if only the sum of its tokens is known.
     *
     * @param tokens in and out together
     * @param costUsd US dollars, or null
     * @return its usage
     * @throws IllegalArgumentException as the constructor does
     */
    public static Usage ofSum(long tokens, @Nullable Double costUsd) {
        return new Usage(tokens, 0, 0, costUsd);
    }

    /** What a guarded call reports; {@link #UNKNOWN} if nobody said. Numbers that no call has are the largest one. */
    static Usage of(CallUsage reported) {
        long input = Math.min(reported.inputTokens(), MOST_TOKENS);
        long output = Math.min(reported.outputTokens(), MOST_TOKENS);
        return input == 0 && output == 0
                ? UNKNOWN
                : new Usage(input, output, Math.min(reported.cachedTokens(), MOST_TOKENS), null);
    }

    /** {@return whether it says anything} */
    public boolean isKnown() {
        return inputTokens > 0 || outputTokens > 0 || costUsd != null;
    }

    /** {@return how many tokens were read from a cache, at most those that went in} */
    long cached() {
        return Math.min(cachedTokens, inputTokens);
    }

    /** {@return tokens that went in and were not read from a cache, and those that came out} */
    long uncached() {
        return inputTokens - cached() + outputTokens;
    }

    private static void check(String what, long tokens) {
        if (tokens < 0 || tokens > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "A call's " + what + " must be from 0 to " + MOST_TOKENS + ", but were " + tokens);
        }
    }
}
