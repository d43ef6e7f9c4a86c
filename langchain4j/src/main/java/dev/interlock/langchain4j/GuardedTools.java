package dev.interlock.langchain4j;

import dev.interlock.Alpha;
import dev.interlock.Guard;
import dev.interlock.ToolListener;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import dev.langchain4j.service.tool.ToolService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
        return all(agent, null, objects);
    }

    /**
     * The tools of objects, whose calls runs of the agent log and refuse: {@code GuardedTools.of(planner, context ->
     * run.tools(), new Search())}. See {@link GuardedToolExecutor#loggedBy}.
     *
     * @param agent the agent's guard
     * @param runs finds the run of a call, by what its invocation says; null for a call of none
     * @param objects with tools
     * @return each tool with its guarded executor, in the order of the objects
     * @throws IllegalArgumentException if two tools have one name
     */
    @Alpha
    public static Map<ToolSpecification, ToolExecutor> of(
            Guard agent, Function<InvocationContext, @Nullable ToolListener> runs, Object... objects) {
        return all(agent, Objects.requireNonNull(runs, "There must be a way to find the run of a call"), objects);
    }

    private static Map<ToolSpecification, ToolExecutor> all(
            Guard agent, @Nullable Function<InvocationContext, @Nullable ToolListener> runs, Object... objects) {
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
                tools.put(specification, guarded(tool.toolExecutor(), specification.name(), agent, runs));
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
        return provider(agent, null, provider);
    }

    /**
     * A provider whose tools are guarded, and whose calls runs of the agent log and refuse.
     *
     * @param agent the agent's guard
     * @param runs finds the run of a call, by what its invocation says; null for a call of none
     * @param provider gives the tools
     * @return a provider of the same tools
     */
    @Alpha
    public static ToolProvider of(
            Guard agent, Function<InvocationContext, @Nullable ToolListener> runs, ToolProvider provider) {
        return provider(agent, Objects.requireNonNull(runs, "There must be a way to find the run of a call"), provider);
    }

    private static ToolProvider provider(
            Guard agent, @Nullable Function<InvocationContext, @Nullable ToolListener> runs, ToolProvider provider) {
        return new ToolProvider() {
            @Override
            public ToolProviderResult provideTools(ToolProviderRequest request) {
                ToolProviderResult result = provider.provideTools(request);
                return IS_MAP_ALONE ? ofMap(result, agent, runs) : ofTools(result, agent, runs);
            }

            @Override
            public boolean isDynamic() {
                return provider.isDynamic();
            }
        };
    }

    private static ToolProviderResult ofTools(
            ToolProviderResult result,
            Guard agent,
            @Nullable Function<InvocationContext, @Nullable ToolListener> runs) {
        List<AiServiceTool> tools = result.aiServiceTools().stream()
                .map(tool -> tool.toBuilder()
                        .toolExecutor(guarded(tool.toolExecutor(), tool.name(), agent, runs))
                        .build())
                .toList();
        return new ToolProviderResult(tools);
    }

    @SuppressWarnings("deprecation") // what later releases have in its place there is not
    private static ToolProviderResult ofMap(
            ToolProviderResult result,
            Guard agent,
            @Nullable Function<InvocationContext, @Nullable ToolListener> runs) {
        Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
        result.tools()
                .forEach((specification, tool) ->
                        tools.put(specification, guarded(tool, specification.name(), agent, runs)));
        return ToolProviderResult.builder()
                .addAll(tools)
                .immediateReturnToolNames(result.immediateReturnToolNames())
                .build();
    }

    private static boolean isMapAlone() {
        return Stream.of(ToolProviderResult.class.getMethods())
                .noneMatch(method -> method.getName().equals("aiServiceTools"));
    }

    private static ToolExecutor guarded(
            ToolExecutor tool,
            String name,
            Guard agent,
            @Nullable Function<InvocationContext, @Nullable ToolListener> runs) {
        GuardedToolExecutor guarded = GuardedToolExecutor.of(tool, agent.dependingOn(PREFIX + name), PREFIX + name);
        return runs == null ? guarded : guarded.loggedBy(runs);
    }
}
