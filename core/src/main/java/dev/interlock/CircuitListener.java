package dev.interlock;

import java.time.Instant;

/**
 * Hears what happens to circuits.
 *
 * <p>Called on the manager's executor, never on the path of a guarded call: one event at a time, and those of one
 * circuit in the order of their epochs. What a listener throws is caught and goes to the thread's uncaught exception
 * handler; a slow listener delays only itself. It is called exactly once for each event, unless its queue was full,
 * which {@link #onMissed} reports.
 */
@FunctionalInterface
public interface CircuitListener {
    /**
     * A circuit has changed.
     *
     * @param transition from what, to what, when and why
     */
    void onTransition(StateTransition transition);

    /**
     * An override was given that changed nothing, since there was nothing to change; for the audit.
     *
     * @param id the circuit
     * @param override what was done, and by whom
     * @param at the wall clock's time, for display
     */
    default void onRepeatedOverride(CircuitId id, ManualOverride override, Instant at) {}

    /**
     * The probes of a circuit have earned trust, or have lost it. Without trust the circuit uses trials.
     *
     * @param change which circuit, and why
     */
    default void onProbeTrust(ProbeTrust change) {}

    /**
     * Events were dropped, since this listener was too slow and its queue full. Called before the next event.
     *
     * @param events how many since the last time
     */
    default void onMissed(long events) {}
}
