package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The incidents that go on, and a line for people for what became of one. For one thread. */
final class WatchedIncidents {
    private Map<String, JsonNode> known = new HashMap<>();

    /** Takes in those that a snapshot ends with, if the server knew them; lines of what began while nobody listened. */
    List<String> replace(JsonNode incidents) {
        if (!incidents.isArray()) {
            return List.of();
        }
        Map<String, JsonNode> before = known;
        known = new HashMap<>();
        List<String> lines = new ArrayList<>();
        for (JsonNode incident : incidents) {
            String id = incident.path("id").asText();
            known.put(id, incident);
            if (!before.containsKey(id)) {
                lines.add(began(incident));
            }
        }
        return lines;
    }

    /** Takes in what became of one; a line if that is worth one, else null. */
    @Nullable
    String change(JsonNode incident) {
        String id = incident.path("id").asText();
        JsonNode before = known.put(id, incident);
        if (!incident.path("state").asText().equals("live")) {
            known.remove(id);
            return over(incident);
        }
        if (before == null) {
            return began(incident);
        }
        if (!before.path("root").equals(incident.path("root"))) {
            return at(incident, "last_opening") + "incident of " + name(before) + ": its root is " + root(incident);
        }
        boolean wasOpen = before.path("open").asInt() > 0;
        boolean isOpen = incident.path("open").asInt() > 0;
        if (wasOpen && !isOpen) {
            return at(incident, "quiet_since") + "incident of " + name(incident) + ": all of its circuits are closed";
        }
        return !wasOpen && isOpen
                ? at(incident, "last_opening") + "incident of " + name(incident) + ": it goes on"
                : null;
    }

    private static String began(JsonNode incident) {
        int depending = incident.path("depending").asInt();
        return at(incident, "began") + "incident of " + root(incident) + " began"
                + (depending == 0
                        ? ""
                        : ": " + depending + (depending == 1 ? " agent depends" : " agents depend") + " on it");
    }

    private static String over(JsonNode incident) {
        if (incident.path("merged_into").isTextual()) {
            return at(incident, "last_opening") + "incident of " + name(incident) + " turned out to be part of "
                    + Words.clean(incident.path("merged_into").asText());
        }
        return at(incident, "ended") + "incident of " + name(incident) + " ended after "
                + Words.shortly(Duration.between(
                        Instant.parse(incident.path("began").asText()),
                        Instant.parse(incident.path("ended").asText())))
                + String.format(
                        Locale.ROOT,
                        ": %,d %s opened, %,d %s refused",
                        incident.path("circuits").asLong(),
                        incident.path("circuits").asLong() == 1 ? "circuit" : "circuits",
                        incident.path("refused").asLong(),
                        incident.path("refused").asLong() == 1 ? "call" : "calls");
    }

    private static String at(JsonNode incident, String field) {
        return incident.path(field).asText() + "  ";
    }

    private static String root(JsonNode incident) {
        return incident.path("suspected").asBoolean() ? name(incident) + " (suspected)" : name(incident);
    }

    private static String name(JsonNode incident) {
        return Words.clean(incident.path("root").asText());
    }
}
