package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.FailureKind;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an OpenTelemetry span concerns calls of agents, whatever generation of names it uses: the conventions have no
 * stable release yet. Attributes that may hold prompts or answers are not read.
 */
final class Span {
    /** What a span is. */
    enum What {
        MODEL_CALL,
        TOOL_CALL,
        AGENT,
        OTHER
    }

    private static final Set<String> MODEL_OPERATIONS =
            Set.of("chat", "generate_content", "text_completion", "embeddings", "call_llm");
    private static final Set<String> AGENT_OPERATIONS = Set.of("invoke_agent", "create_agent", "invoke_workflow");
    private static final Set<String> VERCEL_CALLS = Set.of("doGenerate", "doStream", "doEmbed");

    private static final String[] MODEL_NAMES = {
        "gen_ai.request.model", "gen_ai.response.model", "llm.model_name", "ai.model.id", "model"
    };
    private static final String[] TOOL_NAMES = {
        "gen_ai.tool.name", "spring.ai.tool.definition.name", "tool.name", "ai.toolCall.name", "tool_name"
    };
    private static final String[] AGENT_NAMES = {"gen_ai.agent.name", "gen_ai.agent.id"};
    private static final String[] STATUSES = {"http.response.status_code", "http.status_code"};

    private static final Set<String> READ = Set.of(
            "gen_ai.operation.name",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "llm.model_name",
            "ai.model.id",
            "model",
            "gen_ai.tool.name",
            "spring.ai.tool.definition.name",
            "tool.name",
            "ai.toolCall.name",
            "tool_name",
            "gen_ai.agent.name",
            "gen_ai.agent.id",
            "http.response.status_code",
            "http.status_code",
            "openinference.span.kind",
            "mcp.method.name",
            "ai.operationId",
            "error.type",
            "gen_ai.response.finish_reasons",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "interlock.guarded");

    private final Map<String, String> attributes = new HashMap<>();
    private final What what;
    private final String trace;
    private final String key;
    private final @Nullable String parent;
    private final String start;
    private final String end;
    private final @Nullable FailureKind kind;

    /** What concerns us of a span; nothing else of it is kept. */
    Span(JsonNode json) {
        for (JsonNode attribute : json.path("attributes")) {
            String key = attribute.path("key").asText();
            if (READ.contains(key)) {
                attributes.put(key, value(attribute.path("value")));
            }
        }
        this.what = whatItIs(json.path("name").asText());
        this.trace = json.path("traceId").asText();
        this.key = trace + '/' + json.path("spanId").asText();
        String around = json.path("parentSpanId").asText();
        this.parent = around.isEmpty() ? null : trace + '/' + around;
        this.start = json.path("startTimeUnixNano").asText();
        this.end = json.path("endTimeUnixNano").asText();
        this.kind = kind(json);
    }

    What what() {
        return what;
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
        return first(AGENT_NAMES);
    }

    /** What it calls, with its prefix, or empty if it does not say. */
    String target() {
        boolean isTool = what == What.TOOL_CALL;
        String name = first(isTool ? TOOL_NAMES : MODEL_NAMES);
        return name.isEmpty() ? name : (isTool ? "tool:" : "model:") + name;
    }

    /** Whether a guard counted the call already. */
    boolean isGuarded() {
        return attribute("interlock.guarded").equals("true");
    }

    /** How the call failed, or null for a good one. */
    @Nullable
    FailureKind kind() {
        return kind;
    }

    private @Nullable FailureKind kind(JsonNode json) {
        JsonNode status = json.path("status");
        boolean isError = status.path("code").asText().equals("2")
                || status.path("code").asText().equals("STATUS_CODE_ERROR")
                || !attribute("error.type").isEmpty();
        RecordedError error = new RecordedError(what == What.TOOL_CALL ? FailureKind.TOOL_ERROR : FailureKind.ERROR);
        error.named(attribute("error.type"));
        String http = first(STATUSES);
        if (http.length() == 3) {
            error.named(http);
        }
        for (JsonNode event : json.path("events")) {
            if (event.path("name").asText().equals("exception")) {
                isError = true;
                for (JsonNode attribute : event.path("attributes")) {
                    String text = value(attribute.path("value"));
                    switch (attribute.path("key").asText()) {
                        case "exception.type" -> error.named(text);
                        case "exception.message" -> error.text(text);
                        default -> {}
                    }
                }
            }
        }
        if (isError) {
            return error.text(status.path("message").asText()).kind();
        }
        return attribute("gen_ai.response.finish_reasons").contains("content_filter")
                ? FailureKind.CONTENT_FILTERED
                : isEmpty() ? FailureKind.EMPTY_RESPONSE : null;
    }

    private boolean isEmpty() {
        return what == What.MODEL_CALL
                && !attribute("gen_ai.operation.name").equals("embeddings")
                && (attribute("gen_ai.usage.output_tokens").equals("0")
                        || attribute("gen_ai.usage.completion_tokens").equals("0"));
    }

    private What whatItIs(String name) {
        String operation = attribute("gen_ai.operation.name");
        String inference = attribute("openinference.span.kind");
        String vercel = attribute("ai.operationId");
        if (MODEL_OPERATIONS.contains(operation)
                || inference.equals("LLM")
                || inference.equals("EMBEDDING")
                || vercel.startsWith("ai.") && VERCEL_CALLS.contains(vercel.substring(vercel.lastIndexOf('.') + 1))
                || name.endsWith("llm_request")) {
            return What.MODEL_CALL;
        }
        if (operation.equals("execute_tool")
                || inference.equals("TOOL")
                || vercel.equals("ai.toolCall")
                || attribute("mcp.method.name").equals("tools/call")
                || attributes.containsKey("spring.ai.tool.definition.name")) {
            return What.TOOL_CALL;
        }
        return AGENT_OPERATIONS.contains(operation) || inference.equals("AGENT") ? What.AGENT : What.OTHER;
    }

    private String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    private String first(String[] names) {
        for (String name : names) {
            String value = attribute(name);
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
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
