package dev.interlock.server.circuits;

import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Figures;
import dev.interlock.Hold;
import dev.interlock.Mode;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.server.circuits.FleetQuery.Member;
import dev.interlock.server.circuits.KnownCircuits.Known;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The fleet of {@code query/examples.json} as the server knows it; there it is as the dashboard does. */
final class QueryMembers {
    private static final Instant AT = Instant.parse("2027-01-31T03:00:00Z");

    private QueryMembers() {}

    static Member of(JsonObject circuit) {
        CircuitId id = new CircuitId("acme", circuit.getString("agent_id"));
        HealthStatus health = HealthStatus.valueOf(circuit.getString("health").toUpperCase(Locale.ROOT));
        return new Member(new Known(snapshot(id, circuit), false), agent(id, circuit.getJsonObject("about")), health);
    }

    private static Agent agent(CircuitId id, JsonObject about) {
        if (about == null) {
            return null;
        }
        Map<String, String> metadata = new TreeMap<>();
        about.getJsonObject("metadata").forEach(each -> metadata.put(each.getKey(), (String) each.getValue()));
        TreeSet<String> uses = new TreeSet<>();
        JsonArray names = about.getJsonArray("depends_on");
        names.forEach(each -> uses.add((String) each));
        return new Agent(id, null, metadata, AT, AT, uses);
    }

    private static CircuitSnapshot snapshot(CircuitId id, JsonObject circuit) {
        CircuitState state = CircuitState.valueOf(circuit.getString("state").toUpperCase(Locale.ROOT));
        JsonObject held = circuit.getJsonObject("hold");
        Hold hold = held == null ? null : new Hold(null, held.getString("actor"), null);
        return new CircuitSnapshot(
                id,
                state,
                hold,
                1,
                new Figures(0, 0, 0, 0, 0),
                0,
                0,
                AT,
                null,
                Duration.ZERO,
                null,
                0,
                0,
                0,
                transition(id, state, hold, circuit),
                null,
                circuit.getString("policy"),
                Mode.ENFORCE,
                false,
                null);
    }

    private static StateTransition transition(CircuitId id, CircuitState state, Hold hold, JsonObject circuit) {
        String cause = circuit.getString("cause");
        String kind = circuit.getString("kind");
        return cause == null
                ? null
                : new StateTransition(
                        id,
                        CircuitState.CLOSED,
                        state,
                        1,
                        AT,
                        TransitionCause.valueOf(cause.toUpperCase(Locale.ROOT)),
                        null,
                        kind == null ? null : FailureKind.valueOf(kind),
                        null,
                        null,
                        hold,
                        circuit.getString("actor"),
                        null);
    }
}
