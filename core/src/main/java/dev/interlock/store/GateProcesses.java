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
     * Says that a process lives, and from now on obeys changes. Before it reads the gates for the first time it has said
     * that it lives, so that nobody overlooks it who writes one meanwhile.
     *
     * @param process its name, which no other has
     * @param obeyed changes as they are stored, and how those follow each who hear of it through the process, in place of
     *     what was said of them before; empty to say only that it lives
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void report(String process, Map<GateRecord, GateFollowers> obeyed);

    /**
     * How often a process is to report, so that it counts as living.
     *
     * @return zero if once is enough
     */
    Duration every();

    /**
     * Says that a process ends.
     *
     * @param process its name
     * @throws StoreUnavailableException if the store cannot be reached; then it counts as living for some seconds more
     */
    void leave(String process);

    /**
     * Who lives, and who of them has said that it obeys a change.
     *
     * @param change as it is stored
     * @return of each process that lives what it said last of those who follow the change; empty if it does not obey
     * @throws StoreUnavailableException if the store cannot be reached
     */
    Map<String, Optional<GateFollowers>> obeying(GateRecord change);
}
