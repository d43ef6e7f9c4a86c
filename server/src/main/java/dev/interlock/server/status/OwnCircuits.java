package dev.interlock.server.status;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.ProbeStatus;
import java.util.List;
import java.util.Locale;

/** One organization's circuits in the text format of Prometheus: those that somebody may have to look at, by name. */
final class OwnCircuits {
    /** Beyond so many names a dashboard is of no use, and a scrape too large. */
    private static final int MOST = 10_000;

    private OwnCircuits() {}

    static String write(CircuitBreakerManager circuits, String organization) {
        List<CircuitSnapshot> attention =
                circuits.snapshotsNotClosed(organization).limit(MOST).toList();
        StringBuilder text = new StringBuilder();
        head(
                text,
                "interlock_circuits_by_state",
                "Circuits of the caller's organization that are not closed, or closed and not clean");
        for (CircuitState state : CircuitState.values()) {
            line(text, "interlock_circuits_by_state", "state", name(state));
            text.append(attention.stream().filter(each -> each.state() == state).count())
                    .append('\n');
        }
        head(text, "interlock_circuit_open", "1 for each circuit that is open, 0.5 half-open, 0 held closed");
        for (CircuitSnapshot circuit : attention) {
            line(text, "interlock_circuit_open", "agent_id", circuit.id().name());
            text.append(value(circuit.state())).append('\n');
        }
        head(text, "interlock_circuit_held", "1 for each circuit that somebody holds");
        for (CircuitSnapshot circuit : attention) {
            if (circuit.hold() != null) {
                line(text, "interlock_circuit_held", "agent_id", circuit.id().name());
                text.append("1\n");
            }
        }
        head(
                text,
                "interlock_circuit_probe_trusted",
                "1 for each circuit whose probe decides, 0 whose probe is not trusted");
        for (CircuitSnapshot circuit : attention) {
            ProbeStatus probe = circuit.probe();
            if (probe != null) {
                line(
                        text,
                        "interlock_circuit_probe_trusted",
                        "agent_id",
                        circuit.id().name());
                text.append(probe.trusted() ? "1\n" : "0\n");
            }
        }
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
    }

    private static void line(StringBuilder text, String name, String label, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        text.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(escaped)
                .append("\"} ");
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
