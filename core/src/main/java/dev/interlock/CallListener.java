package dev.interlock;

import java.util.List;

/**
 * Hears of calls of guards that are {@linkplain Guard#countedBy counted}, such as a meter of budgets. Must be safe for use by
 * any thread, quick, and neither block nor throw; on good calls it should not allocate either.
 */
@Alpha
@FunctionalInterface
public interface CallListener {
    /**
     * A call has ended, well or not. Called on the thread that ended it; what it throws goes to the thread's handler of
     * uncaught exceptions, and changes nothing.
     *
     * @param agent the guard's own circuit
     * @param dependencies what the call depended on
     * @param outcome how it ended
     */
    void called(CircuitId agent, List<CircuitId> dependencies, Outcome outcome);
}
