package dev.interlock.server.traces;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualTimeSource;
import dev.interlock.Settlement;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogPage;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import dev.interlock.monitor.LogStore;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Real circuits, health and log behind an intake, by a clock driven by hand. */
final class TraceRig implements AutoCloseable {
    /** A little after the spans of the tests' files. */
    static final Instant NOW = Instant.parse("2026-01-05T09:00:10Z");

    static final Caller KEY = new Caller("acme", Role.AGENT, "key", null, null, false, "k1", null);

    final ManualTimeSource time = new ManualTimeSource(NOW);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final CircuitBreakerManager circuits;
    final TraceIntake intake;
    final List<String> outcomes = new CopyOnWriteArrayList<>();
    final List<LogEntry> rows = new CopyOnWriteArrayList<>();
    private final HealthMonitor health;

    TraceRig() {
        this(CircuitBreakerConfig.defaults());
    }

    TraceRig(CircuitBreakerConfig policy) {
        circuits = CircuitBreakerManager.builder().time(time).defaults(policy).build();
        circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
            String said = outcome.kind() == null ? "success" : outcome.kind().name();
            outcomes.add(circuit.name() + " " + said + (settlement == Settlement.LATE ? " late" : ""));
        });
        health = HealthMonitor.start(circuits, HealthSettings.defaults(), time, Runnable::run);
        AgentRegistry agents = new AgentRegistry();
        NameGate names = new NameGate(agents, circuits);
        LogProcessor log = new LogProcessor(
                health,
                agents,
                new LogStore() {
                    @Override
                    public int append(List<LogRow> appended) {
                        appended.stream().map(LogRow::entry).forEach(rows::add);
                        return 0;
                    }

                    @Override
                    public LogPage find(LogQuery query) {
                        return new LogPage(List.of(), null);
                    }
                },
                time);
        intake = new TraceIntake(
                new TraceFeed(circuits, health, time), circuits, agents, names, log, time, new TraceFigures(meters));
    }

    /** Sends OTLP as JSON. */
    SpanList json(Caller caller, String body) {
        SpanList spans = JsonSpans.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        intake.take(caller, spans, (host, port) -> host.equals("proxy.acme.example"));
        return spans;
    }

    /** Sends OTLP as protobuf. */
    SpanList protobuf(Caller caller, byte[] body) {
        SpanList spans = ProtobufSpans.read(new ByteArrayInputStream(body));
        intake.take(caller, spans, (host, port) -> host.equals("proxy.acme.example"));
        return spans;
    }

    /** Lets time pass, and counts what has waited long enough. */
    void pass(Duration some) {
        time.advance(some);
        intake.sweep(false);
    }

    /** What circuits heard, in order of names. */
    List<String> heard() {
        List<String> heard = new ArrayList<>(outcomes);
        heard.sort(null);
        return heard;
    }

    /** The rows of the log in words, in order. */
    List<String> logged() {
        return rows.stream()
                .map(row -> row.agentId() + " " + row.actionType().wireName() + " " + row.actionName() + " "
                        + row.status().wireName()
                        + (row.errorKind() == null ? "" : " " + row.errorKind())
                        + (row.tokenCount() == null ? "" : " " + row.tokenCount())
                        + (row.guarded() ? " guarded" : ""))
                .sorted()
                .toList();
    }

    double count(String result) {
        return meters.get("interlock.traces.spans")
                .tag("result", result)
                .counter()
                .count();
    }

    @Override
    public void close() {
        health.close();
        circuits.close();
    }
}
