package dev.interlock.store;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Which processes use a {@link GateStore}, and which changes of gates each obeys; a store where processes can find each
 * other may have one. Called by one thread of each manager, and at its start by the thread that builds it.
 */
public interface GateProcesses {
    /**
     * Says that a process is alive, and from now on obeys changes. It says so before it reads the gates for the first
     * time, so that a process that writes a gate meanwhile does not overlook it.
     *
     * @param process its name, which no other has
     * @param obeyed changes as they are stored, with the state of the process' followers for each, in place of what was
     *     said of them before; empty to say only that it is alive
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void report(String process, Map<GateRecord, GateFollowers> obeyed);

    /**
     * How often a process must report, so that it counts as alive.
     *
     * @return zero if once is enough
     */
    Duration every();

    /**
     * Says that a process ends.
     *
     * @param process its name
     * @throws StoreUnavailableException if the store cannot be reached; then it counts as alive for some seconds more
     */
    void leave(String process);

    /**
     * The processes that are alive, and which of them have said that they obey a change.
     *
     * @param change as it is stored
     * @return for each live process, what it said last of its followers for the change; empty if it does not obey
     * @throws StoreUnavailableException if the store cannot be reached
     */
    Map<String, Optional<GateFollowers>> obeying(GateRecord change);
}
