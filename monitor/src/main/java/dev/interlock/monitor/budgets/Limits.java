package dev.interlock.monitor.budgets;

import org.jspecify.annotations.Nullable;

/**
 * How much may be used. Immutable; at least one number is there.
 *
 * @param tokens tokens, or null for any number
 * @param costUsd US dollars, or null for any number
 * @param calls calls, or null for any number
 */
public record Limits(
        @Nullable Long tokens,
        @Nullable Double costUsd,
        @Nullable Long calls) {
    /** The largest limit of tokens and calls. */
    public static final long MOST = 1_000_000_000_000_000L;

    /** The largest limit of US dollars. */
    public static final double MOST_USD = 1_000_000_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if there is none, or one is not above 0 or too large
     */
    public Limits {
        if (tokens == null && costUsd == null && calls == null) {
            throw new IllegalArgumentException("A budget needs tokens, cost_usd or calls: at least one of them");
        }
        check("tokens", tokens);
        check("calls", calls);
        if (costUsd != null && !(costUsd > 0 && costUsd <= MOST_USD)) {
            throw new IllegalArgumentException(
                    "cost_usd = " + costUsd + ": must be a number of dollars above 0, at most " + (long) MOST_USD);
        }
    }

    /** {@return these limits and those of a raise; what has no limit stays without one} */
    Limits plus(Limits raise) {
        return new Limits(
                add(tokens, raise.tokens),
                costUsd == null || raise.costUsd == null
                        ? costUsd
                        : (Double) Math.min(MOST_USD, costUsd + raise.costUsd),
                add(calls, raise.calls));
    }

    /**
     * How much of the limits is used.
     *
     * @param spent what was used
     * @param countsCached whether tokens read from a cache count
     * @return of the limit that is nearest, the fraction that is used: 1 and more if it is used up
     */
    public double used(Spent spent, boolean countsCached) {
        double most = 0;
        if (tokens != null) {
            most = Math.max(most, (double) tokens(spent, countsCached) / tokens);
        }
        if (costUsd != null) {
            most = Math.max(most, spent.costUsd() / costUsd);
        }
        return calls == null ? most : Math.max(most, (double) spent.calls() / calls);
    }

    /** {@return tokens that count} */
    static long tokens(Spent spent, boolean countsCached) {
        return countsCached ? spent.tokens() + spent.cachedTokens() : spent.tokens();
    }

    private static @Nullable Long add(@Nullable Long one, @Nullable Long other) {
        return one == null || other == null ? one : (Long) Math.min(MOST, one + other);
    }

    private static void check(String what, @Nullable Long value) {
        if (value != null && (value <= 0 || value > MOST)) {
            throw new IllegalArgumentException(
                    what + " = " + value + ": must be a whole number above 0, at most " + MOST);
        }
    }
}
