package dev.interlock;

import java.util.Objects;

/**
 * How one guarded call of a model ended, and what it used. Immutable.
 *
 * @param guard the guard that admitted it: whose call it was, and what it depended on
 * @param outcome how it ended, and how long it {@linkplain Outcome#took took}
 * @param inputTokens all tokens that went in, those read from a cache included; 0 if nobody says
 * @param outputTokens tokens that came out; 0 if nobody says
 * @param cachedTokens how many of those that went in were read from a cache; 0 if nobody says
 */
@Alpha
public record CallUsage(Guard guard, Outcome outcome, long inputTokens, long outputTokens, long cachedTokens) {
    /** Counts negative numbers as 0. */
    public CallUsage {
        Objects.requireNonNull(guard, "A guarded call has a guard");
        Objects.requireNonNull(outcome, "A call that has ended has an outcome");
        inputTokens = Math.max(0, inputTokens);
        outputTokens = Math.max(0, outputTokens);
        cachedTokens = Math.max(0, cachedTokens);
    }
}
