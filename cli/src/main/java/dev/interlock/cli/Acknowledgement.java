package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/** What a server says of a stop or a resumption. */
final class Acknowledgement {
    private Acknowledgement() {}

    /** Prints who obeys, and to {@code err} who may not. */
    static void print(JsonNode done, Remote remote, PrintWriter out, PrintWriter err) {
        long clients = done.path("clients").asLong();
        out.println("Confirmed by " + count(done.path("processes").asLong(), "process", "processes")
                + (clients > 0 ? " and " + count(clients, "client", "clients") : ""));
        if (!done.path("processes_known").asBoolean()) {
            err.println("It is not known which other processes there are. They obey as soon as they are notified.");
        }
        done.path("not_confirmed")
                .forEach(each ->
                        err.println("Not confirmed: " + each.path("what").asText() + " "
                                + Words.clean(each.path("name").asText()) + ". "
                                + Words.clean(each.path("detail").asText())));
        if (!done.path("not_confirmed").isEmpty()) {
            err.println("What each of them does: see " + remote.document("gates.html#stop-and-resume-a-fleet"));
        }
        if (!done.path("durable").asBoolean()) {
            err.println("It is in effect, but not stored: the database is away. It is stored when that is back.");
        }
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
