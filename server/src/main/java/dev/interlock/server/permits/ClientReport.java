package dev.interlock.server.permits;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a call ended that a client let pass by itself.
 *
 * @param report the outcome
 * @param dependencies the circuits around the call in addition to its agent's own
 * @param agoNanos how long ago the call ended
 * @param epochs the epochs in which the client saw those circuits, one for each; empty if it does not say
 * @param inner what became of the calls within it
 */
record ClientReport(Report report, List<String> dependencies, long agoNanos, Map<String, Long> epochs, Inner inner) {
    /**
     * What became of the calls within a call, by the names of circuits.
     *
     * @param admitted those that admitted one
     * @param refused those that refused one
     * @param failed those of inner calls that failed
     */
    record Inner(Set<String> admitted, Set<String> refused, Set<String> failed) {
        /** There were none. */
        static final Inner NONE = new Inner(Set.of(), Set.of(), Set.of());
    }
}
