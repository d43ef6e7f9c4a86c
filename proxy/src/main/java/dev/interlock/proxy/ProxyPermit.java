package dev.interlock.proxy;

import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Usage;

/** Permission to make one call. */
@FunctionalInterface
public interface ProxyPermit {
    /**
     * Says how the call ended and what it used. Called once; must not throw or block.
     *
     * @param outcome how it ended
     * @param usage what its answer says of tokens, or {@link Usage#UNKNOWN}
     */
    void settle(Outcome outcome, Usage usage);

    /**
     * Says how a call ended whose usage is not known, in place of {@link #settle(Outcome, Usage)}.
     *
     * @param outcome how it ended
     */
    default void settle(Outcome outcome) {
        settle(outcome, Usage.UNKNOWN);
    }
}
