package dev.interlock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far back a circuit looks when it calculates a rate: a span of time, or a number of calls.
 *
 * <p>In a window of time an outcome counts for at least the span and at most a tenth longer. Immutable.
 *
 * @param time the span, 10 ms to 7 days, or null for a window of calls
 * @param calls the number of calls, 1 to 100,000, or 0 for a window of time
 */
public record Window(@Nullable Duration time, int calls) {
    /** The least that a window of time may last. */
    public static final Duration SHORTEST = Duration.ofMillis(10);

    /** The most that a window of time may last. */
    public static final Duration LONGEST = Duration.ofDays(7);

    /** The most calls that a window of calls may hold. */
    public static final int MOST_CALLS = 100_000;

    /**
     * Checks that exactly one of the two is given, within its range.
     *
     * @throws IllegalArgumentException if not
     */
    public Window {
        if (time == null) {
            if (calls < 1 || calls > MOST_CALLS) {
                throw new IllegalArgumentException(
                        "A window of calls must hold 1 to " + MOST_CALLS + " calls, but was " + calls);
            }
        } else if (calls != 0) {
            throw new IllegalArgumentException(
                    "A window is of time or of calls, but was given " + Nanos.text(time) + " and " + calls);
        } else if (time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "A window of time must last 10 ms to 7 days, but was " + Nanos.text(time));
        }
    }

    /**
     * The calls of the last span of time.
     *
     * @param time 10 ms to 7 days
     * @return the window
     * @throws IllegalArgumentException if the span is outside its range
     */
    public static Window ofTime(Duration time) {
        return new Window(time, 0);
    }

    /**
     * The last N calls, however long ago.
     *
     * @param calls 1 to 100,000
     * @return the window
     * @throws IllegalArgumentException if the number is outside its range
     */
    public static Window ofCalls(int calls) {
        return new Window(null, calls);
    }

    @Override
    public String toString() {
        return time != null ? Nanos.text(time) : calls == 1 ? "last call" : "last " + calls + " calls";
    }
}
