package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All that is known of one agent: why its calls are refused, until when, whom it hits, and what changed last. */
final class Description {
    private static final int CHANGES = 10;
    private static final int NAMES = 8;

    private final Instant now = Instant.now();
    private final JsonNode circuit;
    private final JsonNode agent;
    private final JsonNode health;
    private final List<JsonNode> changes;
    private final List<JsonNode> incidents;
    private final List<JsonNode> gates;

    private Description(
            JsonNode circuit,
            JsonNode agent,
            JsonNode health,
            List<JsonNode> changes,
            List<JsonNode> incidents,
            List<JsonNode> gates) {
        this.circuit = circuit;
        this.agent = agent;
        this.health = health;
        this.changes = changes;
        this.incidents = incidents;
        this.gates = gates;
    }

    /**
     * Asks the server for what is missing.
     *
     * @param circuit of the agent, as the server shows it
     * @throws RemoteException also if nobody has heard of the agent
     */
    static Description of(Remote remote, String name, JsonNode circuit) throws RemoteException {
        JsonNode agent = Known.agent(remote, name).orElse(Remote.JSON.missingNode());
        if (agent.isMissingNode() && circuit.path("since").isNull()) {
            throw Known.unknown(remote, name);
        }
        String path = Remote.encoded(name);
        JsonNode health = remote.get("/api/v1/agents/" + path + "/health");
        List<JsonNode> changes =
                remote.pages("/api/v1/circuits/" + path + "/transitions", "transitions", CHANGES, CHANGES);
        List<JsonNode> incidents = new ArrayList<>();
        for (JsonNode incident : remote.get("/api/v1/incidents?state=live").path("incidents")) {
            if (incident.path("root").asText().equals(name)) {
                incidents.add(incident);
            }
        }
        return new Description(circuit, agent, health, changes, incidents, CoveringGates.of(remote, name, agent));
    }

    /** As the server's answers have it, for programs. */
    ObjectNode json() {
        ObjectNode all = Remote.JSON.createObjectNode();
        all.set("circuit", circuit);
        all.set("agent", agent.isMissingNode() ? Remote.JSON.nullNode() : agent);
        all.set("health", health);
        all.set("transitions", Remote.JSON.createArrayNode().addAll(changes));
        all.set("incidents", Remote.JSON.createArrayNode().addAll(incidents));
        all.set("gates", Remote.JSON.createArrayNode().addAll(gates));
        return all;
    }

    /** For people. */
    List<String> lines(boolean colours) {
        List<String> lines = new ArrayList<>();
        String colour = colours ? CircuitCells.colour(circuit) : "";
        lines.add(Listing.text(circuit, "agent_id") + ": " + colour + CircuitCells.state(circuit)
                + (colour.isEmpty() ? "" : Terminal.PLAIN) + since());
        gates.forEach(gate -> add(lines, "Refused by", CoveringGates.inWords(gate)));
        add(lines, "Why", Why.of(circuit));
        add(lines, "Until", until());
        add(lines, "Calls", calls());
        add(lines, "Hits", hits());
        add(lines, "Depends on", names("depends_on"));
        add(lines, "Health", health());
        for (JsonNode incident : incidents) {
            add(
                    lines,
                    "Incident",
                    incident.path("id").asText() + ", as its root; see 'interlock incidents "
                            + incident.path("id").asText() + "'");
        }
        add(lines, "Policy", Listing.text(circuit, "policy"));
        String probe = ProbeText.of(circuit, now);
        if (probe != null) {
            add(lines, "Probe", probe.replaceFirst("^Probe: ", ""));
        }
        if (!changes.isEmpty()) {
            lines.add("Last changes");
            EventsCommand.COLUMNS
                    .lines(EventsCommand.oldestFirst(changes), false, colours)
                    .forEach(line -> lines.add("  " + line));
        }
        return lines;
    }

    private static void add(List<String> lines, String label, String text) {
        if (!text.equals(Listing.NONE)) {
            lines.add(String.format(Locale.ROOT, "  %-10s  %s", label, text));
        }
    }

    private String since() {
        String time = circuit.path("since").asText();
        String ago = Times.since(time, now);
        return ago.equals(Listing.NONE)
                ? "; it has never opened"
                : " for " + ago + ", since " + Times.toTheSecond(time);
    }

    private String until() {
        if (circuit.path("hold").isObject()) {
            JsonNode until = circuit.path("hold").path("until");
            return until.isTextual()
                    ? Times.toTheSecond(until.asText()) + ", when the hold ends, or 'interlock release' ends it before"
                    : "somebody ends the hold with 'interlock release'";
        }
        long retry = circuit.path("retry_after_ms").asLong();
        return switch (circuit.path("state").asText()) {
            case "open" ->
                retry == 0
                        ? "the next call, which is a trial"
                        : "a trial in " + Words.shortly(Duration.ofMillis(retry + 999)) + ", the opening no. "
                                + circuit.path("openings").asText();
            case "half_open" ->
                "enough trials succeed: " + circuit.path("trials_succeeded").asText() + " so far, "
                        + circuit.path("trials_out").asText() + " running";
            default -> Listing.NONE;
        };
    }

    private String calls() {
        String failed = CircuitCells.failed(circuit);
        long streak = circuit.path("consecutive_failures").asLong();
        return failed.equals(Listing.NONE)
                ? Listing.NONE
                : failed + " failed" + (streak == 0 ? "" : ", " + streak + " in a row at last")
                        + (CircuitCells.urgency(circuit) < CircuitCells.CLOSED ? ", when it opened" : "");
    }

    private String hits() {
        int count = agent.path("dependents").size();
        if (count == 0) {
            return Listing.NONE;
        }
        long open = 0;
        for (JsonNode each : agent.path("dependents")) {
            open += each.path("state").asText().equals("open") ? 1 : 0;
        }
        return String.format(
                Locale.ROOT,
                "%,d %s on it%s: %s",
                count,
                count == 1 ? "agent depends" : "agents depend",
                open == 0 ? "" : String.format(Locale.ROOT, ", %,d of them open themselves", open),
                names("dependents"));
    }

    private String names(String field) {
        List<String> names = new ArrayList<>();
        for (JsonNode each : agent.path(field)) {
            String state = each.path("state").asText();
            names.add(Listing.text(each, "agent_id")
                    + (state.equals("closed") ? "" : " (" + state.replace('_', '-') + ")"));
        }
        if (names.isEmpty()) {
            return Listing.NONE;
        }
        return names.size() <= NAMES
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMES)) + ", and " + (names.size() - NAMES) + " more";
    }

    private String health() {
        if (health.path("at").isNull()) {
            return Listing.NONE;
        }
        List<String> issues = new ArrayList<>();
        health.path("issues")
                .forEach(each -> issues.add(Words.clean(each.path("detail").asText())));
        return HealthCommand.inWords(health) + (issues.isEmpty() ? "" : ": " + String.join("; ", issues));
    }
}
