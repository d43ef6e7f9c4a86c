package dev.interlock.springai;

import dev.interlock.Alpha;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.StreamPermit;
import dev.interlock.ToolListener;
import dev.interlock.Work;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ToolContext;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.ai.tool.execution.ToolExecutionException;
import org.springframework.ai.tool.metadata.ToolMetadata;

/**
 * A tool; each use of it is guarded.
 *
 * <p>What it throws counts at the tool, as {@link FailureKind#TOOL_ERROR} where nothing better is known. A refusal, also by a circuit that the
 * tool itself asks, is thrown as a {@link ToolExecutionException} with one sentence for the model: not to call the tool again,
 * and when it may be back. Thrown as it is, it would end the whole conversation. Immutable; safe for use by any thread if the
 * tool is.
 */
public final class GuardedToolCallback implements ToolCallback {
    private static final int LONGEST_CHAIN = 20;

    private final ToolCallback tool;
    private final Guard guard;

    private final @Nullable Function<ToolContext, @Nullable ToolListener> runs;

    private GuardedToolCallback(
            ToolCallback tool, Guard guard, @Nullable Function<ToolContext, @Nullable ToolListener> runs) {
        this.tool = tool;
        this.guard = guard;
        this.runs = runs;
    }

    /**
     * Guards a tool.
     *
     * @param tool what is called
     * @param guard of the agent, depending on the tool's circuit, such as {@code tool:search}
     * @return a tool of the same definition
     */
    public static GuardedToolCallback of(ToolCallback tool, Guard guard) {
        Objects.requireNonNull(tool, "There must be a tool to guard");
        String circuit = GuardedTools.circuit(tool);
        return new GuardedToolCallback(
                tool, guard.withClassifier(guard.classifier().forTool(circuit)), null);
    }

    /**
     * This tool, whose calls runs of the agent log and refuse, such as {@code context -> run.tools()}: once a run is in a
     * loop the model reads that it repeats itself.
     *
     * @param finding finds the run of a call, by what its context says; null for a call of none
     * @return another tool
     */
    @Alpha
    public GuardedToolCallback loggedBy(Function<ToolContext, @Nullable ToolListener> finding) {
        return new GuardedToolCallback(
                tool, guard, Objects.requireNonNull(finding, "There must be a way to find the run of a call"));
    }

    @Override
    public ToolDefinition getToolDefinition() {
        return tool.getToolDefinition();
    }

    @Override
    public ToolMetadata getToolMetadata() {
        return tool.getToolMetadata();
    }

    /**
     * Calls the tool.
     *
     * @throws ToolExecutionException if a circuit refuses, with a text for the model, and for what the tool throws so
     */
    @Override
    public String call(String input) {
        return guarded(input, null, () -> tool.call(input));
    }

    /**
     * Calls the tool.
     *
     * @throws ToolExecutionException if a circuit refuses, with a text for the model, and for what the tool throws so
     */
    @Override
    public String call(String input, @Nullable ToolContext context) {
        return guarded(input, context, () -> tool.call(input, context));
    }

    private String guarded(String input, @Nullable ToolContext context, Work<String, RuntimeException> work) {
        StreamPermit parent = EnclosingStream.current();
        try {
            return parent == null ? heard(input, context, work) : parent.supply(() -> heard(input, context, work));
        } catch (RuntimeException thrown) {
            CircuitOpenException refused = refusal(thrown);
            if (refused == null || thrown instanceof RefusedToolException) {
                throw thrown;
            }
            throw new RefusedToolException(getToolDefinition(), refused, guard.message(refused));
        }
    }

    private String heard(String input, @Nullable ToolContext context, Work<String, RuntimeException> work) {
        ToolListener run = runs == null ? null : runs.apply(context == null ? new ToolContext(Map.of()) : context);
        return run == null
                ? guard.call(work)
                : run.around(guard, getToolDefinition().name(), input, () -> guard.call(work), text -> text);
    }

    private static @Nullable CircuitOpenException refusal(Throwable thrown) {
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < LONGEST_CHAIN; depth++) {
            if (each instanceof CircuitOpenException refused) {
                return refused;
            }
            each = each.getCause();
        }
        return null;
    }

    @Override
    public String toString() {
        return "GuardedToolCallback[" + getToolDefinition().name() + ", " + guard + "]";
    }
}
