package dev.interlock;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How often and how soon a call is retried if it failed for a reason that may pass: TIMEOUT, CONNECTION, SERVER_ERROR,
 * OVERLOADED or RATE_LIMITED. Immutable.
 *
 * @param attempts how many calls are made at most, 1 to 20; by default 3
 * @param delay before the first retry, 1 ms to 365 days; doubles with each further one; by default 0.5 s. Up to a quarter of it
 *     is taken off at random
 * @param delayMax what the delay grows to at most, {@code delay} to 365 days; by default 8 s
 * @param waitMax how long a wait that the failure asks for may be, 0 to 365 days; a longer one ends the retries; by default
 *     30 s
 */
@Beta
public record Retry(int attempts, Duration delay, Duration delayMax, Duration waitMax) {
    private static final int MOST_ATTEMPTS = 20;

    /** Share of a delay that is random, and of a wait of a rate limit that is added. */
    private static final double JITTER = 0.25;

    private static final double RATE_LIMIT_JITTER = 0.2;

    /**
     * A retry.
     *
     * @throws InvalidSettingsException if values are out of their range; it names all of them
     */
    public Retry {
        Problems problems = new Problems();
        problems.number("attempts", attempts, 1, MOST_ATTEMPTS);
        problems.duration("delay", delay, Problems.SHORTEST, Problems.LONGEST);
        problems.duration("delayMax", delayMax, delay, Problems.LONGEST);
        problems.duration("waitMax", waitMax, Duration.ZERO, Problems.LONGEST);
        problems.throwIfAny();
    }

    /**
     * A number of attempts, with the defaults for all else.
     *
     * @param attempts how many calls are made at most, the first included: 1 to 20
     * @return a retry
     * @throws InvalidSettingsException if the number is out of its range
     */
    public static Retry upTo(int attempts) {
        return new Retry(attempts, Duration.ofMillis(500), Duration.ofSeconds(8), Duration.ofSeconds(30));
    }

    /**
     * This retry with other delays.
     *
     * @param first before the first retry
     * @param most what it grows to at most
     * @return another retry
     * @throws InvalidSettingsException if a delay is out of its range
     */
    public Retry delays(Duration first, Duration most) {
        return new Retry(attempts, first, most, waitMax);
    }

    /**
     * This retry with another limit for waits that a failure asks for.
     *
     * @param limit a longer wait ends the retries
     * @return another retry
     * @throws InvalidSettingsException if the limit is negative
     */
    public Retry waitMax(Duration limit) {
        return new Retry(attempts, delay, delayMax, limit);
    }

    /**
     * How long to wait after a failed attempt; null if that was the last one.
     *
     * @param made how many attempts there were
     */
    @Nullable
    Duration waitAfter(Outcome outcome, int made, DoubleSupplier random) {
        if (made >= attempts || !mayPass(outcome.kind())) {
            return null;
        }
        Duration asked = outcome.retryAfter();
        if (asked != null && !asked.isZero()) {
            double more = outcome.kind() == FailureKind.RATE_LIMITED ? RATE_LIMIT_JITTER * random.getAsDouble() : 0;
            return asked.compareTo(waitMax) > 0 ? null : asked.plusNanos((long) (more * Nanos.of(asked)));
        }
        double grown = Math.min((double) Nanos.of(delayMax), Nanos.of(delay) * Math.pow(2, made - 1));
        return Duration.ofNanos((long) (grown * (1 - JITTER * random.getAsDouble())));
    }

    private static boolean mayPass(@Nullable FailureKind kind) {
        return kind == FailureKind.TIMEOUT
                || kind == FailureKind.CONNECTION
                || kind == FailureKind.SERVER_ERROR
                || kind == FailureKind.OVERLOADED
                || kind == FailureKind.RATE_LIMITED;
    }
}
