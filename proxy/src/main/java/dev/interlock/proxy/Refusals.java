package dev.interlock.proxy;

import dev.interlock.RefusalMessage;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What the proxy says where it does not call: errors in a shape that the clients of OpenAI and of Anthropic read alike, and
 * results of JSON-RPC. Written for a program and for a model; says nothing of what somebody else wrote.
 */
final class Refusals {
    /** Bears the circuit's name; every classifier of ours reads it first. */
    static final String HEADER = "interlock-refused";

    /** The code of a refusal, wherever one is written. */
    static final String CODE = "circuit_open";

    /** In the metadata of a tool's result. */
    private static final String META = "dev.interlock/refusal";

    /** One of those that JSON-RPC leaves to servers. */
    private static final int RPC_CODE = -32_000;

    private static final String JSON = "application/json";

    private Refusals() {}

    /** Answers a call that a circuit, or a gate before it, has refused. */
    static void refuse(HttpServerResponse response, RefusalMessage refused, int status) {
        JsonObject error = facts(refused).put("message", refused.sentence());
        head(response.setStatusCode(status), refused);
        response.end(new JsonObject().put("type", "error").put("error", error).toBuffer());
    }

    /**
     * Answers a request of JSON-RPC: a call of a tool with a result that the model reads, another with an error.
     *
     * @param id the JSON of the request's id
     */
    static void refuseRpc(HttpServerResponse response, RefusalMessage refused, String id, boolean isTool) {
        JsonObject answer = new JsonObject().put("jsonrpc", "2.0").put("id", Json.decodeValue(id));
        if (isTool) {
            JsonObject text = new JsonObject().put("type", "text").put("text", refused.sentence());
            answer.put(
                    "result",
                    new JsonObject()
                            .put("content", new JsonArray().add(text))
                            .put("isError", true)
                            .put("_meta", new JsonObject().put(META, facts(refused))));
        } else {
            answer.put(
                    "error",
                    new JsonObject()
                            .put("code", RPC_CODE)
                            .put("message", refused.sentence())
                            .put("data", facts(refused)));
        }
        head(response.setStatusCode(200), refused);
        response.end(answer.toBuffer());
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

    private static void head(HttpServerResponse response, RefusalMessage refused) {
        response.putHeader("content-type", JSON)
                .putHeader(HEADER, printable(refused.circuit()))
                .putHeader("retry-after", Long.toString(refused.retryAfterSeconds()))
                .putHeader("x-should-retry", "false"); // the official clients of both houses obey it
    }

    private static JsonObject facts(RefusalMessage refused) {
        JsonObject facts = new JsonObject()
                .put("type", CODE)
                .put("code", CODE)
                .putNull("param")
                .put("circuit", refused.circuit())
                .put("reason", refused.reason())
                .put("retry_after", refused.retryAfterSeconds())
                .put("alternatives", new JsonArray(refused.alternatives()));
        return refused.why() == null ? facts : facts.put("why", refused.why());
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
