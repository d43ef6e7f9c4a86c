package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code interlock events}: what happened in the fleet, and who did what. */
@Command(
        name = "events",
        description = {
            "Shows what happened to circuits, by itself and by people: the last 100 changes, the newest at the end.",
            ""
        })
final class EventsCommand extends RemoteCommand {
    private static final int USUAL = 100;
    private static final int PAGE = 1_000;

    /** Columns of a list of transitions. */
    static final Listing COLUMNS = Listing.named("agent_id")
            .column("TIME", event -> Times.toTheSecond(event.path("at").asText()))
            .column("AGENT", event -> Listing.text(event, "agent_id"))
            .coloured(
                    "CHANGE",
                    EventsCommand::change,
                    event -> Terminal.colourOf(event.path("to").asText()))
            .wide("EPOCH", event -> Listing.text(event, "epoch"))
            .wide("FAILED", EventsCommand::failed)
            .column("WHY", Why::of);

    @Mixin
    private ListOptions list = new ListOptions();

    @Mixin
    private TimeOptions times = new TimeOptions();

    @Option(names = "--agent", paramLabel = "PATTERN", description = "only of this agent, or such as model:*")
    private @Nullable String agent;

    @Option(names = "--kind", paramLabel = "KIND", description = "only failures of this kind, such as OVERLOADED")
    private @Nullable String kind;

    @Option(
            names = "--cause",
            paramLabel = "CAUSE",
            description = "only with this cause, such as failure_rate, trial_failed, override")
    private @Nullable String cause;

    @Option(names = "--actor", paramLabel = "PATTERN", description = "only by this person or key, or such as ada*")
    private @Nullable String actor;

    @Override
    void run(Remote remote) throws RemoteException {
        String path = times.to(new Query())
                .with("agent", agent)
                .with("kind", kind == null ? null : kind.toUpperCase(Locale.ROOT))
                .with("cause", cause == null ? null : cause.toLowerCase(Locale.ROOT))
                .with("actor", actor)
                .behind("/api/v1/transitions");
        List<JsonNode> events = remote.pages(path, "transitions", list.limit(USUAL), PAGE);
        ArrayNode answer = Remote.JSON.createArrayNode().addAll(events);
        list.print(
                out(),
                Remote.JSON.createObjectNode().set("transitions", answer),
                oldestFirst(events),
                COLUMNS,
                "No events match");
    }

    /** Time runs down, as in a log. */
    static List<JsonNode> oldestFirst(List<JsonNode> rows) {
        List<JsonNode> turned = new ArrayList<>(rows);
        Collections.reverse(turned);
        return turned;
    }

    static String change(JsonNode event) {
        String to = event.path("to").asText();
        String held = event.path("held").asBoolean() ? ", held" : "";
        if (event.path("repeated").asBoolean()) {
            return "still " + to + held;
        }
        String from = event.path("from").asText();
        return from.equals(to) && event.path("cause").asText().equals("health")
                ? to + ", trials early" // health has recovered: the cooldown is over
                : from + " -> " + to + held;
    }

    private static String failed(JsonNode event) {
        long calls = event.path("calls").asLong();
        return calls == 0 ? Listing.NONE : event.path("failures").asText() + " of " + calls;
    }
}
