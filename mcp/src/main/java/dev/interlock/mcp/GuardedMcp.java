package dev.interlock.mcp;

import dev.interlock.Alpha;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ToolListener;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptRequest;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceRequest;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an agent asks of one MCP server, guarded.
 *
 * <p>A call of a tool depends on two circuits, {@code tool:<server>} and {@code tool:<server>/<tool>}. A tool that answers
 * with an error is {@link FailureKind#TOOL_ERROR}, its own; a transport that breaks, a session that is gone and a time limit
 * are the server's; wrong parameters are the agent's. Safe for use by any thread.
 */
public final class GuardedMcp {
    private final McpSyncClient client;
    private final ServerGuards guards;
    private final boolean answersRefusals;
    private final @Nullable ToolListener run;

    private GuardedMcp(McpSyncClient client, ServerGuards guards, boolean answersRefusals, @Nullable ToolListener run) {
        this.client = client;
        this.guards = guards;
        this.answersRefusals = answersRefusals;
        this.run = run;
    }

    /**
     * Guards a client.
     *
     * @param client initialized or not; what else it can do is done with it directly
     * @param agent the guard of the agent that calls
     * @param server what the circuits of the server and its tools are named by, such as {@code files}
     * @return throws {@link CircuitOpenException} for what is refused
     */
    public static GuardedMcp of(McpSyncClient client, Guard agent, String server) {
        Objects.requireNonNull(client, "There must be a client to guard");
        return new GuardedMcp(client, new ServerGuards(agent, server), false, null);
    }

    /**
     * This client, which answers calls of tools that are refused with an error result for the model to read: one sentence
     * that says not to call the tool again, and for how long. Other refusals are thrown as before.
     *
     * @return another client
     */
    public GuardedMcp answeringRefusals() {
        return new GuardedMcp(client, guards, true, run);
    }

    /**
     * This client for one run of the agent, {@code run.tools()}, which logs calls of tools and refuses them once it is in a
     * loop. Made for the run: it shares all else with this one.
     *
     * @param listener the run
     * @return another client
     */
    @Alpha
    public GuardedMcp loggedBy(ToolListener listener) {
        Objects.requireNonNull(listener, "There must be a run that hears of calls");
        return new GuardedMcp(client, guards, answersRefusals, listener);
    }

    /**
     * Calls a tool.
     *
     * @param request names it
     * @return what it answered, which may be an error
     * @throws CircuitOpenException if a circuit refuses; nothing was sent
     */
    public CallToolResult callTool(CallToolRequest request) {
        Guard guard = guards.tool(request.name()).guard();
        if (!answersRefusals) {
            return called(guard, request);
        }
        try {
            return called(guard, request);
        } catch (CircuitOpenException refused) {
            return Refusals.result(request.name(), guard.message(refused));
        }
    }

    private CallToolResult called(Guard guard, CallToolRequest request) {
        return run == null
                ? guard.call(() -> client.callTool(request))
                : run.around(
                        guard,
                        guards.name(request.name()),
                        ToolTexts.arguments(request),
                        () -> guard.call(() -> client.callTool(request)),
                        ToolTexts::result);
    }

    /**
     * Reads a resource.
     *
     * @param request names it
     * @return its contents
     * @throws CircuitOpenException if a circuit refuses; nothing was sent
     */
    public ReadResourceResult readResource(ReadResourceRequest request) {
        return guards.server().guard().call(() -> client.readResource(request));
    }

    /**
     * Asks for a prompt.
     *
     * @param request names it
     * @return its messages
     * @throws CircuitOpenException if a circuit refuses; nothing was sent
     */
    public GetPromptResult getPrompt(GetPromptRequest request) {
        return guards.server().guard().call(() -> client.getPrompt(request));
    }
}
