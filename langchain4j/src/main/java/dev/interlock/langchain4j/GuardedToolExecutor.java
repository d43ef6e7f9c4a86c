package dev.interlock.langchain4j;

import dev.interlock.Alpha;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.ToolListener;
import dev.interlock.Work;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A tool; each use of it is guarded.
 *
 * <p>Guards see what the tool throws, since LangChain4j turns that into text only around the executor; it counts at the tool,
 * and so does an error result, as {@link FailureKind#TOOL_ERROR}. A refusal, also by a circuit that the tool itself asks, is
 * answered as an error result whose one sentence says to the model not to call the tool again, and when it may be back: an
 * exception would reach the model with a text that invites it to try again.
 *
 * <p>Immutable; safe for use by any thread if the tool is.
 */
public final class GuardedToolExecutor implements ToolExecutor {
    static {
        LeastRelease.require();
    }

    private static final int LONGEST_CHAIN = 20;

    private final ToolExecutor tool;
    private final Guard guard;
    private final @Nullable Function<InvocationContext, @Nullable ToolListener> runs;

    private GuardedToolExecutor(
            ToolExecutor tool, Guard guard, @Nullable Function<InvocationContext, @Nullable ToolListener> runs) {
        this.tool = tool;
        this.guard = guard;
        this.runs = runs;
    }

    /**
     * Guards a tool.
     *
     * @param tool what is executed
     * @param guard of the agent, depending on the tool's circuit, such as {@code tool:search}
     * @return an executor that refuses with a text for the model
     * @throws IllegalStateException if LangChain4j is older than 1.13
     */
    public static GuardedToolExecutor of(ToolExecutor tool, Guard guard) {
        List<String> tools = guard.dependencies().stream()
                .map(CircuitId::name)
                .filter(name -> name.startsWith(GuardedTools.PREFIX))
                .toList();
        return of(tool, guard, tools.size() == 1 ? tools.get(0) : null);
    }

    /** @param circuit of the tool, at which its failures count; null if nobody can say which that is */
    static GuardedToolExecutor of(ToolExecutor tool, Guard guard, @Nullable String circuit) {
        Objects.requireNonNull(tool, "There must be a tool to guard");
        FailureClassifier judging = guard.classifier().result(ToolExecutionResult.class, GuardedToolExecutor::judge);
        return new GuardedToolExecutor(
                tool, guard.withClassifier(circuit == null ? judging : judging.forTool(circuit)), null);
    }

    /**
     * This tool, whose calls runs of the agent log and refuse, such as {@code context -> run.tools()}: once a run is in a
     * loop the model reads that it repeats itself.
     *
     * @param finding finds the run of a call, by what its invocation says, such as its parameters; null for a call of none
     * @return another executor
     */
    @Alpha
    public GuardedToolExecutor loggedBy(Function<InvocationContext, @Nullable ToolListener> finding) {
        return new GuardedToolExecutor(
                tool, guard, Objects.requireNonNull(finding, "There must be a way to find the run of a call"));
    }

    private static Outcome judge(ToolExecutionResult result) {
        return result.isError() ? Outcome.failure(FailureKind.TOOL_ERROR) : Outcome.success();
    }

    @Override
    public ToolExecutionResult executeWithContext(ToolExecutionRequest request, InvocationContext context) {
        try {
            return heard(
                    request, context, () -> tool.executeWithContext(request, context), ToolExecutionResult::resultText);
        } catch (RuntimeException thrown) {
            return ToolExecutionResult.builder()
                    .isError(true)
                    .resultText(text(request, refusal(thrown)))
                    .build();
        }
    }

    @Override
    public String execute(ToolExecutionRequest request, Object memoryId) {
        try {
            @Nullable
            InvocationContext context = runs == null
                    ? null
                    : InvocationContext.builder().chatMemoryId(memoryId).build();
            return heard(request, context, () -> tool.execute(request, memoryId), text -> text);
        } catch (RuntimeException thrown) {
            return text(request, refusal(thrown));
        }
    }

    private <T> T heard(
            ToolExecutionRequest request,
            @Nullable InvocationContext context,
            Work<T, RuntimeException> work,
            Function<T, @Nullable String> text) {
        ToolListener run = runs == null || context == null ? null : runs.apply(context);
        return run == null
                ? guard.call(work)
                : run.around(guard, request.name(), arguments(request), () -> guard.call(work), text);
    }

    private static String arguments(ToolExecutionRequest request) {
        return request.arguments() == null ? "" : request.arguments();
    }

    /** The refusal behind what was thrown; without one that is thrown on. */
    private static CircuitOpenException refusal(RuntimeException thrown) {
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < LONGEST_CHAIN; depth++) {
            if (each instanceof CircuitOpenException refused) {
                return refused;
            }
            each = each.getCause();
        }
        throw thrown;
    }

    /** Is read by a model: final, and without a word of what failed. */
    private String text(ToolExecutionRequest request, CircuitOpenException refused) {
        return "The tool " + request.name() + " is not available: "
                + guard.message(refused).sentence();
    }

    @Override
    public String toString() {
        return "GuardedToolExecutor[" + guard + "]";
    }
}
