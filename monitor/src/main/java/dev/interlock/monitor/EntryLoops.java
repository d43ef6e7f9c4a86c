package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.monitor.loops.LoopCall;
import dev.interlock.monitor.loops.LoopDetector;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Brings calls of entries to the detector of loops. Safe for use by any thread. */
final class EntryLoops {
    /** In metadata: a digest of a call's arguments, in place of the arguments themselves. */
    static final String ARGUMENTS = "arguments_digest";

    /** In metadata: a digest of what came back. */
    static final String RESULT = "result_digest";

    private final LoopDetector detector;
    private final HealthMonitor monitor;
    private final boolean refuses;
    private final Consumer<Loop> hearer;

    EntryLoops(LoopDetector detector, HealthMonitor monitor, boolean refuses, Consumer<Loop> hearer) {
        this.detector = detector;
        this.monitor = monitor;
        this.refuses = refuses;
        this.hearer = hearer;
    }

    /** Takes an entry in that is new; one of long ago, or of a call that was refused, says nothing about now. */
    void take(CircuitId agent, LogEntry entry) {
        String organization = agent.organization();
        String execution = entry.executionId();
        if (entry.actionType() == ActionType.LLM_INFERENCE) {
            detector.modelCalled(organization, agent.name(), execution);
        } else if (entry.actionType() == ActionType.TOOL_CALL
                && entry.errorKind() != FailureKind.DOWNSTREAM_OPEN
                && entry.status() != EntryStatus.CANCELLED) {
            Loop loop = detector.called(organization, agent.name(), execution, call(entry));
            if (loop != null) {
                found(agent, loop);
            }
        }
    }

    /** Without an execution nobody else can be refused than the agent: that is for its circuit to decide. */
    private void found(CircuitId agent, Loop loop) {
        if (refuses && loop.execution() == null) {
            Outcome failure = Outcome.failure(FailureKind.LOOP);
            monitor.record(monitor.guard(agent, List.of(), null), failure, Duration.ZERO);
        }
        hearer.accept(loop);
    }

    private static LoopCall call(LogEntry entry) {
        String tool = EntryOutcomes.dependency(entry);
        long took = entry.latencyMs() == null ? 0 : entry.latencyMs();
        Instant began = entry.timestamp();
        return new LoopCall(
                tool == null ? "tool:" : tool,
                said(entry.metadata().get(ARGUMENTS), entry.inputSummary()),
                said(entry.metadata().get(RESULT), cameBack(entry)),
                entry.status() == EntryStatus.FAILURE,
                began,
                began.plusMillis(took));
    }

    private static @Nullable String cameBack(LogEntry entry) {
        return entry.outputSummary() != null ? entry.outputSummary() : entry.errorMessage();
    }

    private static @Nullable String said(@Nullable Object digest, @Nullable String summary) {
        return digest instanceof String text ? text : summary;
    }
}
