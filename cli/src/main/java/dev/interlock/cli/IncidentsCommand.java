package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock incidents}: what is wrong now and what caused it. */
@Command(
        name = "incidents",
        description = {"Shows what is wrong now: which circuit is the root, since when, and whom it hits.", ""})
final class IncidentsCommand extends RemoteCommand {
    private static final List<String> HEAD =
            List.of("INCIDENT", "ROOT", "SINCE", "LASTED", "OPEN", "DEPENDING", "REFUSED");
    private static final List<String> CIRCUITS = List.of("CIRCUIT", "OPENED", "CLOSED", "OPENINGS", "WHY");
    private static final String NONE = "-";

    @Parameters(
            paramLabel = "INCIDENT",
            arity = "0..1",
            description = "one of them, with its circuits and its timeline")
    private @Nullable String id;

    @Option(names = "--all", description = "those that have ended, too")
    private boolean all;

    @Option(names = "--markdown", description = "one incident as a post-mortem to be completed")
    private boolean markdown;

    @Option(names = "--json", description = "the server's answer as it is")
    private boolean json;

    @Override
    void run(Remote remote) throws RemoteException {
        if (id == null) {
            JsonNode answer = remote.get("/api/v1/incidents" + (all ? "" : "?state=live"));
            if (json) {
                out().println(answer.toPrettyString());
            } else {
                list(answer.path("incidents"));
            }
            return;
        }
        String path = "/api/v1/incidents/" + Remote.encoded(id);
        if (markdown) {
            out().print(remote.text(path + "?format=markdown"));
            return;
        }
        JsonNode one = remote.get(path);
        if (json) {
            out().println(one.toPrettyString());
        } else {
            show(one);
        }
    }

    private void list(JsonNode incidents) {
        if (incidents.isEmpty()) {
            out().println(all ? "No incidents" : "No incident goes on; see --all for those that have ended");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        Instant now = Instant.now();
        incidents.forEach(each -> rows.add(row(each, now)));
        Words.table(rows).forEach(out()::println);
    }

    private static List<String> row(JsonNode incident, Instant now) {
        return List.of(
                incident.path("id").asText(),
                root(incident),
                incident.path("began").asText(),
                lasted(incident, now),
                incident.path("open").asText() + " of "
                        + incident.path("circuits").asText(),
                incident.path("depending").asText(),
                String.format(Locale.ROOT, "%,d", incident.path("refused").asLong()));
    }

    private static String root(JsonNode incident) {
        String name = Words.clean(incident.path("root").asText());
        return incident.path("suspected").asBoolean() ? name + " (suspected)" : name;
    }

    private static String lasted(JsonNode incident, Instant now) {
        JsonNode ended = incident.path("ended");
        return Words.shortly(Duration.between(
                Instant.parse(incident.path("began").asText()),
                ended.isTextual() ? Instant.parse(ended.asText()) : now));
    }

    private void show(JsonNode incident) {
        out().println(root(incident) + ": " + incident.path("state").asText() + " since "
                + incident.path("began").asText() + " for " + lasted(incident, Instant.now()));
        JsonNode merged = incident.path("merged_into");
        if (merged.isTextual()) {
            out().println("It turned out to be part of " + merged.asText());
        }
        out().println(String.format(
                Locale.ROOT,
                "%s of %s circuits are open; %s agents depend on the root; %,d calls were refused",
                incident.path("open").asText(),
                incident.path("circuits").asText(),
                incident.path("depending").asText(),
                incident.path("refused").asLong()));
        out().println();
        List<List<String>> rows = new ArrayList<>();
        rows.add(CIRCUITS);
        incident.path("affected").forEach(each -> rows.add(circuit(each)));
        Words.table(rows).forEach(out()::println);
        out().println();
        incident.path("timeline").forEach(each -> out().println(line(each)));
    }

    private static List<String> circuit(JsonNode circuit) {
        return List.of(
                Words.clean(circuit.path("agent_id").asText())
                        + (circuit.path("follows").asBoolean() ? "" : " (root)"),
                circuit.path("opened_at").asText(),
                circuit.path("closed_at").asText(NONE),
                circuit.path("openings").asText(),
                circuit.path("cause").asText().replace('_', ' ')
                        + (circuit.path("kind").isTextual()
                                ? " (" + circuit.path("kind").asText() + ")"
                                : ""));
    }

    private static String line(JsonNode line) {
        StringBuilder text = new StringBuilder(line.path("at").asText())
                .append("  ")
                .append(Words.clean(line.path("agent_id").asText()))
                .append("  ")
                .append(line.path("from").asText())
                .append(" -> ")
                .append(line.path("to").asText())
                .append(", ")
                .append(line.path("cause").asText().replace('_', ' '));
        if (line.path("actor").isTextual()) {
            text.append(" by ").append(Words.clean(line.path("actor").asText()));
        }
        if (line.path("reason").isTextual()) {
            text.append(": ").append(Words.clean(line.path("reason").asText()));
        }
        return text.toString();
    }
}
