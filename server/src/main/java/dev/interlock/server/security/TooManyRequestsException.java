package dev.interlock.server.security;

import java.util.concurrent.TimeUnit;

/** A call beyond a rate limit. Answered with 429 and {@code Retry-After}. */
public final class TooManyRequestsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long retryAfterSeconds;

    TooManyRequestsException(String message, long retryAfterNanos) {
        super(message, null, false, false);
        this.retryAfterSeconds = Math.max(1, (retryAfterNanos + 999_999_999) / TimeUnit.SECONDS.toNanos(1));
    }

    /**
     * When to retry.
     *
     * @return whole seconds, rounded up, at least 1
     */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
