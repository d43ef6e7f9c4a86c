package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock status}: what is open, since when, why, until when. */
@Command(
        name = "status",
        description = {"Shows circuits: those that need attention first, with colours on a terminal.", ""})
final class StatusCommand extends RemoteCommand {
    private static final List<String> HEAD = List.of("AGENT", "STATE", "SINCE", "FAILED", "STREAK", "RETRY IN", "WHY");
    private static final int FAILED_PERCENT = 100;

    @Parameters(paramLabel = "AGENT", arity = "0..1", description = "one agent; else all")
    private @Nullable String agent;

    @Option(names = "--prefix", paramLabel = "TEXT", description = "only agents whose names begin so, such as model:")
    private @Nullable String prefix;

    @Option(names = "--state", paramLabel = "STATE", description = "only circuits that are open, half_open or closed")
    private @Nullable String state;

    @Option(names = "--json", description = "the server's answer as it is")
    private boolean json;

    @Override
    void run(Remote remote) throws RemoteException {
        if (agent != null) {
            JsonNode one = remote.get("/api/v1/circuits/" + Remote.encoded(agent));
            show(one, List.of(one));
            String probe = json ? null : ProbeText.of(one, Instant.now());
            if (probe != null) {
                out().println(probe);
            }
            return;
        }
        JsonNode all = remote.get("/api/v1/circuits/" + query());
        List<JsonNode> circuits = new ArrayList<>();
        all.forEach(circuits::add);
        circuits.sort(Comparator.comparingInt(StatusCommand::urgency)
                .thenComparing(circuit -> circuit.path("agent_id").asText()));
        show(all, circuits);
    }

    private String query() {
        List<String> parts = new ArrayList<>();
        if (prefix != null) {
            parts.add("prefix=" + Remote.encoded(prefix));
        }
        if (state != null) {
            parts.add("state=" + Remote.encoded(state));
        }
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    private void show(JsonNode answer, List<JsonNode> circuits) {
        if (json) {
            out().println(answer.toPrettyString());
            return;
        }
        if (circuits.isEmpty()) {
            out().println("No circuits" + (prefix == null && state == null ? " yet: none has been called" : " match"));
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        Instant now = Instant.now();
        circuits.forEach(circuit -> rows.add(row(circuit, now)));
        List<String> lines = Words.table(rows);
        boolean colours = Terminal.hasColours();
        out().println(lines.get(0));
        for (int i = 0; i < circuits.size(); i++) {
            out().println(colours ? coloured(lines.get(i + 1), circuits.get(i)) : lines.get(i + 1));
        }
        if (agent == null) {
            out().println(summary(circuits));
        }
    }

    /** How many in all, and in which state; those that nothing has called since the server's start are closed. */
    private static String summary(List<JsonNode> circuits) {
        long open = count(circuits, "open");
        long trying = count(circuits, "half_open");
        long idle =
                circuits.stream().filter(each -> each.path("idle").asBoolean()).count();
        return String.format(
                Locale.ROOT,
                "%,d %s: %,d open, %,d half-open, %,d closed%s",
                circuits.size(),
                circuits.size() == 1 ? "circuit" : "circuits",
                open,
                trying,
                count(circuits, "closed"),
                idle == 0 ? "" : String.format(Locale.ROOT, ", %,d of them not called since the server's start", idle));
    }

    private static long count(List<JsonNode> circuits, String state) {
        return circuits.stream()
                .filter(each -> each.path("state").asText().equals(state))
                .count();
    }

    private static List<String> row(JsonNode circuit, Instant now) {
        long failures = circuit.path("failure_count").asLong();
        long calls = failures + circuit.path("success_count").asLong();
        long retry = circuit.path("retry_after_ms").asLong();
        boolean held = circuit.path("hold").isObject();
        return List.of(
                Words.clean(circuit.path("agent_id").asText()),
                circuit.path("state").asText()
                        + (held ? ", held" : "")
                        + (observes(circuit) ? ", observe" : "")
                        + (circuit.path("idle").asBoolean() ? ", not called" : ""),
                since(circuit.path("since").asText(""), now),
                calls == 0 ? "-" : failures + " of " + calls + " (" + failures * FAILED_PERCENT / calls + " %)",
                circuit.path("consecutive_failures").asText("0"),
                retry == 0 ? "-" : Words.shortly(Duration.ofMillis(retry + 999)),
                why(circuit, held));
    }

    /** Its own trips refuse no call; a server of an earlier version says nothing of modes. */
    private static boolean observes(JsonNode circuit) {
        return circuit.path("mode").asText().equals("observe");
    }

    private static String why(JsonNode circuit, boolean held) {
        StringBuilder why = new StringBuilder(cause(circuit).replace('_', ' '));
        add(why, " (", circuit.path("kind"), ")");
        add(why, " by ", circuit.path("actor"), "");
        add(why, ": ", circuit.path("reason"), "");
        if (held) {
            add(why, ", until ", circuit.path("hold").path("until"), "");
        }
        switch (circuit.path("carried_over").asText()) {
            case "restart" -> why.append(" (since before the restart)");
            case "process" -> why.append(" (decided by another process)");
            default -> {}
        }
        return why.isEmpty() ? "-" : Words.clean(why.toString());
    }

    private static String cause(JsonNode circuit) {
        return circuit.path("cause").isTextual() ? circuit.path("cause").asText() : "";
    }

    private static void add(StringBuilder to, String before, JsonNode value, String after) {
        if (value.isTextual()) {
            to.append(before).append(value.asText()).append(after);
        }
    }

    private static String since(String time, Instant now) {
        try {
            return Words.shortly(Duration.between(Instant.parse(time), now));
        } catch (DateTimeParseException never) {
            return "-";
        }
    }

    private static int urgency(JsonNode circuit) {
        return switch (circuit.path("state").asText()) {
            case "open" -> 0;
            case "half_open" -> 1;
            default -> circuit.path("hold").isObject() ? 2 : 3;
        };
    }

    private static String coloured(String line, JsonNode circuit) {
        return switch (urgency(circuit)) {
            case 0 -> Terminal.RED + line + Terminal.PLAIN;
            case 1, 2 -> Terminal.YELLOW + line + Terminal.PLAIN;
            default -> line;
        };
    }
}
