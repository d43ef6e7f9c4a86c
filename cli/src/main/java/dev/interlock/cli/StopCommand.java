package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code interlock stop}: refuses calls of a fleet, whatever its circuits say, until somebody resumes. */
@Command(
        name = "stop",
        description = {"Refuses calls, whatever circuits say, until 'interlock resume' or a time.", ""})
final class StopCommand extends RemoteCommand {
    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private WhatOption what;

    @Mixin
    private EndOption end = new EndOption();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit trail")
    private @Nullable String reason;

    @Option(names = "--yes", description = "without asking")
    private boolean yes;

    @Override
    void run(Remote remote) throws RemoteException {
        Instant until = end.read(spec().commandLine());
        String organization = remote.get("/api/v1/me").path("organization_id").asText();
        ObjectNode body = what.into(Remote.JSON.createObjectNode().put("action", "stop"));
        if (!yes) {
            JsonNode preview = remote.post("/api/v1/actions", body.deepCopy().put("dry_run", true));
            confirm(organization, preview.path("found").asLong());
        }
        String why = reason == null && !yes
                ? Questions.ask(err(), "Why? It is kept in the audit trail (Enter: no reason) ")
                : reason;
        if (why != null && !why.isBlank()) {
            body.put("reason", why.strip());
        }
        if (until != null) {
            body.put("until", until.toString());
        }
        JsonNode done = remote.post("/api/v1/actions", body);
        out().println("Stopped: " + what.words(organization) + (until == null ? "" : " until " + until));
        Acknowledgement.print(done, remote, out(), err());
        JsonNode gate = done.path("gate");
        err().println("To go on: interlock resume '"
                + Words.clean(gate.path("id").asText()) + "'");
    }

    /** A stop hits many: who gives one types what it is of. */
    private void confirm(String organization, long agents) throws RemoteException {
        String name = what.pattern() == null ? organization : what.pattern();
        String typed = Questions.ask(
                err(),
                "This stops " + what.words(organization) + ", " + agents + (agents == 1 ? " agent" : " agents")
                        + " at the moment. Type " + Words.clean(String.valueOf(name)) + " to go on: ");
        if (typed == null) {
            throw new RemoteException("Nothing was done: this would stop " + what.words(organization) + ", " + agents
                    + (agents == 1 ? " agent" : " agents")
                    + " at the moment. With --yes it is done");
        }
        if (!typed.strip().equals(name)) {
            throw new RemoteException("Nothing was done: that is another name");
        }
    }
}
