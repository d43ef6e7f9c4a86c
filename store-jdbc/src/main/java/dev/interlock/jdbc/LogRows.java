package dev.interlock.jdbc;

import dev.interlock.FailureKind;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryJson;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Rows of the agent log, between entries and the table. Immutable. */
final class LogRows {
    static final String INSERT = """
            INSERT INTO agent_execution_logs (organization_id, entry_id, execution_id, agent_id, action_type, action_name,
                input_summary, output_summary, status, error_message, error_kind, retry_after_ms, latency_ms, token_count, cost_usd,
                metadata, depends_on, caller, timestamp, started_at, received_at, guarded)
            VALUES (:organization, :entry, :execution, :agent, :type, :name, :input, :output, :status, :message, :kind,
                :wait, :latency, :tokens, :cost, :metadata, :depends, :caller, :timestamp, :started, :received, :guarded)
            ON CONFLICT DO NOTHING
            """;

    private final Dialect dialect;

    LogRows(Dialect dialect) {
        this.dialect = dialect;
    }

    /** A row to be inserted. */
    PreparedBatch bind(PreparedBatch batch, LogRow row, Instant received) {
        LogEntry entry = row.entry();
        return batch.bind("organization", row.organization())
                .bind("entry", entry.entryId())
                .bind("execution", entry.executionId())
                .bind("agent", entry.agentId())
                .bind("type", entry.actionType().wireName())
                .bind("name", entry.actionName())
                .bind("input", entry.inputSummary())
                .bind("output", entry.outputSummary())
                .bind("status", entry.status().wireName())
                .bind("message", entry.errorMessage())
                .bind(
                        "kind",
                        entry.errorKind() == null ? null : entry.errorKind().name())
                .bind("wait", entry.retryAfterMs())
                .bind("latency", entry.latencyMs())
                .bind("tokens", entry.tokenCount())
                .bind("cost", entry.costUsd())
                .bind("metadata", EntryJson.write(entry.metadata()))
                .bind("depends", entry.dependsOn().isEmpty() ? null : String.join("\n", entry.dependsOn()))
                .bind("caller", entry.caller())
                .bind("guarded", entry.guarded())
                .bindByType("timestamp", dialect.time(entry.timestamp()), dialect.timeType())
                .bindByType("started", dialect.time(row.startedAt()), dialect.timeType())
                .bindByType("received", dialect.time(received), dialect.timeType());
    }

    LogRow read(ResultSet row) throws SQLException {
        LogEntry entry = LogEntry.builder(
                        row.getString("agent_id"),
                        Objects.requireNonNull(ActionType.ofWireName(row.getString("action_type"))),
                        Objects.requireNonNull(dialect.time(row, "timestamp")))
                .entryId(row.getString("entry_id"))
                .executionId(row.getString("execution_id"))
                .actionName(row.getString("action_name"))
                .inputSummary(row.getString("input_summary"))
                .outputSummary(row.getString("output_summary"))
                .status(Objects.requireNonNull(EntryStatus.ofWireName(row.getString("status"))))
                .errorMessage(row.getString("error_message"))
                .errorKind(kind(row.getString("error_kind")))
                .retryAfterMs(number(row, "retry_after_ms"))
                .latencyMs(number(row, "latency_ms"))
                .tokenCount(number(row, "token_count"))
                .costUsd(fraction(row, "cost_usd"))
                .metadata(EntryJson.read(row.getString("metadata")))
                .dependsOn(names(row.getString("depends_on")))
                .caller(row.getString("caller"))
                .guarded(row.getBoolean("guarded"))
                .build();
        return new LogRow(
                row.getString("organization_id"), Objects.requireNonNull(dialect.time(row, "started_at")), entry);
    }

    /** A kind that a newer release has written is none that this one knows. */
    private static @Nullable FailureKind kind(@Nullable String name) {
        for (FailureKind each : FailureKind.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** Names, one a line; none in rows of before there were any. */
    private static List<String> names(@Nullable String lines) {
        return lines == null ? List.of() : List.of(lines.split("\n"));
    }

    static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Double fraction(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }
}
