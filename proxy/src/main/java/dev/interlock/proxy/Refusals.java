package dev.interlock.proxy;

import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy says where it does not call: errors in a shape that the clients of OpenAI and of Anthropic read alike, and
 * results of JSON-RPC. Written for a program and for a model; says nothing of what somebody else wrote.
 */
final class Refusals {
    /** Bears the circuit's name; every classifier of ours reads it first. */
    static final String HEADER = "interlock-refused";

    /** The code of a refusal, wherever one is written. */
    static final String CODE = "circuit_open";

    private static final String JSON = "application/json";

    private Refusals() {}

    /** Answers a call that a circuit, or a gate before it, has refused. */
    static void refuse(
            HttpServerResponse response, CircuitOpenException refused, int status, List<String> alternatives) {
        long seconds = seconds(refused.retryAfter());
        JsonObject error = facts(refused, alternatives).put("message", sentence(refused, alternatives));
        head(response.setStatusCode(status), refused, seconds);
        response.end(new JsonObject().put("type", "error").put("error", error).toBuffer());
    }

    /** Answers a call of a tool with a result that the model reads. */
    static void refuseTool(
            HttpServerResponse response, CircuitOpenException refused, @Nullable String id, List<String> alternatives) {
        JsonObject text = new JsonObject().put("type", "text").put("text", sentence(refused, alternatives));
        JsonObject result = new JsonObject()
                .put("content", new JsonArray().add(text))
                .put("isError", true)
                .put("_meta", new JsonObject().put("dev.interlock/refusal", facts(refused, alternatives)));
        head(response.setStatusCode(200), refused, seconds(refused.retryAfter()));
        response.end(new JsonObject()
                .put("jsonrpc", "2.0")
                .put("id", id == null ? null : Json.decodeValue(id))
                .put("result", result)
                .toBuffer());
    }

    /** Answers a call that cannot be made for another reason. */
    static void answer(HttpServerResponse response, ProxyProblem problem) {
        response.setStatusCode(problem.status()).putHeader("content-type", JSON);
        if (problem.retryAfterSeconds() > 0) {
            response.putHeader("retry-after", Long.toString(problem.retryAfterSeconds()));
        }
        if (problem.isOwnLimit()) { // no provider's: a guard around the call must not count it as one
            response.putHeader(HEADER, "proxy");
        }
        if (problem.status() == 401) {
            response.putHeader("www-authenticate", "Bearer");
        }
        JsonObject error = new JsonObject()
                .put("type", type(problem.status()))
                .put("code", problem.code())
                .put("message", problem.text())
                .putNull("param");
        response.end(new JsonObject().put("type", "error").put("error", error).toBuffer());
    }

    private static void head(HttpServerResponse response, CircuitOpenException refused, long seconds) {
        response.putHeader("content-type", JSON)
                .putHeader(HEADER, printable(refused.id().name()))
                .putHeader("retry-after", Long.toString(seconds))
                .putHeader("x-should-retry", "false"); // the official clients of both houses obey it
    }

    private static JsonObject facts(CircuitOpenException refused, List<String> alternatives) {
        return new JsonObject()
                .put("type", CODE)
                .put("code", CODE)
                .putNull("param")
                .put("circuit", refused.id().name())
                .put("reason", reason(refused))
                .put("retry_after", seconds(refused.retryAfter()))
                .put("alternatives", new JsonArray(alternatives));
    }

    private static String reason(CircuitOpenException refused) {
        if (refused.gate() != null) {
            return "gate";
        }
        return refused.hold() != null ? "held" : refused.state() == CircuitState.OPEN ? "open" : "half_open";
    }

    /** In the words of all our clients; the last sentence says what to do, since models read it. */
    private static String sentence(CircuitOpenException refused, List<String> alternatives) {
        String instead = alternatives.isEmpty() ? "" : " Instead: " + String.join(", ", alternatives) + ".";
        return refused.id().name() + words(refused) + "; retry in " + seconds(refused.retryAfter()) + " s." + instead
                + " Do not repeat this call.";
    }

    private static String words(CircuitOpenException refused) {
        return switch (reason(refused)) {
            case "gate" -> " is behind a closed gate";
            case "held" -> " is held open";
            case "half_open" -> " is half-open, and other calls are its trials";
            default -> " is open";
        };
    }

    private static long seconds(Duration wait) {
        return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    }

    /** A name as a header may bear it. */
    private static String printable(String name) {
        StringBuilder plain = new StringBuilder();
        name.chars().forEach(each -> plain.append(each > ' ' && each < 0x7f ? (char) each : '?'));
        return plain.toString();
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }
}
