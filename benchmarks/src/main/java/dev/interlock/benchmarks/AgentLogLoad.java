package dev.interlock.benchmarks;

import dev.interlock.monitor.Action;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.Execution;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.SinkUnavailableException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Locale;

/**
 * What the agent log costs the thread that logs, in processor time, and what redaction costs the thread that sends: with
 * a sink that takes all, and with one that is away, so that the buffer is full.
 */
public final class AgentLogLoad {
    private static final int ENTRIES = 1_000_000;
    private static final int ROUNDS = 4;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final String PROMPT =
            "Compare the three offers, {\"max_tokens\": 512}, and write to ada@example.com. ".repeat(6);

    private AgentLogLoad() {}

    /**
     * Prints the figures of the last of some rounds.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        for (int round = 1; round <= ROUNDS; round++) {
            long taken = log(false);
            long away = log(true);
            long redacted = redact();
            System.out.printf(
                    Locale.ROOT,
                    "round %d: %d ns an entry; %d ns while the server is away; %d ns to redact a text of %d characters%n",
                    round,
                    taken,
                    away,
                    redacted,
                    PROMPT.length());
        }
    }

    private static long log(boolean away) {
        AgentLogger logger = AgentLogger.to(batch -> {
                    if (away) {
                        throw new SinkUnavailableException("away", Duration.ofMinutes(1), null);
                    }
                    return Receipt.ofAll(batch.entries().size());
                })
                .onLost((entries, why) -> {})
                .closeTimeout(Duration.ofMillis(100))
                .build();
        long nanos;
        try (Execution run = logger.execution("planner")) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < ENTRIES; i++) {
                try (Action call = run.toolCall("search")) {
                    call.input(PROMPT).tokens(i).with("attempt", i).succeed();
                }
            }
            nanos = THREADS.getCurrentThreadCpuTime() - start;
        }
        logger.close();
        return nanos / ENTRIES;
    }

    private static long redact() {
        Redactor redactor = Redactor.standard();
        long length = 0;
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < ENTRIES / 20; i++) {
            length += redactor.redact(PROMPT).length();
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        if (length == 0) {
            throw new AssertionError("Nothing was redacted");
        }
        return nanos / (ENTRIES / 20);
    }
}
