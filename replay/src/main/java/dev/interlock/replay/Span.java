package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.FailureKind;
import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpanBuilder;
import org.jspecify.annotations.Nullable;

/** A span of a file: its place in its trace, its times, and what of it is about a call; nothing else of it is kept. */
final class Span {
    private final CallSpan call;
    private final String trace;
    private final String key;
    private final @Nullable String parent;
    private final String start;
    private final String end;

    Span(JsonNode json) {
        this.call = call(json);
        this.trace = json.path("traceId").asText();
        this.key = trace + '/' + json.path("spanId").asText();
        String around = json.path("parentSpanId").asText();
        this.parent = around.isEmpty() ? null : trace + '/' + around;
        this.start = json.path("startTimeUnixNano").asText();
        this.end = json.path("endTimeUnixNano").asText();
    }

    CallSpan.What what() {
        return call.what();
    }

    /** Of the trace and of itself: unique among all. */
    String key() {
        return key;
    }

    /** The key of the span around it, or null for the outermost. */
    @Nullable
    String parent() {
        return parent;
    }

    String trace() {
        return trace;
    }

    /** As the file has it: nanoseconds since 1970. */
    String start() {
        return start;
    }

    String end() {
        return end;
    }

    /** The agent that it names itself, or empty. */
    String agent() {
        return call.agent();
    }

    /** What it calls, with its prefix, or empty if it does not say. */
    String target() {
        return call.target();
    }

    /** Whether a guard counted the call already. */
    boolean isGuarded() {
        return call.guarded();
    }

    /** How the call failed, or null for a good one. */
    @Nullable
    FailureKind kind() {
        return call.kind();
    }

    private static CallSpan call(JsonNode json) {
        CallSpanBuilder call = CallSpan.builder().name(json.path("name").asText());
        for (JsonNode attribute : json.path("attributes")) {
            String key = attribute.path("key").asText();
            if (CallSpan.reads(key)) {
                call.attribute(key, value(attribute.path("value")));
            }
        }
        JsonNode status = json.path("status");
        switch (status.path("code").asText()) {
            case "1", "STATUS_CODE_OK" -> call.ok();
            case "2", "STATUS_CODE_ERROR" -> call.failed(status.path("message").asText());
            default -> {}
        }
        for (JsonNode event : json.path("events")) {
            if (event.path("name").asText().equals("exception")) {
                call.exception(attribute(event, "exception.type"), attribute(event, "exception.message"));
            }
        }
        return call.build();
    }

    private static @Nullable String attribute(JsonNode event, String key) {
        for (JsonNode attribute : event.path("attributes")) {
            if (attribute.path("key").asText().equals(key)) {
                return value(attribute.path("value"));
            }
        }
        return null;
    }

    /** The one value of an OTLP value, of an array all its texts. */
    static String value(JsonNode value) {
        for (String type : new String[] {"stringValue", "intValue", "boolValue", "doubleValue"}) {
            if (value.has(type)) {
                return value.get(type).asText();
            }
        }
        StringBuilder all = new StringBuilder();
        value.path("arrayValue")
                .path("values")
                .forEach(each -> all.append(each.path("stringValue").asText()).append(' '));
        return all.toString().trim();
    }
}
