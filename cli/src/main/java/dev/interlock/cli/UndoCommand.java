package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock undo}: takes an override of many back, where nobody has done anything since. */
@Command(
        name = "undo",
        description = {"Undoes an override of many circuits; without an id, shows which there are.", ""})
final class UndoCommand extends RemoteCommand {
    private static final List<String> HEAD = List.of("ID", "AT", "ACTION", "CIRCUITS", "OF", "BY", "REASON");

    @Parameters(paramLabel = "ID", arity = "0..1", description = "the id that the override was answered with")
    private @Nullable String id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit trail")
    private @Nullable String reason;

    @Override
    void run(Remote remote) throws RemoteException {
        if (id == null) {
            list(remote.get("/api/v1/actions").path("actions"));
            return;
        }
        ObjectNode body = Remote.JSON.createObjectNode().put("action", "undo").put("id", id);
        if (reason != null) {
            body.put("reason", reason);
        }
        ManyOverride.print(remote.post("/api/v1/actions", body), "undone", out(), err());
    }

    private void list(JsonNode actions) {
        if (actions.isEmpty()) {
            out().println("Nobody has overridden many circuits");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        actions.forEach(each -> rows.add(List.of(
                each.path("id").asText(),
                each.path("at").asText(),
                each.path("action").asText(),
                each.path("changed").asText(),
                Words.clean(each.path("selection").asText()),
                Words.clean(each.path("actor").asText()),
                Words.clean(each.path("reason").asText("-")))));
        Words.table(rows).forEach(out()::println);
    }
}
