package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.server.text.NearestNames;
import java.util.List;
import java.util.Optional;

/** Whether the server knows a name: of one that it has never heard of all answers are empty, and look as if all were well. */
final class Known {
    private static final int PAGE = 10_000;

    private Known() {}

    /** The agent, or nothing if the server has never heard of it. */
    static Optional<JsonNode> agent(Remote remote, String name) throws RemoteException {
        try {
            return Optional.of(remote.get("/api/v1/agents/" + Remote.encoded(name)));
        } catch (RemoteException refused) {
            if (refused.exitCode() == ExitCode.NOT_FOUND && refused.problem() != null) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /**
     * Does nothing if the server has heard of the agent.
     *
     * @throws RemoteException if it has not; names those that are similar
     */
    static void require(Remote remote, String name) throws RemoteException {
        if (agent(remote, name).isEmpty()) {
            throw unknown(remote, name);
        }
    }

    /** What to say of a name that the server does not know. */
    static RemoteException unknown(Remote remote, String name) throws RemoteException {
        List<String> similar = NearestNames.of(
                        name,
                        remote.pages("/api/v1/agents", "agents", PAGE, PAGE).stream()
                                .map(agent -> agent.path("agent_id").asText()))
                .stream()
                .map(Words::clean)
                .toList();
        return new RemoteException(
                ExitCode.NOT_FOUND,
                "There is no agent " + Words.clean(name)
                        + (similar.isEmpty()
                                ? ". 'interlock agents' lists all"
                                : "; similar names: " + String.join(", ", similar)));
    }
}
