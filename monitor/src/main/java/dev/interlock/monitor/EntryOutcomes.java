package dev.interlock.monitor;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What entries of the agent log say about calls, and about what an agent depends on. */
final class EntryOutcomes {
    private static final String MODEL = "model";

    private EntryOutcomes() {}

    /** How the call of an entry ended; an error has always failed. Null for entries that are no calls. */
    static @Nullable Outcome of(LogEntry entry) {
        if (!entry.actionType().isCall() && entry.actionType() != ActionType.ERROR) {
            return null;
        }
        Outcome outcome = outcome(entry);
        Long wait = entry.retryAfterMs();
        if (wait != null && !outcome.isSuccess()) {
            outcome = outcome.retryAfter(Duration.ofMillis(wait));
        }
        Long latency = entry.latencyMs();
        return latency == null ? outcome : outcome.took(Duration.ofMillis(latency));
    }

    /** Whether an entry reports a failed call, or an error, whether or not it was counted elsewhere. */
    static boolean isFailure(LogEntry entry) {
        return entry.actionType() == ActionType.ERROR
                || entry.actionType().isCall() && entry.status() == EntryStatus.FAILURE;
    }

    /** The circuit that an entry shows its agent to use, or null. */
    static @Nullable String dependency(LogEntry entry) {
        if (entry.actionType() == ActionType.TOOL_CALL) {
            return prefixed("tool:", entry.actionName());
        }
        if (entry.actionType() == ActionType.LLM_INFERENCE) {
            Object model = entry.metadata().get(MODEL);
            return prefixed("model:", model instanceof String name ? name : entry.actionName());
        }
        return null;
    }

    private static Outcome outcome(LogEntry entry) {
        FailureKind kind = entry.errorKind();
        if (entry.actionType() == ActionType.ERROR) {
            return Outcome.failure(kind != null ? kind : FailureKind.ERROR);
        }
        return switch (entry.status()) {
            case SUCCESS -> Outcome.success();
            case CANCELLED -> Outcome.cancelled();
            case FAILURE ->
                Outcome.failure(
                        kind != null
                                ? kind
                                : entry.actionType() == ActionType.TOOL_CALL
                                        ? FailureKind.TOOL_ERROR
                                        : FailureKind.ERROR);
        };
    }

    private static @Nullable String prefixed(String prefix, @Nullable String name) {
        if (name == null || name.isBlank() || name.length() > 200) {
            return null;
        }
        return name.startsWith(prefix) ? name : prefix + name;
    }
}
