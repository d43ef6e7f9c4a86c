package dev.interlock.server.traces;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes OTLP as JSON: spans that ended a second before a time. */
final class Spans {
    private final JsonArray spans = new JsonArray();
    private final Map<String, Object> resource = new LinkedHashMap<>();
    private final Instant now;
    private String trace = "5b8efff798038103d269b633813fc60c";
    private String state = "";

    private Spans(Instant now) {
        this.now = now;
    }

    static Spans at(Instant now) {
        return new Spans(now);
    }

    Spans resource(String key, Object value) {
        resource.put(key, value);
        return this;
    }

    /** The trace of the spans that follow. */
    Spans trace(int number) {
        trace = String.format("%032x", number + 1);
        return this;
    }

    /** The trace state of the spans that follow. */
    Spans state(String value) {
        state = value;
        return this;
    }

    Spans model(int id, int parent, String error, Object... attributes) {
        return span(id, parent, error, with(attributes, "gen_ai.operation.name", "chat", "gen_ai.request.model", "m"));
    }

    Spans tool(int id, int parent, String error, Object... attributes) {
        return span(
                id, parent, error, with(attributes, "gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", "t"));
    }

    Spans agent(int id, int parent, String name, String error, Object... attributes) {
        return span(
                id,
                parent,
                error,
                with(attributes, "gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", name));
    }

    Spans other(int id, int parent, Object... attributes) {
        return span(id, parent, null, with(attributes));
    }

    private Spans span(int id, int parent, String error, Map<String, Object> attributes) {
        long end = now.minusMillis(500L - Math.max(0, 100 - id)).toEpochMilli() * 1_000_000;
        JsonObject span = new JsonObject()
                .put("traceId", trace)
                .put("spanId", String.format("%016x", id))
                .put("parentSpanId", parent == 0 ? "" : String.format("%016x", parent))
                .put("traceState", state)
                .put("name", "x")
                .put("startTimeUnixNano", Long.toString(end - 1_000_000_000L))
                .put("endTimeUnixNano", Long.toString(end))
                .put("attributes", attributes(attributes));
        if (error != null) {
            span.put("status", new JsonObject().put("code", 2).put("message", error));
        }
        spans.add(span);
        return this;
    }

    JsonObject last() {
        return spans.getJsonObject(spans.size() - 1);
    }

    @Override
    public String toString() {
        return new JsonObject()
                .put(
                        "resourceSpans",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("resource", new JsonObject().put("attributes", attributes(resource)))
                                        .put("scopeSpans", new JsonArray().add(new JsonObject().put("spans", spans)))))
                .encode();
    }

    private static Map<String, Object> with(Object[] some, Object... more) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Object[] each : new Object[][] {more, some}) {
            for (int i = 0; i < each.length; i += 2) {
                all.put((String) each[i], each[i + 1]);
            }
        }
        return all;
    }

    private static JsonArray attributes(Map<String, Object> values) {
        JsonArray list = new JsonArray();
        values.forEach((key, value) -> list.add(new JsonObject()
                .put("key", key)
                .put(
                        "value",
                        value instanceof Boolean
                                ? new JsonObject().put("boolValue", value)
                                : value instanceof Integer
                                        ? new JsonObject().put("intValue", value.toString())
                                        : new JsonObject().put("stringValue", value))));
        return list;
    }
}
