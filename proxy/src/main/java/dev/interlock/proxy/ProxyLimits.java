package dev.interlock.proxy;

import java.time.Duration;

/**
 * How long one call through the proxy may take.
 *
 * @param firstByte from the end of the request to the first byte of the answer, longer than zero; 120 s by default
 * @param idle from one piece of the answer to the next, longer than zero; 60 s by default
 * @param total from the end of the request to the end of the answer, longer than zero; 30 min by default
 */
public record ProxyLimits(Duration firstByte, Duration idle, Duration total) {
    private static final ProxyLimits DEFAULTS =
            new ProxyLimits(Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMinutes(30));

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if one is not longer than zero
     */
    public ProxyLimits {
        if (!isPositive(firstByte) || !isPositive(idle) || !isPositive(total)) {
            throw new IllegalArgumentException(
                    "Limits must be longer than zero, but were " + firstByte + ", " + idle + " and " + total);
        }
    }

    /** The limits that an upstream has where nobody said otherwise. */
    public static ProxyLimits defaults() {
        return DEFAULTS;
    }

    private static boolean isPositive(Duration limit) {
        return !limit.isZero() && !limit.isNegative();
    }
}
