package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock undo}: takes an override of many back, where nobody has done anything since. */
@Command(
        name = "undo",
        description = {"Undoes an override of many circuits; without an id, shows which there are.", ""})
final class UndoCommand extends RemoteCommand {
    private static final String PATH = "/api/v1/actions";

    private static final Listing COLUMNS = Listing.named("id")
            .column("ID", action -> Listing.text(action, "id"))
            .column("AT", action -> Listing.text(action, "at"))
            .column("ACTION", action -> Listing.text(action, "action"))
            .column("CIRCUITS", action -> Listing.text(action, "changed"))
            .column("OF", action -> Listing.text(action, "selection"))
            .column("BY", action -> Listing.text(action, "actor"))
            .column("REASON", action -> Listing.text(action, "reason"))
            .wide("UNDOES", action -> Listing.text(action, "undoes"));

    @Mixin
    private ListOptions list = new ListOptions();

    @Parameters(paramLabel = "ID", arity = "0..1", description = "the id that the override was answered with")
    private @Nullable String id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit trail")
    private @Nullable String reason;

    @Override
    void run(Remote remote) throws RemoteException {
        if (id == null) {
            JsonNode answer = remote.get(PATH);
            List<JsonNode> actions = new ArrayList<>();
            answer.path("actions").forEach(actions::add);
            list.print(out(), answer, list.limited(actions, 0), COLUMNS, "Nobody has overridden many circuits");
            return;
        }
        ObjectNode body = Remote.JSON.createObjectNode().put("action", "undo").put("id", id);
        if (reason != null) {
            body.put("reason", reason);
        }
        JsonNode done = undo(remote, id, body);
        if (list.format() == Format.JSON) {
            out().println(done.toPrettyString());
            return;
        }
        if (done.path("changed").asLong() == 0) {
            out().println("Nothing was undone: " + why(remote, id));
        }
        ManyOverride.print(done, "undone", out(), err());
    }

    private static JsonNode undo(Remote remote, String id, ObjectNode body) throws RemoteException {
        return Missing.orAnswer(
                () -> remote.post(PATH, body),
                () -> "There is no override of many with the id '" + Words.clean(id)
                        + "', or it is too long ago; 'interlock undo' lists them");
    }

    /** An override is most often undone for nothing because it was undone before. */
    private static String why(Remote remote, String id) throws RemoteException {
        for (JsonNode each : remote.get(PATH).path("actions")) {
            if (each.path("undoes").asText().equals(id)) {
                return "it was undone already, "
                        + Times.toTheSecond(each.path("at").asText()) + ", by "
                        + Words.clean(each.path("actor").asText());
            }
        }
        return "no circuit is as the override left it";
    }
}
