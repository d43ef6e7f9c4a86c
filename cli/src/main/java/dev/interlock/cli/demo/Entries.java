package dev.interlock.cli.demo;

import dev.interlock.FailureKind;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the agents write into their log. */
final class Entries {
    private static final double DOLLARS_A_TOKEN = 0.000_004;
    private static final Map<FailureKind, String> MESSAGES = Map.of(
            FailureKind.OVERLOADED, "529 overloaded: no capacity left, try again later",
            FailureKind.LOOP, "the same call for the third time among the last eight",
            FailureKind.QUOTA_EXHAUSTED, "402 insufficient quota: the key has none left this month",
            FailureKind.MALFORMED_OUTPUT, "no JSON: unexpected end of the answer at character 212",
            FailureKind.TIMEOUT, "no answer in time",
            FailureKind.SERVER_ERROR, "500 internal error",
            FailureKind.EMPTY_RESPONSE, "an answer without text",
            FailureKind.CONTEXT_LENGTH, "the prompt is longer than the model reads",
            FailureKind.TOOL_ERROR, "the tool answered with an error");

    private Entries() {}

    /**
     * The entry of a call.
     *
     * @param call the call
     * @param ending how it ended
     * @param speed how much faster than the clock the story goes
     * @param now when it ended, by the clock
     * @param guarded whether a guard has counted it
     */
    static LogEntry of(Call call, Ending ending, int speed, Instant now, boolean guarded) {
        long took = ending.took() / speed;
        FailureKind kind = ending.kind();
        LogEntry.Builder entry = LogEntry.builder(
                        call.agent(),
                        call.isOfModel() ? ActionType.LLM_INFERENCE : ActionType.TOOL_CALL,
                        now.minus(Duration.ofMillis(took)))
                .executionId(call.agent() + "-" + call.run())
                .actionName(call.target().substring(call.target().indexOf(':') + 1))
                .latencyMs(took)
                .guarded(guarded);
        if (kind != null) {
            return entry.status(EntryStatus.FAILURE)
                    .errorKind(kind)
                    .errorMessage(message(kind))
                    .build();
        }
        if (call.isOfModel()) {
            long tokens = 300 + ending.took();
            entry.tokenCount(tokens).costUsd(tokens * DOLLARS_A_TOKEN);
        }
        return entry.build();
    }

    private static @Nullable String message(FailureKind kind) {
        return MESSAGES.get(kind);
    }
}
