package dev.interlock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call was refused by a circuit, or by a {@linkplain #gate() gate} in front of it. Carries values, never the circuit,
 * and no stack trace: refusing must be cheap.
 *
 * <p>Nothing was called; code that catches it may fall back, or retry after {@link #retryAfter()}.
 */
public sealed class CircuitOpenException extends RuntimeException permits GateClosedException {
    private static final long serialVersionUID = 1;

    private final CircuitId id;
    /** Negative of a circuit that is half-open: with a field for the state a refusal would take 64 bytes instead of 56. */
    private final long retryAfterNanos;

    private final @Nullable Hold hold;
    private final @Nullable Trip trip;

    CircuitOpenException(
            CircuitId id, CircuitState state, long retryAfterNanos, @Nullable Hold hold, @Nullable Trip trip) {
        super(null, null, false, false);
        this.id = id;
        this.retryAfterNanos = state == CircuitState.HALF_OPEN ? -retryAfterNanos : retryAfterNanos;
        this.hold = hold;
        this.trip = trip;
    }

    /**
     * Who refused. If several circuits refused, the one with the longest time left; for a gate, the one that it covers.
     *
     * @return the circuit's id
     */
    public CircuitId id() {
        return id;
    }

    /**
     * Why: the circuit is open, or half-open with no place for another trial. Of a call that a gate refused, the state of
     * the circuit behind it.
     *
     * @return {@link CircuitState#OPEN} or {@link CircuitState#HALF_OPEN}; behind a gate any
     */
    public CircuitState state() {
        return retryAfterNanos < 0 ? CircuitState.HALF_OPEN : CircuitState.OPEN;
    }

    /**
     * When to retry; with a gate that has no end, in a minute.
     *
     * @return the time from the refusal on, longer than zero
     */
    public Duration retryAfter() {
        return Duration.ofNanos(Math.abs(retryAfterNanos));
    }

    /**
     * The hold that makes the circuit refuse.
     *
     * @return who holds it open and until when, or null if it opened by itself or was opened by an override without a hold
     */
    public @Nullable Hold hold() {
        return hold;
    }

    /**
     * The gate that refuses the call, whatever its circuits would say.
     *
     * @return the gate; if several cover the call, the one that ends last; null if a circuit refuses
     */
    public @Nullable Gate gate() {
        return null;
    }

    /**
     * A refusal by a gate that is not in the list of {@link Gates}, such as the gate of a single execution. For code
     * that refuses calls in front of guards.
     *
     * @param id whose call is refused
     * @param state the circuit's own
     * @param gate why and until when
     * @param retryAfter the time until it ends, longer than zero
     * @return the refusal, to be thrown
     */
    @Beta
    public static CircuitOpenException behind(CircuitId id, CircuitState state, Gate gate, Duration retryAfter) {
        return new GateClosedException(id, state, Nanos.of(retryAfter), null, gate);
    }

    /** Made when it is asked for: the circuit's state, why and by whom, and when to retry. */
    @Override
    public String getMessage() {
        return id + " is " + words() + "; retry in " + RefusalText.in(retryAfter());
    }

    private String words() {
        if (state() != CircuitState.OPEN) {
            return "half-open, and other calls are its trials";
        }
        return hold != null ? RefusalText.held(hold) : "open" + RefusalText.why(trip);
    }
}
