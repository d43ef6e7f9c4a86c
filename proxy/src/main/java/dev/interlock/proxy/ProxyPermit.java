package dev.interlock.proxy;

import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Usage;

/** Permission to make one call. */
@FunctionalInterface
public interface ProxyPermit {
    /**
     * Says how the call ended. Called once; must not throw or block.
     *
     * @param outcome how it ended
     */
    void settle(Outcome outcome);

    /**
     * Says how the call ended and what it used, in place of {@link #settle(Outcome)}.
     *
     * @param outcome how it ended
     * @param usage what its answer says of tokens, or {@link Usage#UNKNOWN}
     */
    default void settle(Outcome outcome, Usage usage) {
        settle(outcome);
    }
}
