package dev.interlock.server.permits;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.monitor.budgets.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears what permits are used for, and takes in outcomes without one. Called on event loops: must not block. Safe for use by any
 * thread.
 */
public interface PermitWatch {
    /**
     * Somebody asks for permission to make a call.
     *
     * @param agent whose call
     * @param dependencies what it depends on
     * @param at the wall clock's time
     */
    void asked(CircuitId agent, List<CircuitId> dependencies, Instant at);

    /**
     * A call was refused.
     *
     * @param agent whose call
     * @param circuit what refused it: a circuit, or what a gate covers
     * @param at the wall clock's time
     */
    void refused(CircuitId agent, CircuitId circuit, Instant at);

    /**
     * Takes in the outcome of a call without a permit, for figures and circuit.
     *
     * @param guard whose call, and by whom
     * @param outcome how it ended
     * @param age how long ago it began
     * @param at the wall clock's time
     * @return what the circuit made of it
     * @throws dev.interlock.TooManyCircuitsException if there is no room for a new circuit
     */
    Settlement record(Guard guard, Outcome outcome, Duration age, Instant at);

    /**
     * A call has ended, well or not, and that counts once.
     *
     * @param guard whose call, and what it depended on
     * @param usage what it used
     * @param permit the text of its permit, or null if it had none
     */
    default void ended(Guard guard, Usage usage, @Nullable String permit) {}
}
