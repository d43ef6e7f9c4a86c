package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock log AGENT}: what an agent did. */
@Command(
        name = "log",
        description = {"Shows what an agent did: its last 50 entries, the newest at the end.", ""})
final class LogCommand extends RemoteCommand {
    private static final int USUAL = 50;
    private static final int PAGE = 1_000;

    private static final Listing COLUMNS = Listing.named("execution_id")
            .column("TIME", entry -> Times.toTheSecond(entry.path("started_at").asText()))
            .wide("EXECUTION", entry -> Listing.text(entry, "execution_id"))
            .column("ACTION", entry -> Listing.text(entry, "action_type"))
            .column("NAME", entry -> Listing.text(entry, "action_name"))
            .coloured(
                    "STATUS",
                    LogCommand::status,
                    entry -> Terminal.colourOf(entry.path("status").asText()))
            .column("TOOK", LogCommand::took)
            .wide("TOKENS", entry -> Listing.text(entry, "token_count"))
            .wide("COST", LogCommand::cost)
            .wide("GUARDED", entry -> entry.path("guarded").asBoolean() ? "yes" : "no")
            .wide("INPUT", entry -> Listing.text(entry, "input_summary"))
            .column("WHAT", LogCommand::what);

    @Mixin
    private ListOptions list = new ListOptions();

    @Parameters(paramLabel = "AGENT", description = "whose log")
    @SuppressWarnings("NullAway.Init")
    private String agent;

    @Option(names = "--execution", paramLabel = "ID", description = "only of this run")
    private @Nullable String execution;

    @Option(
            names = "--action",
            paramLabel = "TYPE",
            completionCandidates = Candidates.Actions.class,
            description = "only llm_inference, tool_call, decision, error or custom")
    private @Nullable String action;

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            completionCandidates = Candidates.Statuses.class,
            description = "only success, failure or cancelled")
    private @Nullable String status;

    @Override
    void run(Remote remote) throws RemoteException {
        String path = new Query()
                .with("execution_id", execution)
                .with("action_type", action)
                .with("status", status)
                .behind("/api/v1/agents/" + Remote.encoded(agent) + "/logs");
        List<JsonNode> entries = remote.pages(path, "logs", list.limit(USUAL), PAGE);
        if (entries.isEmpty()) {
            Known.require(remote, agent);
        }
        ArrayNode logs = Remote.JSON.createArrayNode().addAll(entries);
        ObjectNode answer = Remote.JSON.createObjectNode();
        answer.set("logs", logs);
        list.print(out(), answer, EventsCommand.oldestFirst(entries), COLUMNS, "No entries match");
    }

    private static String status(JsonNode entry) {
        return Listing.text(entry, "status")
                + (entry.path("error_kind").isTextual() ? " (" + Listing.text(entry, "error_kind") + ")" : "");
    }

    private static String took(JsonNode entry) {
        return entry.path("latency_ms").isNumber() ? entry.path("latency_ms").asText() + " ms" : Listing.NONE;
    }

    private static String cost(JsonNode entry) {
        return entry.path("cost_usd").isNumber() ? "$" + entry.path("cost_usd").asText() : Listing.NONE;
    }

    private static String what(JsonNode entry) {
        String error = Listing.text(entry, "error_message");
        return error.equals(Listing.NONE) ? Listing.text(entry, "output_summary") : error;
    }
}
