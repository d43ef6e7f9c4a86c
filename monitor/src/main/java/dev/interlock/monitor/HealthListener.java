package dev.interlock.monitor;

/**
 * Hears how agents are. Called on the monitor's executor, one event at a time and those of one agent in order; what it
 * throws goes to the thread's uncaught exception handler, and a slow listener holds up nobody but itself.
 */
@FunctionalInterface
public interface HealthListener {
    /**
     * An agent's status has changed.
     *
     * @param transition from what to what
     */
    void onTransition(HealthTransition transition);

    /**
     * An agent's score, status or issues have changed. Comes before the transition.
     *
     * @param snapshot the agent now
     */
    default void onUpdate(HealthSnapshot snapshot) {}

    /**
     * Every 30 s: an agent's score, status and issues are what they were, and its figures are others. By default taken as
     * an update.
     *
     * @param snapshot the agent now
     */
    default void onFigures(HealthSnapshot snapshot) {
        onUpdate(snapshot);
    }

    /**
     * Events were dropped, since this listener was too slow and its queue full. Called before the next event.
     *
     * @param events how many since the last time
     */
    default void onMissed(long events) {}
}
