package dev.interlock.monitor.spans;

import dev.interlock.FailureKind;
import dev.interlock.facts.RetryAfter;
import dev.interlock.monitor.loops.Digests;
import dev.interlock.monitor.spans.CallSpan.What;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link CallSpan} of what is read of a span, in any order; may be used again after {@link #clear}. For one thread
 * at a time.
 */
public final class CallSpanBuilder {
    /** Longer values are no names. */
    private static final int LONGEST = 512;

    private static final int LONGEST_ERROR = 120;

    private static final Set<String> MODEL_OPERATIONS =
            Set.of("chat", "generate_content", "text_completion", "embeddings", "call_llm");
    private static final Set<String> AGENT_OPERATIONS = Set.of("invoke_agent", "invoke_workflow");
    private static final Set<String> VERCEL_CALLS = Set.of("doGenerate", "doStream", "doEmbed");
    private static final Set<String> REQUEST_TYPES = Set.of("chat", "completion", "embedding");

    private static final SpanKey[] MODELS = {
        SpanKey.REQUEST_MODEL,
        SpanKey.RESPONSE_MODEL,
        SpanKey.LLM_MODEL,
        SpanKey.EMBEDDING_MODEL,
        SpanKey.VERCEL_MODEL,
        SpanKey.MODEL
    };
    private static final SpanKey[] TOOLS = {
        SpanKey.TOOL, SpanKey.SPRING_TOOL, SpanKey.INFERENCE_TOOL, SpanKey.VERCEL_TOOL, SpanKey.CLAUDE_TOOL
    };
    private static final SpanKey[] AGENTS = {
        SpanKey.AGENT_NAME, SpanKey.AGENT_ID, SpanKey.INFERENCE_AGENT, SpanKey.PYDANTIC_AGENT, SpanKey.VERCEL_FUNCTION
    };
    private static final SpanKey[] STATUSES = {SpanKey.STATUS, SpanKey.OLD_STATUS};
    private static final SpanKey[] INPUT = {
        SpanKey.INPUT_TOKENS,
        SpanKey.PROMPT_TOKENS,
        SpanKey.LLM_PROMPT_TOKENS,
        SpanKey.VERCEL_INPUT_TOKENS,
        SpanKey.VERCEL_PROMPT_TOKENS,
        SpanKey.CLAUDE_INPUT_TOKENS
    };
    private static final SpanKey[] OUTPUT = {
        SpanKey.OUTPUT_TOKENS,
        SpanKey.COMPLETION_TOKENS,
        SpanKey.LLM_COMPLETION_TOKENS,
        SpanKey.VERCEL_OUTPUT_TOKENS,
        SpanKey.VERCEL_COMPLETION_TOKENS,
        SpanKey.CLAUDE_OUTPUT_TOKENS
    };
    private static final SpanKey[] CACHED = {
        SpanKey.CACHE_READ,
        SpanKey.OLD_CACHE_READ,
        SpanKey.LLM_CACHE_READ,
        SpanKey.VERCEL_CACHE_READ,
        SpanKey.CLAUDE_CACHE_READ
    };

    private final String[] values = new String[SpanKey.COUNT];
    private String name = "";
    private boolean ok;
    private boolean failed;
    private @Nullable String statusMessage;
    private boolean exception;
    private @Nullable String exceptionType;
    private @Nullable String exceptionMessage;

    CallSpanBuilder() {
        clear();
    }

    /**
     * Forgets everything.
     *
     * @return this
     */
    public CallSpanBuilder clear() {
        Arrays.fill(values, "");
        name = "";
        ok = false;
        failed = false;
        statusMessage = null;
        exception = false;
        exceptionType = null;
        exceptionMessage = null;
        return this;
    }

    /**
     * Notes the span's name.
     *
     * @param value it is compared with known ones, and kept only where it is an agent's
     * @return this
     */
    public CallSpanBuilder name(String value) {
        name = value;
        return this;
    }

    /**
     * Notes an attribute; one that nothing is known of is ignored.
     *
     * @param key its name
     * @param value its value as a text; of a list all of its texts
     * @return this
     */
    public CallSpanBuilder attribute(String key, String value) {
        SpanKey known = SpanKey.of(key);
        if (known != null && value.length() <= LONGEST) {
            boolean isContent = known == SpanKey.TOOL_ARGUMENTS || known == SpanKey.TOOL_RESULT;
            values[known.ordinal()] = isContent ? Digests.ofJson(value) : value;
        }
        return this;
    }

    /**
     * Notes that the span's status says that all went well.
     *
     * @return this
     */
    public CallSpanBuilder ok() {
        ok = true;
        return this;
    }

    /**
     * Notes that the span's status is an error.
     *
     * @param message what the status says in addition; looked at, not kept
     * @return this
     */
    public CallSpanBuilder failed(@Nullable String message) {
        failed = true;
        statusMessage = message;
        return this;
    }

    /**
     * Notes an exception that the span recorded; of several the first one.
     *
     * @param type the name of its class, or null
     * @param message looked at, not kept; or null
     * @return this
     */
    public CallSpanBuilder exception(@Nullable String type, @Nullable String message) {
        if (!exception) {
            exception = true;
            exceptionType = type;
            exceptionMessage = message;
        }
        return this;
    }

    /**
     * Makes the span.
     *
     * @return what it is
     */
    public CallSpan build() {
        What what = what();
        RecordedError error = isError() ? error(what) : null;
        FailureKind kind = error != null ? error.kind() : ofAnswer(what);
        return new CallSpan(
                what,
                agent(what),
                target(what),
                kind,
                error == null ? null : wait(error),
                error == null ? "" : errorName(),
                value(SpanKey.GUARDED).equals("true") || !value(SpanKey.REFUSED).isEmpty(),
                value(SpanKey.PROXIED).equals("true"),
                isThinned(),
                value(SpanKey.SERVER),
                value(SpanKey.PORT),
                number(INPUT),
                number(OUTPUT),
                number(CACHED),
                value(SpanKey.TOOL_ARGUMENTS),
                value(SpanKey.TOOL_RESULT));
    }

    private What what() {
        String operation = value(SpanKey.OPERATION);
        String inference = value(SpanKey.INFERENCE_KIND);
        String traceloop = value(SpanKey.TRACELOOP_KIND);
        String langsmith = value(SpanKey.LANGSMITH_KIND);
        String vercel = value(SpanKey.VERCEL_OPERATION);
        String type = value(SpanKey.SPAN_TYPE);
        if (MODEL_OPERATIONS.contains(operation)
                || inference.equals("LLM")
                || inference.equals("EMBEDDING")
                || langsmith.equals("llm")
                || type.equals("llm_request")
                || REQUEST_TYPES.contains(value(SpanKey.REQUEST_TYPE))
                || vercel.startsWith("ai.") && VERCEL_CALLS.contains(vercel.substring(vercel.lastIndexOf('.') + 1))
                || name.endsWith("llm_request")
                || name.equals("call_llm") && operation.isEmpty()) {
            return What.MODEL_CALL;
        }
        if (operation.equals("execute_tool")
                || inference.equals("TOOL")
                || traceloop.equals("tool")
                || langsmith.equals("tool")
                || vercel.equals("ai.toolCall")
                || value(SpanKey.MCP_METHOD).equals("tools/call")
                || name.equals("claude_code.tool")
                || !value(SpanKey.SPRING_TOOL).isEmpty()
                || !value(SpanKey.TOOL).isEmpty() && operation.isEmpty()) {
            return What.TOOL_CALL;
        }
        return AGENT_OPERATIONS.contains(operation)
                        || inference.equals("AGENT")
                        || traceloop.equals("agent")
                        || traceloop.equals("workflow")
                        || name.equals("agent run")
                        || name.startsWith("agent_run [")
                ? What.AGENT
                : What.OTHER;
    }

    private String agent(What what) {
        String named = first(AGENTS);
        if (!named.isEmpty() || what != What.AGENT) {
            return named;
        }
        if (!value(SpanKey.TRACELOOP_KIND).isEmpty()) {
            return value(SpanKey.TRACELOOP_ENTITY);
        }
        if (name.startsWith("agent_run [") && name.endsWith("]")) {
            return name.substring("agent_run [".length(), name.length() - 1);
        }
        return value(SpanKey.INFERENCE_KIND).isEmpty() ? "" : name;
    }

    private String target(What what) {
        if (what == What.MODEL_CALL) {
            return prefixed("model:", first(MODELS));
        }
        if (what == What.TOOL_CALL) {
            String tool = first(TOOLS);
            boolean isEntity = tool.isEmpty() && value(SpanKey.TRACELOOP_KIND).equals("tool");
            return prefixed("tool:", isEntity ? value(SpanKey.TRACELOOP_ENTITY) : tool);
        }
        return "";
    }

    private static String prefixed(String prefix, String name) {
        return name.isBlank() || name.startsWith(prefix) ? name.strip() : prefix + name.strip();
    }

    /** An explicit OK is its author's word, whatever exceptions were met on the way. */
    private boolean isError() {
        return !ok && (failed || exception || !value(SpanKey.ERROR_TYPE).isEmpty());
    }

    private RecordedError error(What what) {
        RecordedError error = new RecordedError(what == What.TOOL_CALL ? FailureKind.TOOL_ERROR : FailureKind.ERROR);
        if (!value(SpanKey.REFUSED).isEmpty() || !value(SpanKey.REFUSED_HEADER).isEmpty()) {
            error.refused();
        }
        error.named(value(SpanKey.ERROR_TYPE));
        String http = first(STATUSES);
        if (http.length() == 3) {
            error.named(http);
        }
        return error.named(exceptionType).text(exceptionMessage).text(statusMessage);
    }

    /** What a call that went well may have come to all the same. */
    private @Nullable FailureKind ofAnswer(What what) {
        if (what != What.MODEL_CALL) {
            return null;
        }
        String reasons = value(SpanKey.FINISH_REASONS) + ' ' + value(SpanKey.VERCEL_FINISH_REASON);
        if (reasons.contains("content_filter") || reasons.contains("content-filter")) {
            return FailureKind.CONTENT_FILTERED;
        }
        boolean embeds = value(SpanKey.OPERATION).equals("embeddings")
                || value(SpanKey.INFERENCE_KIND).equals("EMBEDDING")
                || value(SpanKey.REQUEST_TYPE).equals("embedding")
                || value(SpanKey.VERCEL_OPERATION).endsWith("doEmbed");
        return !embeds && number(OUTPUT) == 0 ? FailureKind.EMPTY_RESPONSE : null;
    }

    private @Nullable Duration wait(RecordedError error) {
        Duration millis = RetryAfter.ofMillis(value(SpanKey.RETRY_AFTER_MS));
        if (millis != null) {
            return millis;
        }
        String header = value(SpanKey.RETRY_AFTER);
        Duration wait = header.isEmpty() ? null : RetryAfter.ofHeader(header, Instant.now());
        return wait != null ? wait : error.retryAfter();
    }

    /** Only what can be a code or the name of a class: a message might hold anything. */
    private String errorName() {
        String type = value(SpanKey.ERROR_TYPE);
        String called = !type.isEmpty() ? type : exceptionType != null ? exceptionType : first(STATUSES);
        if (called.length() > LONGEST_ERROR) {
            return "";
        }
        for (int i = 0; i < called.length(); i++) {
            char each = called.charAt(i);
            boolean isNames = each >= 'a' && each <= 'z'
                    || each >= 'A' && each <= 'Z'
                    || each >= '0' && each <= '9'
                    || each == '.'
                    || each == '_'
                    || each == '$'
                    || each == '-';
            if (!isNames) {
                return "";
            }
        }
        return called;
    }

    private boolean isThinned() {
        String rate = value(SpanKey.SAMPLE_RATE);
        return !value(SpanKey.SAMPLING_POLICY).isEmpty()
                || !value(SpanKey.SAMPLING_COMPOSITE).isEmpty()
                || !value(SpanKey.SAMPLING_CACHED).isEmpty()
                || !rate.isEmpty() && !rate.equals("1");
    }

    private String value(SpanKey key) {
        return values[key.ordinal()];
    }

    private String first(SpanKey[] keys) {
        for (SpanKey each : keys) {
            String value = value(each);
            if (!value.isBlank()) {
                return value;
            }
        }
        return "";
    }

    private long number(SpanKey[] keys) {
        String text = first(keys);
        if (text.isEmpty() || text.length() > 15) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = 10 * number + digit - '0';
        }
        return number;
    }
}
