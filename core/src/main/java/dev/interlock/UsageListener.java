package dev.interlock;

/**
 * Hears what calls of models used; for example a meter of budgets, or an agent's log.
 *
 * <p>It hears each call once, when it has ended, well or not: each attempt of a retry, each model of a fallback, each round
 * of an agent. It does not hear of a call that a circuit or a gate refused. If guarded models are within each other,
 * only the innermost one reports to a listener.
 */
@Alpha
@FunctionalInterface
public interface UsageListener {
    /**
     * A call has ended. Called on the thread that ended it, which it should not keep; what it throws goes to the thread's
     * handler of uncaught exceptions, and changes nothing.
     *
     * @param usage whose call, how it ended and what it used
     */
    void used(CallUsage usage);
}
