package dev.interlock.langchain4j;

import dev.interlock.Guard;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import dev.langchain4j.service.tool.ToolService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Guards all tools of an agent, each with a circuit of its own: {@code tool:} and the tool's name. What a tool is called with
 * in an agent's name counts for that agent, as everywhere.
 */
public final class GuardedTools {
    static final String PREFIX = "tool:";

    static {
        LeastRelease.require();
    }

    private GuardedTools() {}

    /**
     * The tools of objects with methods annotated {@code @Tool}, for {@code AiServices.tools(Map)}:
     * {@code AiServices.builder(Planner.class).tools(GuardedTools.of(planner, new Search(), new Mail()))}.
     *
     * <p>What LangChain4j looks for in an executor of its own, {@code @CompensateFor}, it does not find in a guarded one.
     *
     * @param agent the agent's guard
     * @param objects with tools
     * @return each tool with its guarded executor, in the order of the objects
     * @throws IllegalArgumentException if two tools have one name
     */
    public static Map<ToolSpecification, ToolExecutor> of(Guard agent, Object... objects) {
        Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
        Map<String, Object> owners = new LinkedHashMap<>();
        for (Object each : objects) {
            for (AiServiceTool tool : ToolService.findTools(each)) {
                Object other = owners.put(tool.name(), each);
                if (other != null) {
                    throw new IllegalArgumentException("Two tools are named " + tool.name() + ": one of "
                            + other.getClass().getName() + " and one of "
                            + each.getClass().getName());
                }
                tools.put(tool.toolSpecification(), guarded(tool.toolExecutor(), tool.name(), agent));
            }
        }
        return tools;
    }

    /**
     * A provider whose tools are guarded, such as those of an MCP server.
     *
     * @param agent the agent's guard
     * @param provider gives the tools
     * @return a provider of the same tools
     */
    public static ToolProvider of(Guard agent, ToolProvider provider) {
        return new ToolProvider() {
            @Override
            public ToolProviderResult provideTools(ToolProviderRequest request) {
                ToolProviderResult result = provider.provideTools(request);
                List<AiServiceTool> tools = result.aiServiceTools().stream()
                        .map(tool -> tool.toBuilder()
                                .toolExecutor(guarded(tool.toolExecutor(), tool.name(), agent))
                                .build())
                        .toList();
                return new ToolProviderResult(tools);
            }

            @Override
            public boolean isDynamic() {
                return provider.isDynamic();
            }
        };
    }

    private static ToolExecutor guarded(ToolExecutor tool, String name, Guard agent) {
        return GuardedToolExecutor.of(tool, agent.dependingOn(PREFIX + name), PREFIX + name);
    }
}
