package dev.interlock;

import java.time.Duration;

/**
 * A call was refused by a circuit. Carries values, never the circuit, and no stack trace: refusing must be cheap.
 *
 * <p>Nothing was called; whoever catches it may fall back, or come again after {@link #retryAfter()}.
 */
public final class CircuitOpenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final CircuitId id;
    private final CircuitState state;
    private final long retryAfterNanos;

    CircuitOpenException(CircuitId id, CircuitState state, long retryAfterNanos) {
        super(null, null, false, false);
        this.id = id;
        this.state = state;
        this.retryAfterNanos = retryAfterNanos;
    }

    /**
     * Who refused; of several circuits around the call the one with the longest time left.
     *
     * @return the circuit's id
     */
    public CircuitId id() {
        return id;
    }

    /**
     * Why: the circuit is open, or half-open with no place for another trial.
     *
     * @return {@link CircuitState#OPEN} or {@link CircuitState#HALF_OPEN}
     */
    public CircuitState state() {
        return state;
    }

    /**
     * When to come again.
     *
     * @return the time from the refusal on, longer than zero
     */
    public Duration retryAfter() {
        return Duration.ofNanos(retryAfterNanos);
    }

    @Override
    public String getMessage() {
        return "Circuit " + id + " is " + (state == CircuitState.OPEN ? "open" : "half-open and trying others")
                + "; retry after " + retryAfterNanos / 1_000_000 + " ms";
    }
}
