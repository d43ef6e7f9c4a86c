package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;

/** The order of incidents that go on, as the dashboard has it. */
final class WorstFirst {
    private static final Comparator<JsonNode> ORDER = Comparator.comparing((JsonNode incident) -> !isOpen(incident))
            .thenComparing(incident -> !isShared(incident))
            .thenComparing(Comparator.comparingLong(WorstFirst::refused).reversed())
            .thenComparing(Comparator.comparingLong(WorstFirst::depending).reversed())
            .thenComparing(incident -> incident.path("began").asText());

    private WorstFirst() {}

    /**
     * Upstreams first, then by calls refused, by agents that depend on it, and by age; at the end those whose circuits have
     * all closed.
     */
    static List<JsonNode> sorted(List<JsonNode> incidents) {
        return incidents.stream().sorted(ORDER).toList();
    }

    /** Whether something of it is open now. */
    static boolean isOpen(JsonNode incident) {
        return incident.path("open").asLong() > 0;
    }

    private static boolean isShared(JsonNode incident) {
        return depending(incident) > 0
                || CircuitCells.isUpstream(incident.path("root").asText());
    }

    private static long refused(JsonNode incident) {
        return incident.path("refused").asLong();
    }

    private static long depending(JsonNode incident) {
        return incident.path("depending").asLong();
    }
}
