package dev.interlock.server.incidents;

import dev.interlock.jdbc.Incidents.Listed;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonObject;

/** Incidents as JSON. */
final class IncidentJson {
    private IncidentJson() {}

    static JsonObject listed(Listed listed, int hit) {
        return of(listed.incident(), listed.circuits(), listed.open(), hit);
    }

    static JsonObject of(Incident incident, int circuits, int open, int hit) {
        return new JsonObject()
                .put("id", incident.id())
                .put("root", incident.root())
                .put("suspected", incident.suspected())
                .put("state", incident.isLive() ? "live" : "ended")
                .put("began", CircuitJson.text(incident.began()))
                .put("last_opening", CircuitJson.text(incident.lastOpening()))
                .put("quiet_since", CircuitJson.text(incident.quietSince()))
                .put("ends_at", CircuitJson.text(incident.endsAt()))
                .put("ended", CircuitJson.text(incident.ended()))
                .put("merged_into", incident.mergedInto())
                .put("circuits", circuits)
                .put("open", open)
                .put("depending", hit);
    }

    static JsonObject affected(Affected circuit, boolean follows) {
        return new JsonObject()
                .put("agent_id", circuit.name())
                .put("opened_at", CircuitJson.text(circuit.openedAt()))
                .put("closed_at", CircuitJson.text(circuit.closedAt()))
                .put("openings", circuit.openings())
                .put("kind", circuit.kind())
                .put("cause", circuit.cause())
                .put("follows", follows);
    }
}
