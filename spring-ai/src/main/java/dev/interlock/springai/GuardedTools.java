package dev.interlock.springai;

import dev.interlock.Alpha;
import dev.interlock.Guard;
import dev.interlock.ToolListener;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ToolContext;
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
     * Guards tools whose calls runs of the agent log and refuse: {@code GuardedTools.of(planner, context -> run.tools(),
     * ToolCallbacks.from(new Search()))}. See {@link GuardedToolCallback#loggedBy}.
     *
     * @param agent the agent's guard
     * @param runs finds the run of a call, by what its context says; null for a call of none
     * @param tools what the agent may call
     * @return each tool guarded, in their order
     */
    @Alpha
    public static ToolCallback[] of(
            Guard agent, Function<ToolContext, @Nullable ToolListener> runs, ToolCallback... tools) {
        ToolCallback[] guarded = new ToolCallback[tools.length];
        for (int i = 0; i < tools.length; i++) {
            guarded[i] = GuardedToolCallback.of(tools[i], agent.dependingOn(circuit(tools[i])))
                    .loggedBy(runs);
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

    /**
     * A provider whose tools are guarded, and whose calls runs of the agent log and refuse.
     *
     * @param agent the agent's guard
     * @param runs finds the run of a call, by what its context says; null for a call of none
     * @param provider asked each time for what it has
     * @return a provider of the same tools
     */
    @Alpha
    public static ToolCallbackProvider of(
            Guard agent, Function<ToolContext, @Nullable ToolListener> runs, ToolCallbackProvider provider) {
        return () -> of(agent, runs, provider.getToolCallbacks());
    }

    static String circuit(ToolCallback tool) {
        return "tool:" + tool.getToolDefinition().name();
    }
}
