package dev.interlock.langchain4j;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.Objects;

/**
 * A tool, each use of which is guarded.
 *
 * <p>Guards see what the tool throws, since LangChain4j turns that into text only around the executor; an error result is
 * {@link FailureKind#TOOL_ERROR}. A refusal is answered as an error result whose one sentence says to the model not to call
 * the tool again, and when it may be back: an exception would reach the model with a text that invites it to try again.
 *
 * <p>Immutable; safe for use by any thread if the tool is.
 */
public final class GuardedToolExecutor implements ToolExecutor {
    static {
        LeastRelease.require();
    }

    private final ToolExecutor tool;
    private final Guard guard;

    private GuardedToolExecutor(ToolExecutor tool, Guard guard) {
        this.tool = tool;
        this.guard = guard;
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
        Objects.requireNonNull(tool, "There must be a tool to guard");
        return new GuardedToolExecutor(
                tool,
                guard.withClassifier(guard.classifier().result(ToolExecutionResult.class, GuardedToolExecutor::judge)));
    }

    private static Outcome judge(ToolExecutionResult result) {
        return result.isError() ? Outcome.failure(FailureKind.TOOL_ERROR) : Outcome.success();
    }

    @Override
    public ToolExecutionResult executeWithContext(ToolExecutionRequest request, InvocationContext context) {
        return guard.<ToolExecutionResult>withFallback(refused -> ToolExecutionResult.builder()
                        .isError(true)
                        .resultText(text(request, refused))
                        .build())
                .call(() -> tool.executeWithContext(request, context));
    }

    @Override
    public String execute(ToolExecutionRequest request, Object memoryId) {
        return guard.<String>withFallback(refused -> text(request, refused))
                .call(() -> tool.execute(request, memoryId));
    }

    /** Is read by a model: final, and without a word of what failed. */
    static String text(ToolExecutionRequest request, CircuitOpenException refused) {
        long seconds = Math.max(1, refused.retryAfter().plusMillis(999).toSeconds());
        return "The tool " + request.name() + " is not available for the next " + seconds
                + " seconds: do not call it again, and go on without it.";
    }

    @Override
    public String toString() {
        return "GuardedToolExecutor[" + guard + "]";
    }
}
