package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** {@code -Dinterlock.data=/absolute/folder} with the recorded calls that are not part of the project. */
@EnabledIfSystemProperty(
        named = "interlock.data",
        matches = ".+",
        disabledReason = "SKIPPED: the recorded calls are missing; give their folder with -Dinterlock.data")
class RecordedCallsTest {
    private record Call(Instant start, Duration took, String agent, String target, boolean ok, String kind) {
        Instant end() {
            return start.plus(took);
        }
    }

    private List<Call> calls = List.of();

    @BeforeEach
    void read() throws IOException {
        Path file = Path.of(System.getProperty("interlock.data"), "agent-calls.csv");
        assertThat(file).as("the recorded calls").exists();
        List<Call> read = new ArrayList<>();
        for (String line : Files.readAllLines(file).subList(1, 4_557)) {
            String[] cells = line.split(",", -1);
            long millis = Math.round(Double.parseDouble(cells[0]) * 1_000);
            read.add(new Call(
                    Instant.ofEpochMilli(millis),
                    Duration.ofMillis(Long.parseLong(cells[3])),
                    cells[1],
                    cells[2],
                    Boolean.parseBoolean(cells[5]),
                    cells[6]));
        }
        read.sort(Comparator.comparing(Call::end));
        calls = read;
    }

    @Test
    void slowness_alone_opens_no_circuit() {
        List<StateTransition> moves = replay(HealthSettings.Opens.FAILING, false);

        assertThat(moves).isEmpty();
    }

    @Test
    void health_opens_only_agents_that_fail_by_their_own_policy() {
        List<StateTransition> byHealth = replay(HealthSettings.Opens.FAILING, true).stream()
                .filter(move -> move.cause() == TransitionCause.HEALTH)
                .toList();

        assertThat(byHealth).allSatisfy(move -> assertThat(move.reason()).contains("failing: "));
    }

    /** So that the first test shows something: agents are slow enough to be critical with some failures. */
    @Test
    void to_the_letter_of_the_specification_slowness_would_have_opened_circuits() {
        Set<String> failing = new HashSet<>();
        List<StateTransition> byHealth = replay(HealthSettings.Opens.CRITICAL, true).stream()
                .filter(move -> move.cause() == TransitionCause.HEALTH)
                .toList();
        byHealth.forEach(move -> failing.add(String.valueOf(move.reason())));

        assertThat(failing).anySatisfy(reason -> assertThat(reason).doesNotContain("failing: "));
    }

    private List<StateTransition> replay(HealthSettings.Opens opens, boolean withFailures) {
        ManualTimeSource time = new ManualTimeSource(calls.get(0).start());
        List<StateTransition> moves = new ArrayList<>();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .defaults(CircuitBreakerConfig.defaults())
                        .time(time)
                        .executor(Runnable::run)
                        .listener(moves::add)
                        .build();
                HealthMonitor monitor =
                        HealthMonitor.start(circuits, new HealthSettings(opens, 1_000), time, Runnable::run)) {
            LogProcessor processor = new LogProcessor(monitor, new AgentRegistry(), new InMemoryLogStore(1), time);
            List<Duration> slow = new ArrayList<>();
            monitor.addListener(new HealthListener() {
                @Override
                public void onTransition(HealthTransition transition) {}

                @Override
                public void onUpdate(HealthSnapshot snapshot) {
                    Duration p95 = snapshot.figures().p95();
                    if (p95 != null && p95.compareTo(Duration.ofSeconds(20)) > 0) {
                        slow.add(p95);
                    }
                }
            });
            for (Call call : calls) {
                Duration gap = Duration.between(time.wallTime(), call.end());
                if (!gap.isNegative()) {
                    time.advance(gap);
                }
                processor.take(new LogBatch(null, time.wallTime(), List.of(entry(call, withFailures))));
            }
            assertThat(slow).as("agents with a p95 above 20 s").isNotEmpty();
        }
        return moves;
    }

    private static LogEntry entry(Call call, boolean withFailures) {
        boolean tool = call.target().startsWith("tool:");
        LogEntry.Builder entry = LogEntry.builder(
                        call.agent(), tool ? ActionType.TOOL_CALL : ActionType.LLM_INFERENCE, call.start())
                .actionName(call.target())
                .latencyMs(call.took().toMillis());
        if (!call.ok() && withFailures) {
            entry.status(EntryStatus.FAILURE)
                    .errorKind(call.kind().isEmpty() ? null : FailureKind.valueOf(call.kind()));
        }
        return entry.build();
    }
}
