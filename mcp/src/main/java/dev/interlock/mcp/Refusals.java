package dev.interlock.mcp;

import dev.interlock.RefusalMessage;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results in place of a tool's answer, where a circuit refused the call: here, or at a proxy of Interlock. */
final class Refusals {
    /** The field of a result's metadata that says for programs what its text says for models. */
    private static final String META = "dev.interlock/refusal";

    private static final String CODE = "circuit_open";
    private static final int LONGEST_CHAIN = 20;

    private Refusals() {}

    static CallToolResult result(String tool, RefusalMessage refused) {
        String text = "The tool " + tool + " is not available: " + refused.sentence();
        Map<String, Object> facts = Map.of(
                "code",
                CODE,
                "circuit",
                refused.circuit(),
                "reason",
                refused.reason(),
                "retry_after",
                refused.retryAfterSeconds(),
                "alternatives",
                refused.alternatives());
        return CallToolResult.builder() // all that releases from 1.1 on have
                .addTextContent(text)
                .isError(true)
                .meta(Map.of(META, facts))
                .build();
    }

    /** Whether an error result is a refusal, and no failure of the tool. */
    static boolean isRefusal(CallToolResult result) {
        Map<String, Object> meta = result.meta();
        return meta != null && isRefusal(meta.get(META));
    }

    /** Whether an error that a server answered is one. */
    static boolean isRefusal(Throwable thrown) {
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < LONGEST_CHAIN; depth++) {
            if (each instanceof McpError error && error.getJsonRpcError() != null) {
                return isRefusal(error.getJsonRpcError().data());
            }
            each = each.getCause();
        }
        return false;
    }

    private static boolean isRefusal(@Nullable Object facts) {
        return facts instanceof Map<?, ?> map && CODE.equals(map.get("code"));
    }
}
