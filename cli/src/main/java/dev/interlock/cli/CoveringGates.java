package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.NamePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The gates that refuse calls, whatever circuits say. */
final class CoveringGates {
    private static final String PATH = "/api/v1/gates";

    private CoveringGates() {}

    /**
     * Those that refuse calls of one agent, or calls that use one upstream.
     *
     * @param agent with what it depends on, or a missing node
     */
    static List<JsonNode> of(Remote remote, String name, JsonNode agent) throws RemoteException {
        List<JsonNode> covering = new ArrayList<>();
        for (JsonNode gate : remote.get(PATH).path("gates")) {
            if (covers(gate, name, agent)) {
                covering.add(gate);
            }
        }
        return covering;
    }

    private static boolean covers(JsonNode gate, String name, JsonNode agent) {
        if (!gate.path("pattern").isTextual()) {
            return true;
        }
        NamePattern pattern = new NamePattern(gate.path("pattern").asText());
        if (pattern.matches(name)) {
            return true;
        }
        if (gate.path("covers").asText().equals("upstream")) {
            for (JsonNode each : agent.path("depends_on")) {
                if (pattern.matches(each.path("agent_id").asText())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Which, until when, and why. */
    static String inWords(JsonNode gate) {
        String until = Times.toTheSecond(gate.path("until").asText());
        return Listing.text(gate, "id")
                + (until.equals(Listing.NONE) ? "" : " until " + until)
                + (gate.path("reason").isTextual() ? ": " + Listing.text(gate, "reason") : "");
    }

    /** How many there are in the organization, for the end of a list; empty if there are none. */
    static String summary(Remote remote) throws RemoteException {
        int gates = remote.get(PATH).path("gates").size();
        return gates == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%,d %s calls, whatever circuits say: see 'interlock gates'",
                        gates,
                        gates == 1 ? "gate refuses" : "gates refuse");
    }
}
