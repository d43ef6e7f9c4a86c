package dev.interlock.server.traces;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Failures of sources that leave spans out. Among what is left rates mean nothing, so a failure is held back until as many
 * in a row have come as trip by themselves; then they count together. Who uses it holds the monitor of its key's traces.
 */
final class ThinnedCalls {
    private static final int MOST_CIRCUITS = 1_000;
    private static final int LONGEST_STREAK = 100;

    /** A failure that does not count yet. */
    record Held(Guard guard, Outcome outcome, Instant began) {}

    private final Map<CircuitId, List<Held>> held = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Takes a failure.
     *
     * @param circuit to which it is attributed
     * @param failure the failure
     * @param streak how many in a row trip
     * @return what counts now, in its order: nothing, or the whole streak
     */
    List<Held> failed(CircuitId circuit, Held failure, int streak) {
        List<Held> row = held.computeIfAbsent(circuit, fresh -> new ArrayList<>(2));
        row.add(failure);
        if (row.size() >= streak) {
            held.remove(circuit);
            return row;
        }
        if (row.size() > LONGEST_STREAK) {
            row.remove(0);
        }
        if (held.size() > MOST_CIRCUITS) {
            Iterator<CircuitId> eldest = held.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
        return List.of();
    }

    /** A call went well: the streak is over. */
    void succeeded(CircuitId circuit) {
        held.remove(circuit);
    }

    void clear() {
        held.clear();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }
}
