package dev.interlock.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes batches as JSON: names in snake_case, times after RFC 3339 in UTC, nothing for what an entry does not have. */
final class LogBatchWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private LogBatchWriter() {}

    static void write(LogBatch batch, OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            text(json, "organization_id", batch.organization());
            Instant sentAt = batch.sentAt();
            text(json, "sent_at", sentAt == null ? null : sentAt.toString());
            json.writeArrayFieldStart("logs");
            for (LogEntry entry : batch.entries()) {
                entry(json, entry);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void entry(JsonGenerator json, LogEntry entry) throws IOException {
        json.writeStartObject();
        text(json, "entry_id", entry.entryId());
        text(json, "execution_id", entry.executionId());
        text(json, "agent_id", entry.agentId());
        text(json, "action_type", entry.actionType().wireName());
        text(json, "action_name", entry.actionName());
        text(json, "input_summary", entry.inputSummary());
        text(json, "output_summary", entry.outputSummary());
        text(json, "status", entry.status().wireName());
        text(json, "error_message", entry.errorMessage());
        text(
                json,
                "error_kind",
                entry.errorKind() == null ? null : entry.errorKind().name());
        Long wait = entry.retryAfterMs();
        if (wait != null) {
            json.writeNumberField("retry_after_ms", wait);
        }
        Long latency = entry.latencyMs();
        if (latency != null) {
            json.writeNumberField("latency_ms", latency);
        }
        Long tokens = entry.tokenCount();
        if (tokens != null) {
            json.writeNumberField("token_count", tokens);
        }
        Double cost = entry.costUsd();
        if (cost != null) {
            json.writeNumberField("cost_usd", cost);
        }
        if (!entry.metadata().isEmpty()) {
            json.writeFieldName("metadata");
            EntryJson.write(json, entry.metadata());
        }
        if (!entry.dependsOn().isEmpty()) {
            json.writeArrayFieldStart("depends_on");
            for (String each : entry.dependsOn()) {
                json.writeString(each);
            }
            json.writeEndArray();
        }
        text(json, "caller", entry.caller());
        text(json, "timestamp", entry.timestamp().toString());
        json.writeBooleanField("guarded", entry.guarded());
        text(json, "permit", entry.permit());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }
}
