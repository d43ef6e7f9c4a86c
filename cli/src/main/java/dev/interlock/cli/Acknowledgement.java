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
            err.println("Other processes obey as soon as they hear; at this moment nobody can say which there are.");
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
            err.println("It acts, but is not stored yet: the database is away. It is written when that returns.");
        }
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
