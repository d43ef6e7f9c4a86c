package dev.interlock;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many retries are allowed over time, so that retries cannot multiply the load of an upstream that fails. Each
 * retry takes tokens; a success after a retry brings them back, and any other success brings one token.
 *
 * <p>While nearly everything works, the budget is full and limits nobody. In an outage it is used up after a hundred
 * retries; then each call is made once. Safe for use by any thread; several guards may share one.
 */
@Beta
public final class RetryBudget {
    private static final int TOKENS = 500;
    private static final int COST = 5;

    private final int most;
    private final int cost;
    private final AtomicInteger tokens;

    /** A full budget of 500 tokens; a retry takes 5. */
    public RetryBudget() {
        this(TOKENS, COST);
    }

    /**
     * A full budget.
     *
     * @param tokens how many there are at most, at least {@code cost}
     * @param cost how many a retry takes, at least 1
     * @throws IllegalArgumentException if a number is out of its range
     */
    public RetryBudget(int tokens, int cost) {
        if (cost < 1 || tokens < cost) {
            throw new IllegalArgumentException(
                    "A budget needs a cost of at least 1 and no fewer tokens than that, but got " + tokens
                            + " tokens at a cost of " + cost);
        }
        this.most = tokens;
        this.cost = cost;
        this.tokens = new AtomicInteger(tokens);
    }

    /**
     * The tokens that are left.
     *
     * @return tokens, 0 or more
     */
    public int tokens() {
        return tokens.get();
    }

    /** Takes the tokens of one retry; false if there are not enough. */
    boolean take() {
        int present = tokens.get();
        while (present >= cost) {
            if (tokens.compareAndSet(present, present - cost)) {
                return true;
            }
            present = tokens.get();
        }
        return false;
    }

    /** A call has succeeded. */
    void succeeded(boolean afterARetry) {
        int present = tokens.get();
        if (present < most) { // a healthy fleet writes nothing
            tokens.getAndUpdate(left -> Math.min(most, left + (afterARetry ? cost : 1)));
        }
    }

    @Override
    public String toString() {
        return "RetryBudget[" + tokens + " of " + most + " tokens, " + cost + " a retry]";
    }
}
