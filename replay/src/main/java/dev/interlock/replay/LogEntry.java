package dev.interlock.replay;

import dev.interlock.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of an NDJSON file: an entry of the agent log if it has an {@code action_type}, else a row with the names of
 * the CSV's columns.
 *
 * <p>Entries of type {@code llm_inference} and {@code tool_call} are calls, and {@code error} where its execution has no
 * failed one; others are not. Of what a call depends on, its key is looked at.
 */
final class LogEntry {
    private static final String TYPE = "action_type";
    private static final String MODEL_CALL = "llm_inference";
    private static final String TOOL_CALL = "tool_call";
    private static final String ERROR = "error";
    private static final String[] PREFIXES = {"model:", "tool:", "key:", "mcp:"};

    private final Map<String, String> fields;
    private final long line;
    private final String type;

    LogEntry(Map<String, String> fields, long line) {
        this.fields = fields;
        this.line = line;
        this.type = fields.getOrDefault(TYPE, "");
    }

    boolean isOfLog() {
        return !type.isEmpty();
    }

    boolean isCall() {
        return !isOfLog() || type.equals(MODEL_CALL) || type.equals(TOOL_CALL) || type.equals(ERROR);
    }

    /** Whether a guard wrote it, in addition to what the agent itself logs of the same call. */
    boolean isGuarded() {
        return "true".equals(fields.get("guarded"));
    }

    Call call(By by, Names names) throws BadRowException {
        return isOfLog() ? ofEntry(by, names) : ofRow(by, names);
    }

    private Call ofRow(By by, Names names) throws BadRowException {
        boolean ok = Cells.ok("ok", bytes("ok"), 0, bytes("ok").length);
        return call(
                "time",
                "duration_ms",
                by.needsAgent() ? names.of("agent", text("agent")) : null,
                by.needsTarget() ? names.of("target", text("target")) : null,
                by.needsTarget() ? key(names, "key") : null,
                caller(names, "agent"),
                ok,
                kind("kind", ok),
                null);
    }

    private Call ofEntry(By by, Names names) throws BadRowException {
        boolean isError = type.equals(ERROR);
        FailureKind kind = isError ? kind("error_kind", false) : status();
        boolean ok = !isError && (kind == null || kind == FailureKind.CANCELLED);
        return call(
                "timestamp",
                "latency_ms",
                by.needsAgent() ? names.of("agent_id", text("agent_id")) : null,
                by.needsTarget() && !isError ? names.of("action_name", target()) : null,
                by.needsTarget() && !isError ? key(names, "depends_on") : null,
                caller(names, "agent_id"),
                ok,
                kind,
                isError ? text("execution_id") : null);
    }

    private Call call(
            String timeName,
            String durationName,
            @Nullable Name agent,
            @Nullable Name target,
            @Nullable Name key,
            @Nullable Name caller,
            boolean ok,
            @Nullable FailureKind kind,
            @Nullable String unlessFailed)
            throws BadRowException {
        byte[] time = bytes(timeName);
        byte[] took = fields.containsKey(durationName) || !isOfLog() ? bytes(durationName) : new byte[] {'0'};
        byte[] wait = bytes("retry_after_ms");
        return new Call(
                line,
                Cells.time(timeName, time, 0, time.length),
                Cells.duration(durationName, took, 0, took.length),
                agent,
                target,
                key,
                caller,
                ok,
                kind,
                Cells.wait("retry_after_ms", kind, wait, 0, wait.length),
                unlessFailed);
    }

    private @Nullable Name key(Names names, String field) throws BadRowException {
        String key = text(field);
        return key.isEmpty() ? null : names.key(field, key);
    }

    /** Who made the call: whom the row names, else its agent, if it has one. */
    private @Nullable Name caller(Names names, String agentField) throws BadRowException {
        String field = text("caller").isEmpty() ? agentField : "caller";
        return text(field).isEmpty() ? null : names.of(field, text(field));
    }

    private @Nullable FailureKind status() throws BadRowException {
        String status = text("status");
        return switch (status.toLowerCase(Locale.ROOT)) {
            case "success", "ok" -> null;
            case "failure", "failed", "error" -> kind("error_kind", false);
            case "timeout" -> fields.containsKey("error_kind") ? kind("error_kind", false) : FailureKind.TIMEOUT;
            case "cancelled" -> FailureKind.CANCELLED;
            default -> throw BadRowException.of("status", status, "success, failure, timeout or cancelled");
        };
    }

    private @Nullable FailureKind kind(String name, boolean ok) throws BadRowException {
        byte[] kind = bytes(name);
        return Cells.kind(name, ok, kind, 0, kind.length);
    }

    /** The name of what was called, with the prefix of its type unless it has one. */
    private String target() {
        String name = text("action_name");
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                return name;
            }
        }
        return name.isEmpty() ? name : (type.equals(MODEL_CALL) ? PREFIXES[0] : PREFIXES[1]) + name;
    }

    private String text(String name) {
        return fields.getOrDefault(name, "");
    }

    private byte[] bytes(String name) {
        return text(name).getBytes(StandardCharsets.UTF_8);
    }
}
