package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import java.time.Duration;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.ai.tool.execution.ToolExecutionException;

/** A refusal whose message is read by a model: final, and without a word of what failed. */
final class RefusedToolException extends ToolExecutionException {
    private static final long serialVersionUID = 1;

    private final String text;

    RefusedToolException(ToolDefinition tool, CircuitOpenException refused) {
        super(tool, refused);
        this.text = text(tool.name(), refused.retryAfter());
    }

    private static String text(String tool, Duration wait) {
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        return "The tool " + tool + " is not available for the next " + seconds
                + " seconds: do not call it again, and go on without it.";
    }

    @Override
    public String getMessage() {
        return text;
    }
}
