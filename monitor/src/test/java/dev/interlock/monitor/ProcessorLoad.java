package dev.interlock.monitor;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.TimeSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A program: how many entries a second one thread brings from batches of 50 to figures and circuits. */
final class ProcessorLoad {
    private ProcessorLoad() {}

    /** Prints one line a second of work, for ten rounds. */
    public static void main(String[] arguments) {
        TimeSource time = TimeSource.system();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
                HealthMonitor monitor = HealthMonitor.start(circuits, HealthSettings.defaults())) {
            LogProcessor processor = new LogProcessor(monitor, new AgentRegistry(), new InMemoryLogStore(), time);
            for (int round = 0; round < 10; round++) {
                List<LogBatch> batches = batches(round, 6_000);
                long start = System.nanoTime();
                batches.forEach(processor::take);
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf("%,.0f entries/s%n", 6_000 * 50 / seconds);
            }
        }
    }

    private static List<LogBatch> batches(int round, int count) {
        List<LogBatch> batches = new ArrayList<>();
        Instant now = Instant.now();
        for (int i = 0; i < count; i++) {
            List<LogEntry> entries = new ArrayList<>();
            for (int j = 0; j < 50; j++) {
                boolean fails = (i + j) % 50 == 0;
                entries.add(LogEntry.builder("agent-" + i % 1_000, ActionType.LLM_INFERENCE, now.minusMillis(900))
                        .entryId("0190f3d2-7c11-7abc-" + round + "-" + i + "-" + j)
                        .executionId("run-" + i)
                        .actionName("kimi-k2")
                        .latencyMs(100L + j * 17)
                        .status(fails ? EntryStatus.FAILURE : EntryStatus.SUCCESS)
                        .errorKind(fails ? FailureKind.TIMEOUT : null)
                        .build());
            }
            batches.add(new LogBatch(null, now, entries));
        }
        return batches;
    }
}
