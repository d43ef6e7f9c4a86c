package dev.interlock.cli.demo;

import dev.interlock.FailureKind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What an agent that has no line of ours sends of a call: a span, as OpenTelemetry's exporters write it in JSON. */
final class SpanOfCall {
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000L);

    /** What clients of models call their errors. Of a key without quota this one says nothing that can be read. */
    private static final Map<FailureKind, String> ERRORS = Map.of(
            FailureKind.OVERLOADED, "529",
            FailureKind.MALFORMED_OUTPUT, "json.decoder.JSONDecodeError",
            FailureKind.TIMEOUT, "httpx.ReadTimeout",
            FailureKind.SERVER_ERROR, "500",
            FailureKind.CONTEXT_LENGTH, "context_length_exceeded",
            FailureKind.TOOL_ERROR, "tool_error");

    private SpanOfCall() {}

    /**
     * A request with the span of one call.
     *
     * @param call the call
     * @param ending how it ended
     * @param speed how much faster than the clock the story goes
     * @param now when it ended, by the clock
     */
    static Map<String, Object> request(Call call, Ending ending, int speed, Instant now) {
        String name = call.target().substring(call.target().indexOf(':') + 1);
        List<Map<String, Object>> attributes = new ArrayList<>();
        attributes.add(attribute("gen_ai.operation.name", call.isOfModel() ? "chat" : "execute_tool"));
        attributes.add(attribute(call.isOfModel() ? "gen_ai.request.model" : "gen_ai.tool.name", name));
        FailureKind kind = ending.kind();
        if (kind != null) {
            attributes.add(attribute("error.type", ERRORS.getOrDefault(kind, "_OTHER")));
        } else if (call.isOfModel()) {
            attributes.add(attribute("gen_ai.usage.input_tokens", "300"));
            attributes.add(attribute("gen_ai.usage.output_tokens", Long.toString(1 + ending.took())));
        }
        String run = UUID.nameUUIDFromBytes(
                        (call.agent() + "-" + call.run() + "-" + now).getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
        Map<String, Object> span = Map.of(
                "traceId", run,
                "spanId", run.substring(16),
                "name", name,
                "startTimeUnixNano", nanos(now.minus(Duration.ofMillis(ending.took() / speed))),
                "endTimeUnixNano", nanos(now),
                "attributes", attributes,
                "status", Map.of("code", kind == null ? 0 : 2));
        return Map.of(
                "resourceSpans",
                List.of(Map.of(
                        "resource",
                        Map.of("attributes", List.of(attribute("interlock.agent", call.agent()))),
                        "scopeSpans",
                        List.of(Map.of("spans", List.of(span))))));
    }

    /** As which kind a failure is seen by its span. */
    static FailureKind seen(FailureKind kind) {
        return ERRORS.containsKey(kind) ? kind : FailureKind.ERROR;
    }

    private static Map<String, Object> attribute(String key, String value) {
        return Map.of("key", key, "value", Map.of("stringValue", value));
    }

    private static String nanos(Instant time) {
        return BigInteger.valueOf(time.getEpochSecond())
                .multiply(NANOS)
                .add(BigInteger.valueOf(time.getNano()))
                .toString();
    }
}
