package dev.interlock.server.loops;

import dev.interlock.jdbc.LoopEvents;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.LogBatch;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.server.status.Metrics;
import dev.interlock.server.status.OwnFigure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says of loops in the server's log, in the agent's log, to webhooks and in figures. Safe for use by any thread.
 */
public final class LoopNews implements Consumer<Loop> {
    private static final Logger LOG = LoggerFactory.getLogger(LoopNews.class);

    private final LogProcessor log;
    private final LoopEvents events;
    private final boolean refuses;
    private final Map<String, LongAdder> found = new ConcurrentHashMap<>();

    /**
     * News for one server.
     *
     * @param metrics where figures are kept
     * @param log where entries of agents lie
     * @param events where webhooks hear of them
     * @param refuses whether further calls are refused
     */
    public LoopNews(Metrics metrics, LogProcessor log, LoopEvents events, boolean refuses) {
        this.log = log;
        this.events = events;
        this.refuses = refuses;
        metrics.addOwn(new OwnFigure(
                "interlock_loops_total",
                "counter",
                "Loops that this server found among calls of the organization's agents",
                organization ->
                        found.getOrDefault(organization, new LongAdder()).sum()));
    }

    @Override
    public void accept(Loop loop) {
        found.computeIfAbsent(loop.organization(), made -> new LongAdder()).increment();
        LoggingEventBuilder line =
                LOG.atWarn().addKeyValue("organization", loop.organization()).addKeyValue("agent", loop.agent());
        if (loop.execution() != null) {
            line = line.addKeyValue("execution", loop.execution());
        }
        line.addKeyValue("tool", loop.tool())
                .addKeyValue("repeats", loop.repeats())
                .log(
                        !refuses
                                ? "A loop was found"
                                : loop.execution() == null
                                        ? "A loop was found: it is a failure of its agent"
                                        : "A loop was found: further calls of its execution are refused");
        events.note(loop, refuses);
        log.note(new LogBatch(loop.organization(), null, List.of(entry(loop)), null));
    }

    private static LogEntry entry(Loop loop) {
        return LogEntry.builder(loop.agent(), ActionType.CUSTOM, loop.at())
                .executionId(loop.execution())
                .actionName("loop")
                .outputSummary(loop.text())
                .metadata(Map.of("tool", loop.tool(), "repeats", loop.repeats()))
                .build();
    }
}
