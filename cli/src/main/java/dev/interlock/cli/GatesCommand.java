package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code interlock gates}: what is stopped, by whom and until when. */
@Command(
        name = "gates",
        description = {"Shows what is stopped: by whom, why, since when and until when.", ""})
final class GatesCommand extends RemoteCommand {
    private static final Listing GATES = Listing.named("id")
            .column("ID", gate -> Listing.text(gate, "id"))
            .column("COVERS", GatesCommand::covers)
            .column("SINCE", gate -> Listing.text(gate, "since"))
            .column("UNTIL", gate -> Listing.text(gate, "until"))
            .column("BY", gate -> Listing.text(gate, "author"))
            .column("REASON", gate -> Listing.text(gate, "reason"));

    private static final Listing CHANGES = Listing.named("gate")
            .column("AT", change -> Listing.text(change, "at"))
            .column("ACTION", change -> change.path("action").asText().equals("put") ? "stopped" : "resumed")
            .column("ID", change -> Listing.text(change, "gate"))
            .column("UNTIL", change -> Listing.text(change, "until"))
            .column("BY", change -> Listing.text(change, "actor"))
            .column("REASON", change -> Listing.text(change, "reason"));

    @Option(names = "--changes", description = "who stopped and resumed what, the newest first")
    private boolean changes;

    @Mixin
    private ListOptions list = new ListOptions();

    @Override
    void run(Remote remote) throws RemoteException {
        JsonNode answer = remote.get(changes ? "/api/v1/gates/changes" : "/api/v1/gates");
        List<JsonNode> rows = new ArrayList<>();
        answer.path(changes ? "changes" : "gates").forEach(rows::add);
        list.print(
                out(),
                answer,
                list.limited(rows, 0),
                changes ? CHANGES : GATES,
                changes ? "Nothing was ever stopped" : "Nothing is stopped");
        if (list.isForPeople()) {
            answer.path("not_confirmed")
                    .forEach(each -> err().println(
                                    "Not confirmed: " + each.path("what").asText() + " "
                                            + Words.clean(each.path("name").asText()) + ". "
                                            + Words.clean(each.path("detail").asText())));
        }
    }

    private static String covers(JsonNode gate) {
        return gate.path("pattern").isTextual()
                ? gate.path("covers").asText() + " "
                        + Words.clean(gate.path("pattern").asText())
                : "everything";
    }
}
