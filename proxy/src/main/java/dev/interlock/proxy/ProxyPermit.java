package dev.interlock.proxy;

import dev.interlock.Outcome;

/** Permission to make one call. */
@FunctionalInterface
public interface ProxyPermit {
    /**
     * Says how the call ended. Called once; must not throw or block.
     *
     * @param outcome how it ended
     */
    void settle(Outcome outcome);
}
