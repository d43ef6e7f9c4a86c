package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code interlock agents}: who is in the fleet, and how each is. */
@Command(
        name = "agents",
        description = {"Lists agents and what they depend on, with the state of their circuits and their health.", ""})
final class AgentsCommand extends RemoteCommand {
    private static final int PAGE = 10_000;

    @Mixin
    private ListOptions list = new ListOptions();

    @Option(names = "--prefix", paramLabel = "TEXT", description = "only agents with this prefix, such as model:")
    private @Nullable String prefix;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            completionCandidates = Candidates.States.class,
            description = "only with a circuit that is open, half_open or closed, or held by somebody")
    private @Nullable String state;

    @Option(
            names = "--health",
            paramLabel = "HEALTH",
            completionCandidates = Candidates.Healths.class,
            description = "only those that are healthy, degraded, critical or unknown")
    private @Nullable String health;

    @Override
    void run(Remote remote) throws RemoteException {
        String path = new Query()
                .with("prefix", prefix)
                .with("state", state)
                .with("status", health)
                .behind("/api/v1/agents");
        List<JsonNode> agents = new ArrayList<>(remote.pages(path, "agents", list.limit(0), PAGE));
        agents.sort(Comparator.comparing(agent -> agent.path("agent_id").asText()));
        ArrayNode answer = Remote.JSON.createArrayNode().addAll(agents);
        list.print(
                out(),
                Remote.JSON.createObjectNode().set("agents", answer),
                agents,
                columns(Instant.now()),
                prefix == null && state == null && health == null
                        ? "No agents yet: none has called or logged"
                        : "No agents match");
    }

    private static Listing columns(Instant now) {
        return Listing.named("agent_id")
                .column("AGENT", agent -> Listing.text(agent, "agent_id"))
                .wide("NAME", agent -> Listing.text(agent, "display_name"))
                .coloured(
                        "STATE",
                        AgentsCommand::state,
                        agent -> Terminal.colourOf(agent.path("state").asText()))
                .coloured(
                        "HEALTH",
                        agent -> Listing.text(agent, "status"),
                        agent -> Terminal.colourOf(agent.path("status").asText()))
                .column("SCORE", agent -> Listing.text(agent, "score"))
                .column("SEEN", agent -> Times.since(agent.path("last_seen").asText(), now) + " ago")
                .column("DEPENDS ON", AgentsCommand::dependsOn)
                .wide(
                        "FIRST SEEN",
                        agent -> Times.toTheSecond(agent.path("first_seen").asText()))
                .wide("METADATA", AgentsCommand::metadata);
    }

    private static String state(JsonNode agent) {
        return agent.path("state").asText()
                + (agent.path("held").asBoolean() ? ", held" : "")
                + (agent.path("idle").asBoolean() ? ", not called" : "");
    }

    private static String dependsOn(JsonNode agent) {
        List<String> names = new ArrayList<>();
        agent.path("depends_on").forEach(each -> names.add(Words.clean(each.asText())));
        return names.isEmpty() ? Listing.NONE : String.join(", ", names);
    }

    private static String metadata(JsonNode agent) {
        List<String> pairs = new ArrayList<>();
        agent.path("metadata")
                .properties()
                .forEach(each -> pairs.add(
                        Words.clean(each.getKey() + "=" + each.getValue().asText())));
        return pairs.isEmpty() ? Listing.NONE : String.join(", ", pairs);
    }
}
