package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An override of many circuits: by pattern or by query, after a preview. */
final class ManyOverride {
    private static final String PATH = "/api/v1/actions";

    @Option(
            names = "--pattern",
            paramLabel = "PATTERN",
            description = "all circuits whose names match, such as 'planner-*', after a preview")
    private @Nullable String pattern;

    @Option(
            names = "--query",
            paramLabel = "WORDS",
            description = "all circuits that the words find, such as 'state:open dep:model:kimi-k2', after a preview")
    private @Nullable String query;

    @Option(names = "--yes", description = "with --pattern or --query: without asking")
    private boolean yes;

    @Option(names = "--dry-run", description = "with --pattern or --query: only the preview")
    private boolean dryRun;

    /** Whether many are meant, and not one. */
    boolean isMeant() {
        return pattern != null || query != null;
    }

    /** Whether both are given, of which only one can be. */
    boolean isTwice() {
        return pattern != null && query != null;
    }

    /** Whether anything of it is given without saying which circuits. */
    boolean isStray() {
        return !isMeant() && (yes || dryRun);
    }

    /** Shows what would be done, asks, and does it. The body has the action, its reason and its end. */
    void carryOut(Remote remote, ObjectNode body, PrintWriter out, PrintWriter err) throws RemoteException {
        body.put(pattern != null ? "pattern" : "query", pattern != null ? pattern : query);
        JsonNode preview = remote.post(PATH, body.deepCopy().put("dry_run", true));
        long changed = preview.path("changed").asLong();
        String action = body.path("action").asText().replace('_', ' ');
        PrintWriter shown = dryRun ? out : err;
        shown.println(action + ": changes " + changed + " of "
                + preview.path("found").asText() + " circuits found" + (changed == 0 ? "" : ":"));
        preview.path("first")
                .forEach(each ->
                        shown.println("  " + Words.clean(each.path("agent_id").asText()) + "  "
                                + (each.path("held").asBoolean() ? "held " : "")
                                + each.path("state").asText().replace('_', '-')));
        if (changed > preview.path("first").size()) {
            shown.println("  and " + (changed - preview.path("first").size()) + " more");
        }
        if (dryRun || changed == 0) {
            return;
        }
        if (!yes) {
            String said = Questions.ask(err, "Do it? [y/N] ");
            if (said == null) {
                throw new RemoteException("Nothing was done. With --yes it is done");
            }
            if (!said.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
                throw new RemoteException("Nothing was done");
            }
        }
        JsonNode done = remote.post(PATH, body.put("at_most", changed));
        if (done.path("changed").asLong() == 0) {
            out.println("0 circuits: " + action);
        }
        print(done, action, out, err);
    }

    /** Prints what came of it. */
    static void print(JsonNode done, String action, PrintWriter out, PrintWriter err) {
        long changed = done.path("changed").asLong();
        if (changed > 0) {
            out.println(changed + (changed == 1 ? " circuit: " : " circuits: ") + action);
        }
        done.path("not_done")
                .forEach(each -> err.println(
                        "Left as it is: " + Words.clean(each.path("agent_id").asText()) + ". "
                                + Words.clean(each.path("detail").asText())));
        long more = done.path("not_done_count").asLong() - done.path("not_done").size();
        if (more > 0) {
            err.println("and " + more + " more");
        }
        if (!done.path("durable").asBoolean()) {
            err.println("It is in effect, but not stored: the database is away. It is stored when that is back.");
        }
        if (done.path("id").isTextual()) {
            err.println("To undo it: interlock undo " + done.path("id").asText());
        }
    }
}
