package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code interlock gates}: what is stopped, by whom and until when. */
@Command(
        name = "gates",
        description = {"Shows what is stopped: by whom, why, since when and until when.", ""})
final class GatesCommand extends RemoteCommand {
    private static final List<String> HEAD = List.of("ID", "COVERS", "SINCE", "UNTIL", "BY", "REASON");
    private static final List<String> CHANGES = List.of("AT", "ACTION", "ID", "UNTIL", "BY", "REASON");
    private static final String NONE = "-";

    @Option(names = "--changes", description = "who stopped and resumed what, the newest first")
    private boolean changes;

    @Option(names = "--json", description = "the server's answer as it is")
    private boolean json;

    @Override
    void run(Remote remote) throws RemoteException {
        JsonNode answer = remote.get(changes ? "/api/v1/gates/changes" : "/api/v1/gates");
        if (json) {
            out().println(answer.toPrettyString());
            return;
        }
        JsonNode all = answer.path(changes ? "changes" : "gates");
        if (all.isEmpty()) {
            out().println(changes ? "Nothing was ever stopped" : "Nothing is stopped");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(changes ? CHANGES : HEAD);
        all.forEach(each -> rows.add(changes ? change(each) : gate(each)));
        Words.table(rows).forEach(out()::println);
        answer.path("not_confirmed")
                .forEach(each -> err().println(
                                "Not confirmed: " + each.path("what").asText() + " "
                                        + Words.clean(each.path("name").asText()) + ". "
                                        + Words.clean(each.path("detail").asText())));
    }

    private static List<String> gate(JsonNode gate) {
        return List.of(
                Words.clean(gate.path("id").asText()),
                covers(gate),
                gate.path("since").asText(),
                gate.path("until").asText(NONE),
                Words.clean(gate.path("author").asText()),
                Words.clean(gate.path("reason").asText(NONE)));
    }

    private static String covers(JsonNode gate) {
        return gate.path("pattern").isTextual()
                ? gate.path("covers").asText() + " "
                        + Words.clean(gate.path("pattern").asText())
                : "everything";
    }

    private static List<String> change(JsonNode line) {
        return List.of(
                line.path("at").asText(),
                line.path("action").asText().equals("put") ? "stopped" : "resumed",
                Words.clean(line.path("gate").asText()),
                line.path("until").asText(NONE),
                Words.clean(line.path("actor").asText()),
                Words.clean(line.path("reason").asText(NONE)));
    }
}
