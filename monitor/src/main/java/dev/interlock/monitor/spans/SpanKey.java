package dev.interlock.monitor.spans;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of spans that are read, of whatever generation of names. The conventions have no stable release yet, so
 * several names mean the same. None of those that may hold prompts or answers is here; of a tool's arguments and result only a
 * digest is kept.
 */
enum SpanKey {
    OPERATION("gen_ai.operation.name"),
    INFERENCE_KIND("openinference.span.kind"),
    TRACELOOP_KIND("traceloop.span.kind"),
    LANGSMITH_KIND("langsmith.span.kind"),
    SPAN_TYPE("span.type"),
    REQUEST_TYPE("llm.request.type"),
    VERCEL_OPERATION("ai.operationId"),
    MCP_METHOD("mcp.method.name"),

    REQUEST_MODEL("gen_ai.request.model"),
    RESPONSE_MODEL("gen_ai.response.model"),
    LLM_MODEL("llm.model_name"),
    EMBEDDING_MODEL("embedding.model_name"),
    VERCEL_MODEL("ai.model.id"),
    MODEL("model"),

    TOOL("gen_ai.tool.name"),
    SPRING_TOOL("spring.ai.tool.definition.name"),
    INFERENCE_TOOL("tool.name"),
    VERCEL_TOOL("ai.toolCall.name"),
    CLAUDE_TOOL("tool_name"),

    TOOL_ARGUMENTS("gen_ai.tool.call.arguments"),
    TOOL_RESULT("gen_ai.tool.call.result"),

    AGENT_NAME("gen_ai.agent.name"),
    AGENT_ID("gen_ai.agent.id"),
    INFERENCE_AGENT("agent.name"),
    PYDANTIC_AGENT("agent_name"),
    VERCEL_FUNCTION("ai.telemetry.functionId"),
    TRACELOOP_ENTITY("traceloop.entity.name"),

    STATUS("http.response.status_code"),
    OLD_STATUS("http.status_code"),
    ERROR_TYPE("error.type"),
    FINISH_REASONS("gen_ai.response.finish_reasons"),
    VERCEL_FINISH_REASON("ai.response.finishReason"),
    RETRY_AFTER("http.response.header.retry-after"),
    RETRY_AFTER_MS("http.response.header.retry-after-ms"),
    REFUSED_HEADER("http.response.header.interlock-refused"),

    INPUT_TOKENS("gen_ai.usage.input_tokens"),
    PROMPT_TOKENS("gen_ai.usage.prompt_tokens"),
    LLM_PROMPT_TOKENS("llm.token_count.prompt"),
    VERCEL_INPUT_TOKENS("ai.usage.inputTokens"),
    VERCEL_PROMPT_TOKENS("ai.usage.promptTokens"),
    CLAUDE_INPUT_TOKENS("input_tokens"),
    OUTPUT_TOKENS("gen_ai.usage.output_tokens"),
    COMPLETION_TOKENS("gen_ai.usage.completion_tokens"),
    LLM_COMPLETION_TOKENS("llm.token_count.completion"),
    VERCEL_OUTPUT_TOKENS("ai.usage.outputTokens"),
    VERCEL_COMPLETION_TOKENS("ai.usage.completionTokens"),
    CLAUDE_OUTPUT_TOKENS("output_tokens"),
    CACHE_READ("gen_ai.usage.cache_read.input_tokens"),
    OLD_CACHE_READ("gen_ai.usage.cache_read_input_tokens"),
    LLM_CACHE_READ("llm.token_count.prompt_details.cache_read"),
    VERCEL_CACHE_READ("ai.usage.cachedInputTokens"),
    CLAUDE_CACHE_READ("cache_read_tokens"),

    GUARDED("interlock.guarded"),
    REFUSED("interlock.refused"),
    PROXIED("interlock.proxied"),
    SERVER("server.address"),
    PORT("server.port"),
    SAMPLING_POLICY("tailsampling.policy"),
    SAMPLING_COMPOSITE("tailsampling.composite_policy"),
    SAMPLING_CACHED("tailsampling.cached_decision"),
    SAMPLE_RATE("SampleRate");

    private static final Map<String, SpanKey> BY_NAME = new HashMap<>();
    static final int COUNT = values().length;

    static {
        for (SpanKey each : values()) {
            BY_NAME.put(each.key, each);
        }
    }

    private final String key;

    SpanKey(String key) {
        this.key = key;
    }

    static @Nullable SpanKey of(String name) {
        return BY_NAME.get(name);
    }
}
