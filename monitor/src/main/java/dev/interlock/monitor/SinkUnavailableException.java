package dev.interlock.monitor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A sink could not take a batch now, but may later. */
public final class SinkUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable Duration retryAfter;

    /**
     * Says why, and when to come back.
     *
     * @param message what was wrong
     * @param retryAfter when the sink asked to be called again, from now on; null where it did not say
     * @param cause what it threw, or null
     */
    public SinkUnavailableException(String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /**
     * When the sink asked to be called again.
     *
     * @return the time from the exception on, or null where it did not say
     */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
