package dev.interlock.monitor;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An agent that is only seen through its log, on a hand-driven clock, and small verbs to play with it. */
final class Watch implements AutoCloseable {
    static final CircuitId AGENT = CircuitId.of("agent");

    final ManualTimeSource time = new ManualTimeSource();
    final List<StateTransition> moves = new ArrayList<>();
    final List<HealthTransition.Type> changes = new ArrayList<>();
    final List<HealthSnapshot> updates = new ArrayList<>();
    final CircuitBreakerManager circuits;
    final HealthMonitor monitor;
    final AgentRegistry agents = new AgentRegistry();
    final InMemoryLogStore store = new InMemoryLogStore();
    final LogProcessor processor;

    /** How far the sender's clock is ahead. */
    Duration skew = Duration.ZERO;

    Watch() {
        this(HealthSettings.Opens.FAILING);
    }

    Watch(HealthSettings.Opens opens) {
        this(opens, CircuitBreakerConfig.defaults());
    }

    Watch(HealthSettings.Opens opens, CircuitBreakerConfig policy) {
        circuits = CircuitBreakerManager.builder()
                .defaults(policy)
                .time(time)
                .randomness(() -> 0)
                .executor(Runnable::run)
                .listener(moves::add)
                .build();
        monitor = HealthMonitor.start(circuits, new HealthSettings(opens, 1_000), time, Runnable::run);
        monitor.addListener(new HealthListener() {
            @Override
            public void onTransition(HealthTransition transition) {
                changes.add(transition.type());
            }

            @Override
            public void onUpdate(HealthSnapshot snapshot) {
                updates.add(snapshot);
            }
        });
        processor = new LogProcessor(monitor, agents, store, time);
    }

    /** A call that has just ended. */
    LogEntry.Builder call(Duration latency) {
        Instant start = time.wallTime().plus(skew).minus(latency);
        return LogEntry.builder(AGENT.name(), ActionType.LLM_INFERENCE, start).latencyMs(latency.toMillis());
    }

    LogEntry failed() {
        return call(Duration.ofSeconds(1))
                .status(EntryStatus.FAILURE)
                .errorKind(FailureKind.TIMEOUT)
                .build();
    }

    Receipt send(LogEntry... entries) {
        return processor.take(new LogBatch(null, time.wallTime().plus(skew), List.of(entries)));
    }

    Watch succeed(int times) {
        return succeed(times, Duration.ofSeconds(1));
    }

    Watch succeed(int times, Duration latency) {
        for (int i = 0; i < times; i++) {
            send(call(latency).build());
        }
        return this;
    }

    Watch fail(int times) {
        for (int i = 0; i < times; i++) {
            send(failed());
        }
        return this;
    }

    Watch pass(long seconds) {
        time.advance(Duration.ofSeconds(seconds));
        return this;
    }

    boolean order(OverrideAction action) {
        return circuits.override(AGENT, ManualOverride.of(action, "ada"));
    }

    CircuitSnapshot circuit() {
        return circuits.snapshot(AGENT);
    }

    CircuitState state() {
        return circuit().state();
    }

    @Nullable
    HealthStatus status() {
        HealthSnapshot snapshot = monitor.judged(AGENT);
        return snapshot == null ? null : snapshot.status();
    }

    StateTransition lastMove() {
        return moves.get(moves.size() - 1);
    }

    @Override
    public void close() {
        monitor.close();
        circuits.close();
    }
}
