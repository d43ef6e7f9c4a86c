package dev.interlock.mcp;

import dev.interlock.FailureClassifier;
import dev.interlock.Guard;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The guards of one agent for one server: one for the server, and one for each of its tools. */
final class ServerGuards {
    private static final String PREFIX = "tool:";

    /** A model may make up names of tools: beyond this number a guard is made for the single call. */
    private static final int MOST_KEPT = 1_000;

    /** The guard of a call, and what says how the call ended. */
    record Guarded(Guard guard, FailureClassifier outcomes) {}

    private final Guard agent;
    private final String circuit;
    private final Guarded server;
    private final Map<String, Guarded> tools = new ConcurrentHashMap<>();

    ServerGuards(Guard agent, String server) {
        this.agent = agent;
        this.circuit = PREFIX + server;
        this.server = guarded(agent.dependingOn(circuit), circuit);
    }

    /** What a tool is called in the log: its circuit without the prefix. */
    String name(String tool) {
        return circuit.substring(PREFIX.length()) + "/" + tool;
    }

    Guarded server() {
        return server;
    }

    Guarded tool(String name) {
        Guarded known = tools.get(name);
        if (known != null) {
            return known;
        }
        String tool = circuit + "/" + name;
        Guarded made = guarded(agent.dependingOn(circuit, tool), tool);
        if (tools.size() < MOST_KEPT) {
            tools.put(name, made);
        }
        return made;
    }

    private Guarded guarded(Guard guard, String tool) {
        FailureClassifier outcomes = new McpOutcomes(agent.classifier(), circuit, tool);
        return new Guarded(guard.withClassifier(outcomes), outcomes);
    }
}
