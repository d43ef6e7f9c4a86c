package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.StreamPermit;
import dev.interlock.Work;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ToolContext;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.ai.tool.execution.ToolExecutionException;
import org.springframework.ai.tool.metadata.ToolMetadata;

/**
 * A tool, each use of which is guarded.
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

    private GuardedToolCallback(ToolCallback tool, Guard guard) {
        this.tool = tool;
        this.guard = guard;
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
                tool, guard.withClassifier(guard.classifier().forTool(circuit)));
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
        return guarded(() -> tool.call(input));
    }

    /**
     * Calls the tool.
     *
     * @throws ToolExecutionException if a circuit refuses, with a text for the model, and for what the tool throws so
     */
    @Override
    public String call(String input, @Nullable ToolContext context) {
        return guarded(() -> tool.call(input, context));
    }

    private String guarded(Work<String, RuntimeException> work) {
        StreamPermit parent = EnclosingStream.current();
        try {
            return parent == null ? guard.call(work) : parent.supply(() -> guard.call(work));
        } catch (RuntimeException thrown) {
            CircuitOpenException refused = refusal(thrown);
            if (refused == null || thrown instanceof RefusedToolException) {
                throw thrown;
            }
            throw new RefusedToolException(getToolDefinition(), refused, guard.message(refused));
        }
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
