package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code interlock status}: what is open, since when, why, until when. */
@Command(
        name = "status",
        description = {
            "Shows circuits: those that are not closed first, and of these the ones that hit the most agents. Of one"
                    + " AGENT all that is known, as 'describe' does.",
            ""
        })
final class StatusCommand extends RemoteCommand {
    @Mixin
    private ListOptions list = new ListOptions();

    @Parameters(paramLabel = "AGENT", arity = "0..1", description = "one agent; else all")
    private @Nullable String agent;

    @Option(names = "--prefix", paramLabel = "TEXT", description = "only agents with this prefix, such as model:")
    private @Nullable String prefix;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            completionCandidates = Candidates.States.class,
            description = "only circuits that are open, half_open or closed, or held by somebody")
    private @Nullable String state;

    @Option(
            names = "--exit-code",
            description = "end with 6 if any of the circuits is open, half-open or held open, for scripts")
    private boolean exitCode;

    private boolean notClosed;

    @Override
    void run(Remote remote) throws RemoteException {
        if (agent == null) {
            runOfAll(remote);
        } else if (prefix != null || state != null) {
            throw new ParameterException(
                    spec().commandLine(), "--prefix and --state choose among all: must be left out where one is named");
        } else {
            runOfOne(remote, agent);
        }
    }

    @Override
    int done() {
        return exitCode && notClosed ? ExitCode.NOT_CLOSED : ExitCode.DONE;
    }

    private void runOfOne(Remote remote, String name) throws RemoteException {
        JsonNode circuit = remote.get("/api/v1/circuits/" + Remote.encoded(name));
        notClosed = CircuitCells.urgency(circuit) < CircuitCells.CLOSED;
        if (list.isForPeople()) {
            Description.of(remote, name, circuit).lines(Terminal.hasColours()).forEach(out()::println);
            return;
        }
        if (circuit.path("since").isNull()) {
            Known.require(remote, name);
        }
        list.print(out(), circuit, List.of(circuit), CircuitCells.columns(Map.of(), Instant.now()), "");
    }

    private void runOfAll(Remote remote) throws RemoteException {
        JsonNode all = remote.get(
                new Query().with("prefix", prefix).with("state", state).behind("/api/v1/circuits"));
        List<JsonNode> circuits = new ArrayList<>();
        all.forEach(circuits::add);
        notClosed = circuits.stream().anyMatch(each -> CircuitCells.urgency(each) < CircuitCells.CLOSED);
        Map<String, Integer> hit = list.isForPeople() && notClosed ? dependents(remote) : Map.of();
        circuits.sort(Comparator.comparingInt(CircuitCells::urgency)
                .thenComparing(circuit -> -hit.getOrDefault(name(circuit), 0))
                .thenComparing(circuit -> !CircuitCells.isUpstream(name(circuit)))
                .thenComparing(StatusCommand::name));
        List<JsonNode> shown = list.limited(circuits, 0);
        list.print(
                out(),
                all,
                shown,
                CircuitCells.columns(hit, Instant.now()),
                "No circuits" + (prefix == null && state == null ? " yet: none has been called" : " match"));
        if (list.isForPeople() && !circuits.isEmpty()) {
            out().println(summary(circuits)
                    + (shown.size() == circuits.size()
                            ? ""
                            : String.format(Locale.ROOT, "; %,d are not shown", circuits.size() - shown.size())));
            String gates = CoveringGates.summary(remote);
            if (!gates.isEmpty()) {
                out().println(gates);
            }
            if (notClosed) {
                err().println("What to do: see " + remote.document("operations/runbook.html"));
            }
        }
    }

    /** How many agents depend on each circuit. */
    private static Map<String, Integer> dependents(Remote remote) throws RemoteException {
        Map<String, Integer> dependents = new HashMap<>();
        for (JsonNode each : remote.get("/api/v1/agents").path("agents")) {
            each.path("depends_on").forEach(upstream -> dependents.merge(upstream.asText(), 1, Integer::sum));
        }
        return dependents;
    }

    private static String name(JsonNode circuit) {
        return circuit.path("agent_id").asText();
    }

    /** How many in all, and in which state; those that nothing has called since the server's start are closed. */
    private static String summary(List<JsonNode> circuits) {
        long idle =
                circuits.stream().filter(each -> each.path("idle").asBoolean()).count();
        return String.format(
                Locale.ROOT,
                "%,d %s: %,d open, %,d half-open, %,d closed%s",
                circuits.size(),
                circuits.size() == 1 ? "circuit" : "circuits",
                count(circuits, "open"),
                count(circuits, "half_open"),
                count(circuits, "closed"),
                idle == 0 ? "" : String.format(Locale.ROOT, ", %,d of them not called since the server's start", idle));
    }

    private static long count(List<JsonNode> circuits, String state) {
        return circuits.stream()
                .filter(each -> each.path("state").asText().equals(state))
                .count();
    }
}
