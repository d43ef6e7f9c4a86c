package dev.interlock.server.status;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.ProbeStatus;
import dev.interlock.monitor.AgentRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One organization's fleet: how many agents are in each state, an agent that is known and was not called since the start
 * among the closed ones; and by name the circuits that somebody may have to look at.
 */
final class OwnCircuits {
    /** Beyond this many names a dashboard is of no use, and a scrape too large. */
    private static final int MOST = 10_000;

    private static final String BY_STATE = "interlock_circuits_by_state";
    private static final String OPEN = "interlock_circuit_open";
    private static final String HELD = "interlock_circuit_held";
    private static final String TRUSTED = "interlock_circuit_probe_trusted";

    private OwnCircuits() {}

    static void write(MetricText text, CircuitBreakerManager circuits, AgentRegistry agents, String organization) {
        List<CircuitSnapshot> notClosed =
                circuits.snapshotsNotClosed(organization).toList();
        Map<CircuitState, Long> states = new EnumMap<>(CircuitState.class);
        notClosed.forEach(each -> states.merge(each.state(), 1L, Long::sum));
        states.put(CircuitState.CLOSED, Math.max(0, size(circuits, agents, organization) - open(states)));
        text.family(BY_STATE, "gauge", "Agents of the caller's organization by the state of their circuits");
        for (CircuitState state : CircuitState.values()) {
            text.sample(BY_STATE, states.getOrDefault(state, 0L), "state", name(state));
        }
        List<CircuitSnapshot> named = notClosed.stream().limit(MOST).toList();
        text.family(OPEN, "gauge", "1 for each circuit that is open, 0.5 half-open, 0 held closed");
        for (CircuitSnapshot circuit : named) {
            text.sample(OPEN, value(circuit.state()), "agent_id", circuit.id().name());
        }
        text.family(HELD, "gauge", "1 for each circuit that somebody holds");
        for (CircuitSnapshot circuit : named) {
            if (circuit.hold() != null) {
                text.sample(HELD, 1, "agent_id", circuit.id().name());
            }
        }
        text.family(
                TRUSTED, "gauge", "1 for each circuit that is not closed whose probe is trusted, 0 whose probe is not");
        for (CircuitSnapshot circuit : named) {
            ProbeStatus probe = circuit.probe();
            if (probe != null) {
                text.sample(
                        TRUSTED,
                        probe.trusted() ? 1 : 0,
                        "agent_id",
                        circuit.id().name());
            }
        }
    }

    /** Agents that are known, and circuits of others. */
    private static long size(CircuitBreakerManager circuits, AgentRegistry agents, String organization) {
        return agents.all(organization).count()
                + circuits.snapshots(organization)
                        .filter(each -> agents.find(each.id()) == null)
                        .count();
    }

    private static long open(Map<CircuitState, Long> states) {
        return states.getOrDefault(CircuitState.OPEN, 0L) + states.getOrDefault(CircuitState.HALF_OPEN, 0L);
    }

    private static String value(CircuitState state) {
        return switch (state) {
            case OPEN -> "1";
            case HALF_OPEN -> "0.5";
            case CLOSED -> "0";
        };
    }

    private static String name(CircuitState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
