package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Overrides of one circuit: {@code interlock open|close|reset|hold|release AGENT}. */
abstract class OverrideCommand extends RemoteCommand {
    @Parameters(paramLabel = "AGENT", arity = "0..1", description = "whose circuit; or --pattern, or --query")
    private @Nullable String agent;

    @Mixin
    private ManyOverride many = new ManyOverride();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit trail")
    private @Nullable String reason;

    @Option(names = "--create", description = "also for an unknown agent, without asking first")
    private boolean create;

    /** The action as the API names it. */
    abstract String action();

    /** When it ends by itself, or null. */
    @Nullable
    Instant until() {
        return null;
    }

    @Override
    final void run(Remote remote) throws RemoteException {
        String one = agent;
        if ((one == null) != many.isMeant() || many.isTwice() || many.isStray() || many.isMeant() && create) {
            throw new ParameterException(
                    spec().commandLine(),
                    "Say whose circuit: AGENT, or for many either --pattern or --query, with --yes or --dry-run if you"
                            + " like; --create belongs to one AGENT");
        }
        ObjectNode body = Remote.JSON.createObjectNode().put("action", action());
        Instant until = until();
        String why = reason == null
                ? Questions.ask(err(), "Why? It is kept in the audit trail (Enter: no reason) ")
                : reason;
        if (why != null && !why.isBlank()) {
            body.put("reason", why.strip());
        }
        if (until != null) {
            body.put("until", until.toString());
        }
        if (one == null) {
            many.carryOut(remote, body, out(), err());
            return;
        }
        JsonNode done = carryOut(remote, one, body);
        out().println(outcome(Words.clean(one), done) + (until == null ? "" : " until " + until));
        if (done.path("durable").isBoolean()) {
            err().println("It is in effect, but not stored: the database is away. It is stored when that is back.");
        }
    }

    /** One that repeats what is so already is carried out, and may be of the wrong name: it is said. */
    private static String outcome(String name, JsonNode done) {
        String status = done.path("status").asText().replace('_', ' ');
        if (!done.path("repeated").asBoolean()) {
            return name + ": " + status;
        }
        return switch (status) {
            case "released" -> "Nothing to release: nobody holds " + name;
            case "reset" -> name + ": reset, and it was closed and clean already";
            case "opened" -> name + ": was open already";
            default -> name + ": was " + status + " already";
        };
    }

    private JsonNode carryOut(Remote remote, String one, ObjectNode body) throws RemoteException {
        String path = "/api/v1/circuits/" + Remote.encoded(one) + "/action";
        try {
            return remote.post(path, create ? body : body.put("create", false));
        } catch (RemoteException refused) {
            JsonNode problem = refused.problem();
            String type = problem == null ? "" : problem.path("type").asText();
            if (type.equals("reason-required")) {
                throw new RemoteException(
                        ExitCode.USAGE,
                        "Nothing was done: this server needs a reason for each override. Say it with"
                                + " --reason, such as --reason \"the provider is down\"");
            }
            if (problem == null || !type.equals("agent-unknown")) {
                throw refused;
            }
            if (!isMeant(one, problem.path("nearest"))) {
                throw new RemoteException(
                        ExitCode.NOT_FOUND,
                        "Nothing was done: there is no agent " + Words.clean(one) + meant(problem.path("nearest"))
                                + ". With --create it is done all the same");
            }
            return remote.post(path, body.put("create", true));
        }
    }

    /** Asks, where somebody can answer. */
    private boolean isMeant(String one, JsonNode nearest) {
        String said = Questions.ask(
                err(), "There is no agent " + Words.clean(one) + meant(nearest) + ". Do it all the same? [y/N] ");
        return said != null && said.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    private static String meant(JsonNode nearest) {
        List<String> names = new ArrayList<>();
        nearest.forEach(name -> names.add(Words.clean(name.asText())));
        return names.isEmpty() ? "" : "; similar names: " + String.join(", ", names);
    }

    @Command(
            name = "open",
            description = {"Opens a circuit; it cools down like any other.", ""})
    static final class Open extends OverrideCommand {
        @Override
        String action() {
            return "open";
        }
    }

    @Command(
            name = "close",
            description = {"Closes a circuit, and ends a hold.", ""})
    static final class Close extends OverrideCommand {
        @Override
        String action() {
            return "close";
        }
    }

    @Command(
            name = "reset",
            description = {"Closes a circuit, ends a hold, and forgets all figures.", ""})
    static final class Reset extends OverrideCommand {
        @Override
        String action() {
            return "reset";
        }
    }

    @Command(
            name = "release",
            description = {"Ends a hold: a circuit held open has a trial next, one held closed has clean figures.", ""})
    static final class Release extends OverrideCommand {
        @Override
        String action() {
            return "release";
        }
    }

    /** {@code interlock hold}: no clock and nothing automatic undoes it. */
    @Command(
            name = "hold",
            description = {"Holds a circuit open or closed until it is released, or until some time.", ""})
    static final class Hold extends OverrideCommand {
        /** One of the two. */
        static final class State {
            @Option(names = "--open", description = "refuse every call")
            private boolean open;

            @SuppressWarnings("UnusedVariable") // without it, --open has to be there; read by nobody
            @Option(names = "--closed", description = "let every call through, whatever fails")
            private boolean closed;
        }

        @ArgGroup(multiplicity = "1")
        @SuppressWarnings("NullAway.Init")
        private State state;

        @Mixin
        private EndOption end = new EndOption();

        @Override
        String action() {
            return state.open ? "hold_open" : "hold_closed";
        }

        @Override
        @Nullable
        Instant until() {
            return end.read(spec().commandLine());
        }
    }
}
