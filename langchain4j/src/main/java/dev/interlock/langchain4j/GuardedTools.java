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
import java.util.stream.Stream;

/**
 * Guards all tools of an agent, each with a circuit of its own: {@code tool:} and the tool's name. What a tool is called with
 * in an agent's name counts for that agent, as everywhere.
 */
public final class GuardedTools {
    static final String PREFIX = "tool:";

    static {
        LeastRelease.require();
    }

    /** What a provider gives is a map in LangChain4j 1.13; later releases have tools, which say more. */
    private static final boolean IS_MAP_ALONE = isMapAlone();

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
                ToolSpecification specification = tool.toolSpecification();
                Object other = owners.put(specification.name(), each);
                if (other != null) {
                    throw new IllegalArgumentException("Two tools are named " + specification.name() + ": one of "
                            + other.getClass().getName() + " and one of "
                            + each.getClass().getName());
                }
                tools.put(specification, guarded(tool.toolExecutor(), specification.name(), agent));
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
                return IS_MAP_ALONE ? ofMap(result, agent) : ofTools(result, agent);
            }

            @Override
            public boolean isDynamic() {
                return provider.isDynamic();
            }
        };
    }

    private static ToolProviderResult ofTools(ToolProviderResult result, Guard agent) {
        List<AiServiceTool> tools = result.aiServiceTools().stream()
                .map(tool -> tool.toBuilder()
                        .toolExecutor(guarded(tool.toolExecutor(), tool.name(), agent))
                        .build())
                .toList();
        return new ToolProviderResult(tools);
    }

    @SuppressWarnings("deprecation") // what later releases have in its place there is not
    private static ToolProviderResult ofMap(ToolProviderResult result, Guard agent) {
        Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
        result.tools()
                .forEach((specification, tool) -> tools.put(specification, guarded(tool, specification.name(), agent)));
        return ToolProviderResult.builder()
                .addAll(tools)
                .immediateReturnToolNames(result.immediateReturnToolNames())
                .build();
    }

    private static boolean isMapAlone() {
        return Stream.of(ToolProviderResult.class.getMethods())
                .noneMatch(method -> method.getName().equals("aiServiceTools"));
    }

    private static ToolExecutor guarded(ToolExecutor tool, String name, Guard agent) {
        return GuardedToolExecutor.of(tool, agent.dependingOn(PREFIX + name), PREFIX + name);
    }
}
