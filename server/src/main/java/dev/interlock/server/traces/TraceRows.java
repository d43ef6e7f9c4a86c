package dev.interlock.server.traces;

import dev.interlock.FailureKind;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpan.What;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Spans as entries of the agent log: names and numbers, and nothing that people or models wrote. */
final class TraceRows {
    private static final long MILLI = 1_000_000L;

    private TraceRows() {}

    /**
     * The entry of a span.
     *
     * @param agent whose it is
     * @param caller who made the call, if somebody else than the key
     */
    static LogEntry entry(String agent, SpanCall span, @Nullable String caller) {
        CallSpan call = span.call();
        FailureKind kind = call.kind();
        return LogEntry.builder(agent, type(call.what()), span.startedAt())
                .entryId(span.span().entryId())
                .executionId(span.span().trace().toString())
                .actionName(call.what() == What.AGENT ? "invoke_agent" : plain(call.target()))
                .status(
                        kind == null
                                ? EntryStatus.SUCCESS
                                : kind == FailureKind.CANCELLED ? EntryStatus.CANCELLED : EntryStatus.FAILURE)
                .errorKind(kind == FailureKind.CANCELLED ? null : kind)
                .errorMessage(
                        call.error().isEmpty() ? null : Redactor.standard().redact(call.error()))
                .latencyMs(span.nanos() / MILLI)
                .retryAfterMs(
                        kind == null || call.retryAfter() == null
                                ? null
                                : (Long) call.retryAfter().toMillis())
                .tokenCount(tokens(call))
                .metadata(metadata(call))
                .dependsOn(call.target().isEmpty() || call.target().equals(agent) ? List.of() : List.of(call.target()))
                .caller(caller)
                .guarded(span.elsewhere())
                .build();
    }

    private static ActionType type(What what) {
        return switch (what) {
            case MODEL_CALL -> ActionType.LLM_INFERENCE;
            case TOOL_CALL -> ActionType.TOOL_CALL;
            default -> ActionType.CUSTOM;
        };
    }

    /** Without its prefix. */
    private static @Nullable String plain(String target) {
        return target.isEmpty() ? null : target.substring(target.indexOf(':') + 1);
    }

    /** Of a run never: the calls within it have them. */
    private static @Nullable Long tokens(CallSpan call) {
        boolean has = call.what() == What.MODEL_CALL && (call.inputTokens() >= 0 || call.outputTokens() >= 0);
        return has ? (Long) (Math.max(0, call.inputTokens()) + Math.max(0, call.outputTokens())) : null;
    }

    private static Map<String, @Nullable Object> metadata(CallSpan call) {
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("source", "traces");
        if (call.what() == What.MODEL_CALL) {
            put(metadata, "input_tokens", call.inputTokens());
            put(metadata, "output_tokens", call.outputTokens());
            put(metadata, "cached_tokens", call.cachedTokens());
        }
        if (!call.arguments().isEmpty()) {
            metadata.put("arguments_digest", call.arguments());
        }
        if (!call.result().isEmpty()) {
            metadata.put("result_digest", call.result());
        }
        return metadata;
    }

    private static void put(Map<String, @Nullable Object> metadata, String name, long tokens) {
        if (tokens >= 0) {
            metadata.put(name, tokens);
        }
    }
}
