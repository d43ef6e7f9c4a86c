package dev.interlock.proxy;

import dev.interlock.monitor.Shares;

/**
 * What holds for all upstreams.
 *
 * @param refusalStatus the status of refusals, 400 to 599; 424 by default
 * @param calls calls that may be under way at a time, shared among organizations
 * @param bodies bytes of requests that may be held at a time, shared among organizations
 * @param mostCalls how many connections to upstreams there may be
 */
public record ProxySettings(int refusalStatus, Shares calls, Shares bodies, int mostCalls) {
    /** The longest body of a request, in bytes. */
    public static final int LONGEST_BODY = 32 * 1024 * 1024;

    /** The status of a refusal where nobody said otherwise. */
    public static final int REFUSAL_STATUS = 424;

    /**
     * Checks the status.
     *
     * @throws IllegalArgumentException if it is no failure's
     */
    public ProxySettings {
        if (refusalStatus < 400 || refusalStatus > 599) {
            throw new IllegalArgumentException("refusalStatus must be 400 to 599, but was " + refusalStatus);
        }
    }
}
