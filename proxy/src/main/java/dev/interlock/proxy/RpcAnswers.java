package dev.interlock.proxy;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges answers of JSON-RPC 2.0, as MCP servers send them. */
final class RpcAnswers {
    private static final Needle RESULT = new Needle("\"result\"");
    private static final Needle ERROR = new Needle("\"error\"");
    private static final Field IS_ERROR = new Field("isError", "true");

    private RpcAnswers() {}

    /** Whether a message may answer a request; others are notifications and questions of the server. */
    static boolean isAnswer(byte[] message) {
        return RESULT.isIn(message) || ERROR.isIn(message);
    }

    static Outcome judge(byte[] body) {
        return judge(body, true);
    }

    /**
     * What an answer says.
     *
     * @param whole whether it is all there, and not only its beginning and its end
     */
    static Outcome judge(byte[] body, boolean whole) {
        JsonFields fields = new JsonFields(Set.of("error", "error.code", "result", "result.isError"));
        try {
            fields.feed(body);
        } catch (ProxyProblem unreadable) {
            return byMarks(body);
        }
        if (fields.get("error") != null) {
            return Outcome.failure(ofCode(fields.get("error.code")));
        }
        if (fields.get("result") != null && whole) {
            return "true".equals(fields.get("result.isError"))
                    ? Outcome.failure(FailureKind.TOOL_ERROR)
                    : Outcome.success();
        }
        return byMarks(body);
    }

    private static Outcome byMarks(byte[] body) {
        return IS_ERROR.isIn(body) ? Outcome.failure(FailureKind.TOOL_ERROR) : Outcome.success();
    }

    private static FailureKind ofCode(@Nullable String code) {
        return switch (String.valueOf(code)) {
            case "-32700", "-32600", "-32601", "-32602" -> FailureKind.INVALID_REQUEST;
            case "-32001" -> FailureKind.TIMEOUT;
            default -> FailureKind.SERVER_ERROR;
        };
    }
}
