package dev.interlock.mcp;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpTransportException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a call over MCP means: an error result is the tool's, what the transport or the server's session fails with is the
 * server's, and the caller's mistakes stay the caller's.
 */
final class McpOutcomes implements FailureClassifier {
    private static final Set<FailureKind> OF_THE_SERVER = EnumSet.of(
            FailureKind.TIMEOUT,
            FailureKind.CONNECTION,
            FailureKind.SERVER_ERROR,
            FailureKind.OVERLOADED,
            FailureKind.RATE_LIMITED,
            FailureKind.QUOTA_EXHAUSTED,
            FailureKind.AUTHENTICATION,
            FailureKind.FORBIDDEN);

    private static final int LONGEST_CHAIN = 20;

    private final FailureClassifier own;
    private final String server;
    private final String tool;

    /**
     * As another classifier says, for one circuit of a server and one of what is asked of it.
     *
     * @param server the circuit of the server
     * @param tool the circuit of the tool; that of the server for what is no tool
     */
    McpOutcomes(FailureClassifier own, String server, String tool) {
        this.own = own;
        this.server = server;
        this.tool = tool;
    }

    @Override
    public Outcome ofException(Throwable thrown) {
        if (Refusals.isRefusal(thrown)) {
            return Outcome.failure(FailureKind.DOWNSTREAM_OPEN);
        }
        Outcome outcome = own.ofException(thrown);
        FailureKind kind = outcome.kind();
        if (kind == FailureKind.ERROR && isOfTheTransport(thrown)) {
            return attributed(Outcome.failure(FailureKind.CONNECTION), outcome.retryAfter());
        }
        return kind != null && OF_THE_SERVER.contains(kind) ? outcome.attributedTo(server) : outcome;
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        if (!(result instanceof CallToolResult answer) || !Boolean.TRUE.equals(answer.isError())) {
            return own.ofResult(result);
        }
        return Refusals.isRefusal(answer)
                ? Outcome.failure(FailureKind.DOWNSTREAM_OPEN)
                : Outcome.failure(FailureKind.TOOL_ERROR).attributedTo(tool);
    }

    private Outcome attributed(Outcome outcome, @Nullable Duration wait) {
        Outcome waiting = wait == null ? outcome : outcome.retryAfter(wait);
        return waiting.attributedTo(server);
    }

    private static boolean isOfTheTransport(Throwable thrown) {
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < LONGEST_CHAIN; depth++) {
            if (each instanceof McpTransportException) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }
}
