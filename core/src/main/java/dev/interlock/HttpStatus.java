package dev.interlock;

import dev.interlock.facts.RetryAfter;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** HTTP answers as outcomes; {@code Retry-After} as in RFC 9110, section 10.2.3. */
final class HttpStatus {
    private static final int LEAST = 100;
    private static final int MOST = 599;

    private HttpStatus() {}

    static boolean isOne(int status) {
        return status >= LEAST && status <= MOST;
    }

    static Outcome outcome(int status) {
        if (!isOne(status)) {
            throw new IllegalArgumentException("An HTTP status is 100 to 599, but this was " + status
                    + "; a call without an answer is a failure of kind CONNECTION");
        }
        return status < 400 ? Outcome.success() : Outcome.failure(kind(status)).ofStatus();
    }

    static Outcome outcome(int status, @Nullable String retryAfter, Instant now) {
        Outcome outcome = outcome(status);
        Duration wait = outcome.isSuccess() ? null : RetryAfter.ofHeader(retryAfter, now);
        return wait == null ? outcome : outcome.retryAfter(wait);
    }

    /** What a status from 400 to 599 stands for. */
    static FailureKind kind(int status) {
        return switch (status) {
            case 401 -> FailureKind.AUTHENTICATION;
            case 402 -> FailureKind.QUOTA_EXHAUSTED;
            case 403 -> FailureKind.FORBIDDEN;
            case 408, 504 -> FailureKind.TIMEOUT;
            case 429 -> FailureKind.RATE_LIMITED;
            case 499 -> FailureKind.CANCELLED;
            case 503, 529 -> FailureKind.OVERLOADED;
            default -> status < 500 ? FailureKind.INVALID_REQUEST : FailureKind.SERVER_ERROR;
        };
    }
}
