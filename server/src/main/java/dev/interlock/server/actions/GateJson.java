package dev.interlock.server.actions;

import dev.interlock.Gate;
import dev.interlock.NamePattern;
import dev.interlock.jdbc.GateChanges;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonObject;

/** Gates as people read them. */
final class GateJson {
    private GateJson() {}

    /** The schema {@code Gate}. */
    static JsonObject of(Gate gate) {
        NamePattern pattern = gate.pattern();
        return new JsonObject()
                .put("id", gate.id())
                .put("covers", CircuitJson.text(gate.covers()))
                .put("pattern", pattern == null ? null : pattern.text())
                .put("author", gate.author())
                .put("reason", gate.reason())
                .put("since", CircuitJson.text(gate.since()))
                .put("until", CircuitJson.text(gate.until()));
    }

    /** The schema {@code GateChange}. */
    static JsonObject of(GateChanges.Line line) {
        return new JsonObject()
                .put("id", line.number())
                .put("gate", line.gate())
                .put("at", CircuitJson.text(line.at()))
                .put("action", line.action())
                .put("covers", line.covers())
                .put("pattern", line.pattern())
                .put("until", CircuitJson.text(line.until()))
                .put("actor", line.actor())
                .put("reason", line.reason());
    }
}
