package dev.interlock.monitor;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.TimeSource;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A program: how many entries a second of CPU time one thread brings from batches of 50 to figures and circuits. */
final class ProcessorLoad {
    private static final int BATCHES = 2_000;
    private static final int BATCH = 50;

    private ProcessorLoad() {}

    /** Prints a line for each of ten rounds, by the CPU time of the one thread: other work on the machine counts little. */
    public static void main(String[] arguments) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        TimeSource time = TimeSource.system();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
                HealthMonitor monitor = HealthMonitor.start(circuits, HealthSettings.defaults())) {
            LogProcessor processor = new LogProcessor(monitor, new AgentRegistry(), new InMemoryLogStore(), time);
            for (int round = 0; round < 10; round++) {
                List<LogBatch> batches = batches(round);
                long start = threads.getCurrentThreadCpuTime();
                batches.forEach(processor::take);
                double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
                System.out.printf("%,.0f entries a second of its CPU time%n", BATCHES * BATCH / seconds);
            }
        }
    }

    private static List<LogBatch> batches(int round) {
        List<LogBatch> batches = new ArrayList<>();
        Instant now = Instant.now();
        for (int i = 0; i < BATCHES; i++) {
            List<LogEntry> entries = new ArrayList<>();
            for (int j = 0; j < BATCH; j++) {
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
