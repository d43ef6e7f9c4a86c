package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import java.util.List;

/** What a refusal may name as an alternative. Reads memory only, and makes no circuit. */
public final class ClosedCircuits {
    private ClosedCircuits() {}

    /**
     * Those of some circuits that are closed.
     *
     * @param circuits all circuits
     * @param organization whose
     * @param names of circuits; there need be none of them yet
     * @return in the same order
     */
    public static List<String> among(CircuitBreakerManager circuits, String organization, List<String> names) {
        return names.stream()
                .filter(name -> isClosed(circuits, new CircuitId(organization, name)))
                .toList();
    }

    /**
     * Whether a circuit is closed.
     *
     * @param circuits all circuits
     * @param id its id
     * @return false if a call through it would be refused now, be it by a gate
     */
    public static boolean isClosed(CircuitBreakerManager circuits, CircuitId id) {
        return circuits.snapshot(id).state() == CircuitState.CLOSED
                && !circuits.gates().cover(id);
    }
}
