package dev.interlock;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** HTTP answers as outcomes; {@code Retry-After} as in RFC 9110, section 10.2.3. */
final class HttpStatus {
    private static final int LONGEST_NUMBER = 9;

    private HttpStatus() {}

    static Outcome outcome(int status) {
        return status < 400 ? Outcome.success() : Outcome.failure(kind(status));
    }

    static Outcome outcome(int status, @Nullable String retryAfter, Instant now) {
        Outcome outcome = outcome(status);
        Duration wait = retryAfter == null || outcome.isSuccess() ? null : parse(retryAfter.trim(), now);
        return wait == null ? outcome : outcome.retryAfter(wait);
    }

    private static FailureKind kind(int status) {
        return switch (status) {
            case 401, 403 -> FailureKind.AUTHENTICATION;
            case 402 -> FailureKind.QUOTA_EXHAUSTED;
            case 408, 504 -> FailureKind.TIMEOUT;
            case 429 -> FailureKind.RATE_LIMITED;
            case 499 -> FailureKind.CANCELLED;
            case 503, 529 -> FailureKind.OVERLOADED;
            default -> status < 500 ? FailureKind.INVALID_REQUEST : FailureKind.SERVER_ERROR;
        };
    }

    private static @Nullable Duration parse(String value, Instant now) {
        if (!value.isEmpty()
                && value.length() <= LONGEST_NUMBER
                && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return date.isBefore(now) ? Duration.ZERO : Duration.between(now, date);
        } catch (DateTimeException unreadable) {
            return null; // as good as none: a header that nobody can read must not change how a failure counts
        }
    }
}
