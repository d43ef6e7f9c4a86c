package dev.interlock.monitor;

import dev.interlock.CallUsage;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of guarded models as entries {@code llm_inference} of the agent log: marked as guarded, with their tokens. */
final class UsageEntries {
    private static final String MODEL = "model:";

    private UsageEntries() {}

    /**
     * The entry of a call, of the agent whose guard let it pass.
     *
     * @param now the wall clock's time
     */
    static LogEntry.Builder of(CallUsage usage, Instant now) {
        Guard guard = usage.guard();
        Outcome outcome = usage.outcome();
        FailureKind kind = outcome.kind();
        Duration took = outcome.took() == null ? Duration.ZERO : outcome.took();
        Duration wait = outcome.retryAfter();
        return LogEntry.builder(guard.id().name(), ActionType.LLM_INFERENCE, now.minus(took))
                .actionName(model(guard))
                .status(status(kind))
                .errorKind(kind)
                .retryAfterMs(wait == null ? null : wait.toMillis())
                .latencyMs(took.toMillis())
                .metadata(tokens(usage))
                .dependsOn(guard.dependencies().stream()
                        .map(CircuitId::name)
                        .limit(LogEntry.MOST_DEPENDENCIES)
                        .toList())
                .guarded(true)
                .permit(guard.process());
    }

    private static EntryStatus status(@Nullable FailureKind kind) {
        if (kind == null) {
            return EntryStatus.SUCCESS;
        }
        return kind == FailureKind.CANCELLED ? EntryStatus.CANCELLED : EntryStatus.FAILURE;
    }

    /** The first model among what the guard depends on, without its prefix. */
    private static @Nullable String model(Guard guard) {
        return guard.dependencies().stream()
                .map(CircuitId::name)
                .filter(name -> name.startsWith(MODEL))
                .map(name -> name.substring(MODEL.length()))
                .findFirst()
                .orElse(null);
    }

    private static Map<String, @Nullable Object> tokens(CallUsage usage) {
        Map<String, @Nullable Object> tokens = new LinkedHashMap<>();
        put(tokens, EntryUsage.INPUT, usage.inputTokens());
        put(tokens, EntryUsage.OUTPUT, usage.outputTokens());
        put(tokens, EntryUsage.CACHED, usage.cachedTokens());
        return tokens;
    }

    private static void put(Map<String, @Nullable Object> tokens, String name, long count) {
        if (count > 0) {
            tokens.put(name, count);
        }
    }
}
