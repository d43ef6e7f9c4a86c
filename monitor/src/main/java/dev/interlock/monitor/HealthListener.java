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
     * An agent's score, status or issues have changed; or, every 30 s, only its figures. Comes before the transition.
     *
     * @param snapshot the agent now
     */
    default void onUpdate(HealthSnapshot snapshot) {}

    /**
     * Events were dropped, since this listener was too slow and its queue full. Called before the next event.
     *
     * @param events how many since the last time
     */
    default void onMissed(long events) {}
}
