package dev.interlock.server.agentlog;

import dev.interlock.monitor.EntryJson;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogRow;
import dev.interlock.monitor.Redactor;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Entries of the agent log, as they are stored and shown. */
final class Entries {
    private Entries() {}

    /**
     * An entry without secrets and personal data, cut where it is long, from any sender. Its ids are kept: an agent is called
     * as its circuit is.
     */
    static LogEntry clean(LogEntry entry, Redactor redactor) {
        LogEntry clean = redactor.redact(entry);
        return LogEntry.builder(entry.agentId(), entry.actionType(), entry.timestamp())
                .entryId(entry.entryId())
                .executionId(entry.executionId())
                .actionName(clean.actionName())
                .inputSummary(clean.inputSummary())
                .outputSummary(clean.outputSummary())
                .status(entry.status())
                .errorMessage(clean.errorMessage())
                .errorKind(entry.errorKind())
                .retryAfterMs(entry.retryAfterMs())
                .latencyMs(entry.latencyMs())
                .tokenCount(entry.tokenCount())
                .costUsd(entry.costUsd())
                .metadata(clean.metadata())
                .dependsOn(entry.dependsOn())
                .caller(entry.caller())
                .guarded(entry.guarded())
                .permit(entry.permit())
                .build();
    }

    /** The schema {@code StoredLogEntry} of the contract. */
    static JsonObject json(LogRow row) {
        LogEntry entry = row.entry();
        return new JsonObject()
                .put("entry_id", entry.entryId())
                .put("execution_id", entry.executionId())
                .put("agent_id", entry.agentId())
                .put("action_type", entry.actionType().wireName())
                .put("action_name", entry.actionName())
                .put("input_summary", entry.inputSummary())
                .put("output_summary", entry.outputSummary())
                .put("status", entry.status().wireName())
                .put("error_message", entry.errorMessage())
                .put(
                        "error_kind",
                        entry.errorKind() == null ? null : entry.errorKind().name())
                .put("retry_after_ms", entry.retryAfterMs())
                .put("latency_ms", entry.latencyMs())
                .put("token_count", entry.tokenCount())
                .put("cost_usd", entry.costUsd())
                .put("metadata", new JsonObject(EntryJson.write(entry.metadata())))
                .put("depends_on", new JsonArray(entry.dependsOn()))
                .put("caller", entry.caller())
                .put("timestamp", CircuitJson.text(entry.timestamp()))
                .put("started_at", CircuitJson.text(row.startedAt()))
                .put("guarded", entry.guarded());
    }
}
