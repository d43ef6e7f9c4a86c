package dev.interlock.springai;

import dev.interlock.CircuitOpenException;
import dev.interlock.RefusalMessage;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.ai.tool.execution.ToolExecutionException;

/** A refusal whose message is read by a model: final, and without a word of what failed. */
final class RefusedToolException extends ToolExecutionException {
    private static final long serialVersionUID = 1;

    private final String text;

    RefusedToolException(ToolDefinition tool, CircuitOpenException refused, RefusalMessage message) {
        super(tool, refused);
        this.text = "The tool " + tool.name() + " is not available: " + message.sentence();
    }

    @Override
    public String getMessage() {
        return text;
    }
}
