package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a list shows of a circuit. */
final class CircuitCells {
    /** The urgency from which on a circuit refuses nothing by itself. */
    static final int CLOSED = 2;

    private static final List<String> UPSTREAMS = List.of("model:", "tool:", "key:", "mcp:");
    private static final int FAILED_PERCENT = 100;

    private CircuitCells() {}

    /**
     * The columns.
     *
     * @param hit how many agents depend on a circuit, of those that any depends on
     * @param now when it is shown
     */
    static Listing columns(Map<String, Integer> hit, Instant now) {
        return Listing.named("agent_id")
                .column("AGENT", circuit -> Listing.text(circuit, "agent_id"))
                .coloured("STATE", CircuitCells::state, CircuitCells::colour)
                .column("SINCE", circuit -> Times.since(circuit.path("since").asText(), now))
                .column("FAILED", CircuitCells::failed)
                .column(
                        "STREAK",
                        circuit -> circuit.path("consecutive_failures").asText("0"))
                .column("RETRY IN", CircuitCells::retry)
                .column("HITS", circuit -> hits(circuit, hit))
                .wide("POLICY", circuit -> Listing.text(circuit, "policy"))
                .wide("OPENINGS", circuit -> Listing.text(circuit, "openings"))
                .wide("SLOW", circuit -> Listing.text(circuit, "slow_count"))
                .wide("LATE", circuit -> Listing.text(circuit, "late"))
                .wide("EPOCH", circuit -> Listing.text(circuit, "epoch"))
                .column("WHY", Why::of);
    }

    /** 0 open, 1 half-open, 2 held closed, 3 closed. */
    static int urgency(JsonNode circuit) {
        return switch (circuit.path("state").asText()) {
            case "open" -> 0;
            case "half_open" -> 1;
            default -> circuit.path("hold").isObject() ? CLOSED : CLOSED + 1;
        };
    }

    static boolean isUpstream(String name) {
        return UPSTREAMS.stream().anyMatch(name::startsWith);
    }

    static String state(JsonNode circuit) {
        return circuit.path("state").asText()
                + (circuit.path("hold").isObject() ? ", held" : "")
                + (observes(circuit) ? ", observe" : "")
                + (circuit.path("idle").asBoolean() ? ", not called" : "");
    }

    static String colour(JsonNode circuit) {
        return switch (urgency(circuit)) {
            case 0 -> Terminal.RED;
            case 1, CLOSED -> Terminal.YELLOW;
            default -> "";
        };
    }

    static String failed(JsonNode circuit) {
        long failures = circuit.path("failure_count").asLong();
        long calls = failures + circuit.path("success_count").asLong();
        return calls == 0 ? Listing.NONE : failures + " of " + calls + " (" + failures * FAILED_PERCENT / calls + " %)";
    }

    static String retry(JsonNode circuit) {
        long retry = circuit.path("retry_after_ms").asLong();
        return retry == 0 ? Listing.NONE : Words.shortly(Duration.ofMillis(retry + 999));
    }

    private static String hits(JsonNode circuit, Map<String, Integer> hit) {
        int agents = hit.getOrDefault(circuit.path("agent_id").asText(), 0);
        return agents == 0 || urgency(circuit) >= CLOSED ? Listing.NONE : Integer.toString(agents);
    }

    /** Its own trips refuse no call; a server of an earlier version says nothing of modes. */
    private static boolean observes(JsonNode circuit) {
        return circuit.path("mode").asText().equals("observe");
    }
}
