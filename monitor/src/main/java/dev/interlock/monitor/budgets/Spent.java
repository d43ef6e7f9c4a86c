package dev.interlock.monitor.budgets;

/**
 * What calls used together. Sums that would overflow stay at the largest number. Immutable.
 *
 * @param calls how many calls, failed and cancelled ones included
 * @param tokens tokens that went in and were not read from a cache, and those that came out
 * @param cachedTokens tokens read from a cache
 * @param costNanos what they cost, in billionths of a US dollar
 * @param unpricedTokens tokens of calls whose cost nobody knows; among the others, too
 */
public record Spent(long calls, long tokens, long cachedTokens, long costNanos, long unpricedTokens) {
    /** Nothing. */
    public static final Spent NOTHING = new Spent(0, 0, 0, 0, 0);

    private static final double NANOS = 1e9;

    /**
     * Adds.
     *
     * @param more what else was used
     * @return both together
     */
    public Spent plus(Spent more) {
        return new Spent(
                add(calls, more.calls),
                add(tokens, more.tokens),
                add(cachedTokens, more.cachedTokens),
                add(costNanos, more.costNanos),
                add(unpricedTokens, more.unpricedTokens));
    }

    /** {@return what was used beyond what somebody else has used} */
    Spent minus(Spent less) {
        return new Spent(
                calls - less.calls,
                tokens - less.tokens,
                cachedTokens - less.cachedTokens,
                costNanos - less.costNanos,
                unpricedTokens - less.unpricedTokens);
    }

    /** {@return the cost in US dollars} */
    public double costUsd() {
        return costNanos / NANOS;
    }

    /** {@return a cost in billionths of a US dollar} */
    static long nanos(double usd) {
        return Math.round(usd * NANOS);
    }

    private static long add(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
