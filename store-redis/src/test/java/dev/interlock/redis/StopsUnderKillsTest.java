package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Gate;
import dev.interlock.GateChange;
import dev.interlock.GateConfirmation;
import dev.interlock.Hold;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.checks.Rounds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three processes ask for permits as fast as they can while somebody stops and resumes, and one of them is killed by signal 9
 * and another begins, before, during or after a stop. No process that confirmed gives a permit after the
 * acknowledgement, no process that begins gives one while the stop lasts, and after the resume every circuit is what it
 * was.
 */
@Tag("heavy")
@Tag("thorough")
class StopsUnderKillsTest {
    private static final int PROCESSES = 3;
    private static final int ASKED_MEANWHILE = 500;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String ORGANIZATION = "default";

    private final Random random = new Random();
    private final RedisServer redis = RedisServer.start();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .store(RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(2))))
            .defaults(CircuitBreakerConfig.builder().scope(Scope.SHARED).build())
            .build();
    private final List<AskingProcess> processes = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (AskingProcess process : processes) {
            process.close();
        }
        circuits.close();
        redis.close();
    }

    private enum When {
        BEFORE,
        DURING,
        AFTER
    }

    @Test
    void no_permit_comes_after_an_acknowledgement_and_nothing_differs_after_the_resume() throws IOException {
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(AskingProcess.start(redis.url()));
        }
        hold("agent-1", OverrideAction.HOLD_OPEN);
        hold("agent-2", OverrideAction.HOLD_CLOSED);
        int kills = Rounds.of(50, 1);
        for (int round = 0; round < kills; round++) {
            flow();
            List<Look> before = looks();
            When when = When.values()[random.nextInt(When.values().length)];
            if (when == When.BEFORE) {
                kill();
            }
            GateChange stop = circuits.gates()
                    .put(Gate.ofOrganization(ORGANIZATION, "ann").named("stop"));
            CompletionStage<GateConfirmation> asked = stop.confirmed(Duration.ofSeconds(1));
            if (when == When.DURING) {
                kill();
            }
            GateConfirmation acknowledged = asked.toCompletableFuture().join();
            assertThat(stop.fate()).succeedsWithin(LONG).isEqualTo(GateChange.Fate.STORED);
            stopped(acknowledged, when);
            AskingProcess joined = null;
            if (when == When.AFTER) {
                kill();
            }
            while (processes.size() < PROCESSES) {
                joined = AskingProcess.start(redis.url());
                processes.add(joined);
            }
            if (joined != null) {
                asksOn(joined);
                assertThat(joined.granted())
                        .as("permits of one that began meanwhile")
                        .isZero();
            }
            GateChange resumed = Objects.requireNonNull(circuits.gates().remove(ORGANIZATION, "stop", "bob", null));
            assertThat(resumed.fate()).succeedsWithin(LONG).isEqualTo(GateChange.Fate.STORED);
            flow();
            assertThat(looks()).as("after the resume").isEqualTo(before);
        }
    }

    /** A process that has confirmed gives no permit any more, however long it asks. */
    private void stopped(GateConfirmation acknowledged, When when) {
        List<AskingProcess> confirmed = processes.stream()
                .filter(process -> acknowledged.confirmed().contains(process.name))
                .toList();
        if (when == When.AFTER) {
            assertThat(confirmed)
                    .as("all live and none was killed: " + acknowledged)
                    .hasSize(PROCESSES);
        }
        confirmed.forEach(StopsUnderKillsTest::asksOn); // what it was about to count is counted
        long[] granted = confirmed.stream().mapToLong(AskingProcess::granted).toArray();
        confirmed.forEach(StopsUnderKillsTest::asksOn);
        assertThat(confirmed.stream().mapToLong(AskingProcess::granted).toArray())
                .as("permits after the acknowledgement, killed " + when)
                .isEqualTo(granted);
    }

    private void kill() throws IOException {
        AskingProcess victim = processes.remove(random.nextInt(processes.size()));
        victim.close();
    }

    private static void asksOn(AskingProcess process) {
        long before = process.asked();
        await().atMost(LONG).until(() -> process.asked() >= before + ASKED_MEANWHILE);
    }

    /** Each process gives permits. */
    private void flow() {
        for (AskingProcess process : processes) {
            long before = process.granted();
            await().atMost(LONG).until(() -> process.granted() > before + 10);
        }
    }

    private void hold(String name, OverrideAction action) {
        circuits.override(CircuitId.of(name), ManualOverride.of(action, "ada"));
        assertThat(circuits.stored(CircuitId.of(name))).succeedsWithin(LONG).isEqualTo(true);
    }

    /** What a circuit is, but for what calls that succeed change. */
    private record Look(String name, String state, Hold hold, long epoch) {}

    private List<Look> looks() {
        return IntStream.range(0, AskingProcess.CIRCUITS)
                .mapToObj(i -> circuits.snapshot(CircuitId.of("agent-" + i)))
                .map(circuit -> new Look(circuit.id().name(), circuit.state().name(), circuit.hold(), circuit.epoch()))
                .toList();
    }
}
