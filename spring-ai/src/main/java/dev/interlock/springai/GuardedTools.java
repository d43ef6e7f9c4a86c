package dev.interlock.springai;

import dev.interlock.Guard;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.ToolCallbackProvider;

/**
 * Guards all tools of an agent, each with a circuit of its own: {@code tool:} and the tool's name. What a tool is called with
 * in an agent's name counts for that agent, as everywhere.
 */
public final class GuardedTools {
    private GuardedTools() {}

    /**
     * Guards tools: {@code ChatClient.builder(model).defaultTools(GuardedTools.of(planner, ToolCallbacks.from(new Search())))}.
     *
     * @param agent the agent's guard
     * @param tools what the agent may call
     * @return each tool guarded, in their order
     */
    public static ToolCallback[] of(Guard agent, ToolCallback... tools) {
        ToolCallback[] guarded = new ToolCallback[tools.length];
        for (int i = 0; i < tools.length; i++) {
            guarded[i] = GuardedToolCallback.of(tools[i], agent.dependingOn(circuit(tools[i])));
        }
        return guarded;
    }

    /**
     * A provider whose tools are guarded, such as those of an MCP server.
     *
     * @param agent the agent's guard
     * @param provider asked each time for what it has
     * @return a provider of the same tools
     */
    public static ToolCallbackProvider of(Guard agent, ToolCallbackProvider provider) {
        return () -> of(agent, provider.getToolCallbacks());
    }

    static String circuit(ToolCallback tool) {
        return "tool:" + tool.getToolDefinition().name();
    }
}
