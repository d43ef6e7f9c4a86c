package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock incidents}: what is wrong now and what caused it. */
@Command(
        name = "incidents",
        description = {
            "Shows what is wrong now, the worst first: which circuit is the root, why, since when, and whom it hits. Those whose"
                    + " circuits have all closed come last.",
            ""
        })
final class IncidentsCommand extends RemoteCommand {
    private static final int USUAL = 50;
    private static final int PAGE = 200;
    private static final List<String> CIRCUITS = List.of("CIRCUIT", "OPENED", "CLOSED", "OPENINGS", "WHY");

    @Mixin
    private ListOptions list = new ListOptions();

    @Mixin
    private TimeOptions times = new TimeOptions();

    @Parameters(
            paramLabel = "INCIDENT",
            arity = "0..1",
            description = "one of them, with its circuits and its timeline")
    private @Nullable String id;

    @Option(names = "--all", description = "those that have ended, too")
    private boolean all;

    @Option(names = "--markdown", description = "one incident as a post-mortem to be completed")
    private boolean markdown;

    @Override
    void run(Remote remote) throws RemoteException {
        if (id == null) {
            list(remote);
            return;
        }
        String path = "/api/v1/incidents/" + Remote.encoded(id);
        if (markdown) {
            one(remote, path); // says in words what is missing
            out().print(remote.text(path + "?format=markdown"));
            return;
        }
        JsonNode one = one(remote, path);
        if (list.isForPeople()) {
            show(one);
        } else {
            list.print(out(), one, List.of(one), columns(Instant.now()), "");
        }
    }

    private JsonNode one(Remote remote, String path) throws RemoteException {
        return Missing.orAnswer(
                () -> remote.get(path),
                () -> "There is no incident '" + Words.clean(String.valueOf(id))
                        + "', or it is too long ago; 'interlock incidents --all' lists all");
    }

    private void list(Remote remote) throws RemoteException {
        String path = times.to(new Query()).with("state", all ? null : "live").behind("/api/v1/incidents");
        List<JsonNode> incidents = all
                ? remote.pages(path, "incidents", list.limit(USUAL), PAGE)
                : list.limited(WorstFirst.sorted(remote.pages(path, "incidents", 0, PAGE)), USUAL);
        Map<String, JsonNode> roots =
                list.isForPeople() && incidents.stream().anyMatch(WorstFirst::isOpen) ? open(remote) : Map.of();
        ArrayNode answer = Remote.JSON.createArrayNode().addAll(incidents);
        list.print(
                out(),
                Remote.JSON.createObjectNode().set("incidents", answer),
                incidents,
                columns(Instant.now()).column("WHY", incident -> why(incident, roots)),
                all ? "No incidents" : "No incident goes on; see --all for those that have ended");
    }

    private static Listing columns(Instant now) {
        return Listing.named("id")
                .column("INCIDENT", incident -> Listing.text(incident, "id"))
                .column("ROOT", IncidentsCommand::root)
                .coloured("STATE", incident -> state(incident, now), IncidentsCommand::colour)
                .column(
                        "SINCE",
                        incident -> Times.toTheSecond(incident.path("began").asText()))
                .column("LASTED", incident -> lasted(incident, now))
                .column("CIRCUITS", incident -> Listing.text(incident, "circuits"))
                .column("DEPENDING", incident -> Listing.text(incident, "depending"))
                .column(
                        "REFUSED",
                        incident -> String.format(
                                Locale.ROOT, "%,d", incident.path("refused").asLong()))
                .wide(
                        "LAST OPENING",
                        incident ->
                                Times.toTheSecond(incident.path("last_opening").asText()))
                .wide("PART OF", incident -> Listing.text(incident, "merged_into"));
    }

    /** The circuits that are not closed, by their names: a list of incidents does not say why their roots opened. */
    private static Map<String, JsonNode> open(Remote remote) throws RemoteException {
        Map<String, JsonNode> open = new HashMap<>();
        for (String state : List.of("open", "half_open")) {
            remote.get("/api/v1/circuits?state=" + state)
                    .properties()
                    .forEach(each -> open.put(each.getKey(), each.getValue()));
        }
        return open;
    }

    private static String why(JsonNode incident, Map<String, JsonNode> open) {
        if (incident.path("ended").isTextual()) {
            return Listing.NONE;
        }
        if (incident.path("quiet_since").isTextual()) {
            return quiet(incident);
        }
        JsonNode root = open.get(incident.path("root").asText());
        if (root != null) {
            return Why.of(root);
        }
        return incident.path("suspected").asBoolean() ? "what opened depends on it" : Listing.NONE;
    }

    private static String quiet(JsonNode incident) {
        JsonNode end = incident.path("ends_at");
        return "all closed since "
                + Times.toTheSecond(incident.path("quiet_since").asText())
                + (end.isTextual() ? "; ends if it stays so until " + Times.toTheSecond(end.asText()) : "");
    }

    /** One whose circuits have all closed goes on for some minutes, in case they open again. */
    private static String state(JsonNode incident, Instant now) {
        if (incident.path("ended").isTextual()) {
            return incident.path("merged_into").isTextual() ? "part of another" : "ended";
        }
        JsonNode quiet = incident.path("quiet_since");
        return quiet.isTextual()
                ? "all closed for " + Times.since(quiet.asText(), now)
                : incident.path("open").asText() + " open";
    }

    private static String colour(JsonNode incident) {
        return incident.path("ended").isTextual()
                ? ""
                : incident.path("quiet_since").isTextual() ? Terminal.YELLOW : Terminal.RED;
    }

    private static String root(JsonNode incident) {
        String name = Words.clean(incident.path("root").asText());
        return incident.path("suspected").asBoolean() ? name + " (suspected)" : name;
    }

    private static String lasted(JsonNode incident, Instant now) {
        JsonNode end = incident.path(incident.path("ended").isTextual() ? "ended" : "quiet_since");
        return Words.shortly(Duration.between(
                Instant.parse(incident.path("began").asText()), end.isTextual() ? Instant.parse(end.asText()) : now));
    }

    private void show(JsonNode incident) {
        Instant now = Instant.now();
        out().println(root(incident) + ": " + state(incident, now) + ", since "
                + Times.toTheSecond(incident.path("began").asText()) + ", lasted " + lasted(incident, now));
        if (!incident.path("ended").isTextual() && incident.path("quiet_since").isTextual()) {
            out().println("It is " + quiet(incident));
        }
        JsonNode merged = incident.path("merged_into");
        if (merged.isTextual()) {
            out().println("It turned out to be part of " + merged.asText());
        }
        out().println(String.format(
                Locale.ROOT,
                "%s of %s circuits %s open; %s agents depend on the root; %,d calls were refused",
                incident.path("open").asText(),
                incident.path("circuits").asText(),
                incident.path("open").asInt() == 1 ? "is" : "are",
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
                Times.toTheSecond(circuit.path("opened_at").asText()),
                Times.toTheSecond(circuit.path("closed_at").asText()),
                circuit.path("openings").asText(),
                Why.of(circuit));
    }

    private static String line(JsonNode line) {
        return Times.toTheSecond(line.path("at").asText()) + "  "
                + Listing.text(line, "agent_id") + "  "
                + EventsCommand.change(line) + ", " + Why.of(line);
    }
}
