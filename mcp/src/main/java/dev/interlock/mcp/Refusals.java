package dev.interlock.mcp;

import dev.interlock.CircuitOpenException;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.List;

/** What a model reads in place of a tool's answer: final, and without a word of what failed. */
final class Refusals {
    private Refusals() {}

    static CallToolResult result(String tool, CircuitOpenException refused) {
        long seconds = Math.max(1, refused.retryAfter().plusMillis(999).toSeconds());
        String text = "The tool " + tool + " is not available for the next " + seconds
                + " seconds: do not call it again, and go on without it.";
        return CallToolResult.builder(List.of(new TextContent(text)))
                .isError(true)
                .build();
    }
}
