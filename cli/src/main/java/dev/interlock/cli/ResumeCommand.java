package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interlock resume}: ends a stop. */
@Command(
        name = "resume",
        description = {"Ends a stop: circuits decide again, as if it had never been there.", ""})
final class ResumeCommand extends RemoteCommand {
    /** The stop by its id, or by what it is of. */
    static final class Which {
        @Parameters(paramLabel = "ID", description = "the stop, as 'interlock gates' lists it")
        private @Nullable String id;

        @ArgGroup(multiplicity = "1")
        private @Nullable WhatOption what;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Which which;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit trail")
    private @Nullable String reason;

    @Override
    void run(Remote remote) throws RemoteException {
        ObjectNode body = Remote.JSON.createObjectNode().put("action", "resume");
        if (which.what != null) {
            which.what.into(body);
        } else {
            body.put("id", which.id);
        }
        if (reason != null) {
            body.put("reason", reason);
        }
        JsonNode done = Missing.orAnswer(() -> remote.post("/api/v1/actions", body), this::notStopped);
        out().println("Resumed: " + Words.clean(done.path("gate").path("id").asText()));
        Acknowledgement.print(done, remote, out(), err());
    }

    private String notStopped() {
        return "Nothing is stopped "
                + (which.what == null
                        ? "under the id '" + Words.clean(String.valueOf(which.id)) + "'"
                        : "by a stop of " + which.what.words("the organization"))
                + "; 'interlock gates' lists what is";
    }
}
