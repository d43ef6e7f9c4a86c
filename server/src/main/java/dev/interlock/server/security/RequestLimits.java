package dev.interlock.server.security;

import dev.interlock.TimeSource;

/**
 * How often callers may call: each key and subject by itself, and all of an organization together. Safe for use by any
 * thread; takes no lock.
 */
final class RequestLimits {
    private static final int MOST = 100_000;

    private final RateLimiter callers;
    private final RateLimiter organizations;

    /**
     * Limits that nobody has used yet.
     *
     * @param settings how much a key or subject, and an organization, may call
     * @param time by whose ticks
     */
    RequestLimits(SecuritySettings settings, TimeSource time) {
        this.callers = new RateLimiter(time, settings.requestsPerSecond(), settings.requestBurst(), MOST);
        this.organizations = new RateLimiter(
                time, settings.organizationRequestsPerSecond(), settings.organizationRequestBurst(), MOST);
    }

    /**
     * Counts a call.
     *
     * @throws TooManyRequestsException if it is one too many
     */
    void take(Caller caller) {
        long wait = callers.takeIfRoom(caller.bucket());
        if (wait > 0) {
            throw new TooManyRequestsException("Too many requests by this key or subject", wait);
        }
        wait = organizations.take(caller.organization());
        if (wait > 0) {
            throw new TooManyRequestsException(
                    "Too many requests by all keys and subjects of this organization together", wait);
        }
    }
}
