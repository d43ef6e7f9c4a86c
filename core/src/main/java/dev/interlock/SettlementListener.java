package dev.interlock;

/**
 * Hears how every call of a manager ended, on the thread that reports it; monitors of agents listen here. Must be safe
 * for use by any thread, quick, and neither block nor throw; on good calls it should not allocate either.
 */
@Beta
@FunctionalInterface
public interface SettlementListener {
    /**
     * A circuit has taken an outcome in. Each circuit that an outcome is attributed to is reported once: for a success,
     * all circuits around the call, unless calls within it were reported; for a failure, the one that it is attributed
     * to. Refusals have {@link #onRefused}; permits that were settled before are not reported.
     *
     * @param circuit whose outcome it is
     * @param outcome how the call ended
     * @param tookNanos how long it took, to within some 10 ms; negative if nobody knows
     * @param agoNanos how long ago it ended; 0 for a permit's
     * @param epoch the circuit's epoch in which the call was admitted, or its outcome recorded
     * @param settlement what the circuit made of it
     */
    void onSettled(
            CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement);

    /**
     * A call was refused, on the thread that asked for it, also where a fallback answers in its place.
     *
     * @param circuit that refused: of several the one with the longest wait, or the one that a gate covers
     * @param refusal why
     */
    default void onRefused(CircuitId circuit, Refusal refusal) {}

    /**
     * A circuit was forgotten: it was idle, or others needed its room. One of the same id may be there again by now.
     *
     * @param circuit its id
     */
    default void onForgotten(CircuitId circuit) {}
}
