package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code interlock describe AGENT}: all that is known of one agent. */
@Command(
        name = "describe",
        description = {
            "Shows all of one agent: why its circuit is as it is, until when, whom it hits, its health and last changes.",
            ""
        })
final class DescribeCommand extends RemoteCommand {
    @Mixin
    private ListOptions list = new ListOptions();

    @Parameters(paramLabel = "AGENT", description = "an agent, model, tool or key")
    @SuppressWarnings("NullAway.Init")
    private String agent;

    @Override
    void run(Remote remote) throws RemoteException {
        JsonNode circuit = remote.get("/api/v1/circuits/" + Remote.encoded(agent));
        Description all = Description.of(remote, agent, circuit);
        if (list.isForPeople()) {
            all.lines(Terminal.hasColours()).forEach(out()::println);
        } else {
            ObjectNode json = all.json();
            list.print(out(), json, List.of(circuit), CircuitCells.columns(Map.of(), Instant.now()), "");
        }
    }
}
