package dev.interlock.monitor.incidents;

import java.util.List;

/**
 * An incident that changed. Immutable.
 *
 * @param incident as it is now
 * @param circuits those of its circuits that joined, opened again or closed
 */
public record IncidentChange(Incident incident, List<Affected> circuits) {
    /** Copies the list. */
    public IncidentChange {
        circuits = List.copyOf(circuits);
    }
}
