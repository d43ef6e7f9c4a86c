package dev.interlock.server.sync;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Gate;
import dev.interlock.Hold;
import dev.interlock.Mode;
import dev.interlock.NamePattern;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.store.OpeningRecord;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Circuits and gates as clients read them. */
final class SyncJson {
    private static final String BY_A_PERSON = "override";

    private SyncJson() {}

    /** The schema {@code SyncCircuit}. */
    static JsonObject of(CircuitSnapshot circuit) {
        String admits = admits(circuit);
        return new JsonObject()
                .put("agent_id", circuit.id().name())
                .put("state", CircuitJson.text(circuit.state()))
                .put("held", circuit.hold() != null)
                .put("admits", admits)
                .put("retry_after_ms", retryAfter(circuit, admits))
                .put("epoch", circuit.epoch())
                .put("mode", CircuitJson.text(circuit.mode()))
                .put("policy", circuit.policy());
    }

    private static String admits(CircuitSnapshot circuit) {
        if (circuit.state() == CircuitState.CLOSED || onlyObserves(circuit)) {
            return "all";
        }
        boolean waits = circuit.state() == CircuitState.OPEN
                && (circuit.hold() != null || !circuit.retryAfter().isZero());
        return waits ? "none" : "trial";
    }

    /** Whether calls pass although it is not closed: none of its own trips refuses any. */
    private static boolean onlyObserves(CircuitSnapshot circuit) {
        OpeningRecord opening = circuit.opening();
        return circuit.mode() == Mode.OBSERVE
                && circuit.hold() == null
                && (opening == null || !opening.cause().equals(BY_A_PERSON));
    }

    private static @Nullable Long retryAfter(CircuitSnapshot circuit, String admits) {
        Hold hold = circuit.hold();
        if (!admits.equals("none")) {
            return 0L;
        }
        return hold != null && hold.until() == null ? null : (Long) CircuitJson.ceilMillis(circuit.retryAfter());
    }

    /** The schema {@code SyncGate}: neither who put it nor what a person gave as the reason. */
    static JsonObject of(Gate gate, Instant now) {
        NamePattern pattern = gate.pattern();
        Instant until = gate.until();
        JsonObject json = new JsonObject()
                .put("id", gate.id())
                .put("covers", CircuitJson.text(gate.covers()))
                .put("until", CircuitJson.text(until))
                .put(
                        "retry_after_ms",
                        until == null
                                ? null
                                : (Long) Math.max(0, CircuitJson.ceilMillis(Duration.between(now, until))));
        String why = gate.reasonForCallers();
        if (why != null) {
            json.put("why", why);
        }
        return pattern == null ? json : json.put("pattern", pattern.text());
    }
}
