package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.checks.Rounds;
import dev.interlock.store.CircuitRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL goes away under load and comes back. */
@Tag("heavy")
class OutageTest {
    private static final Duration AWAY = Duration.ofMillis(Rounds.of(10_000, 2_000));
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CIRCUITS = 300;

    @TempDir
    Path folder;

    private final LongAdder calls = new LongAdder();
    private final AtomicBoolean done = new AtomicBoolean();

    @Test
    void callsGoOnAndTheNewestStateOfEveryCircuitArrives() throws IOException, InterruptedException {
        Postgres.Restartable server = Postgres.restartable(folder.resolve("data"));
        try (Database database = Database.open(server.settings());
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .build()) {
            List<Thread> load = List.of(load(circuits, 0), load(circuits, 1));
            long before = callsWithin(AWAY);

            server.stop();
            CircuitId held = CircuitId.of("held");
            circuits.override(held, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
            CompletableFuture<Boolean> durable = circuits.stored(held).toCompletableFuture();
            long during = callsWithin(AWAY);
            await().until(() -> !circuits.isStoreAvailable());
            assertThat(circuits.storeBacklog()).isBetween(1, CIRCUITS + 1);
            assertThat(durable).as("an override that is on no disk").isNotDone();
            assertThat(circuits.getOrCreate(held).tryAcquire())
                    .as("a call against the order")
                    .isNull();
            assertThat(database.isAvailable()).isFalse();
            // Nobody waits for the database: a call that did would take seconds, not microseconds.
            assertThat(during).isGreaterThan(before / 10);

            server.start();
            assertThat(durable).succeedsWithin(SOON);
            done.set(true);
            for (Thread thread : load) {
                thread.join();
            }
            await().atMost(SOON).until(() -> circuits.flush(SOON));
            assertThat(circuits.isStoreAvailable()).isTrue();
            assertThat(circuits.storeBacklog()).isZero();
            everyCircuitIsStoredAsItIs(circuits, database);
            assertThat(database.transitions().of("default", Transitions.Filter.of("held"), Transitions.NEWEST, 10))
                    .singleElement()
                    .satisfies(line -> assertThat(line.transition().actor()).isEqualTo("anna"));
        } finally {
            done.set(true);
            server.stop();
        }
    }

    private static void everyCircuitIsStoredAsItIs(CircuitBreakerManager circuits, Database database) {
        List<String> wrong = new ArrayList<>();
        circuits.snapshots().filter(circuit -> circuit.since() != null).forEach(circuit -> {
            CircuitRecord record = Objects.requireNonNull(
                    database.circuits().find("default", circuit.id().name()));
            if (record.epoch() != circuit.epoch() || !isSame(circuit, record)) {
                wrong.add(circuit + " is stored as " + record);
            }
        });
        assertThat(wrong).isEmpty();
    }

    private static boolean isSame(CircuitSnapshot circuit, CircuitRecord record) {
        return record.state().equals(circuit.state().name().toLowerCase(java.util.Locale.ROOT))
                && record.held() == (circuit.hold() != null)
                && (record.openedAt() == null) == (circuit.state() == CircuitState.CLOSED);
    }

    private long callsWithin(Duration time) {
        long before = calls.sum();
        // The outage itself has a length; nothing is judged by how long anything took.
        await().pollDelay(time).atMost(time.plusSeconds(30)).until(() -> true);
        return calls.sum() - before;
    }

    private Thread load(CircuitBreakerManager circuits, int seed) {
        Thread thread = new Thread(() -> {
            Random random = new Random(seed);
            while (!done.get()) {
                CircuitId id = CircuitId.of("agent-" + random.nextInt(CIRCUITS));
                Permit permit = circuits.getOrCreate(id).tryAcquire();
                if (permit != null && random.nextInt(4) == 0) {
                    permit.fail(FailureKind.RATE_LIMITED);
                } else if (permit != null) {
                    permit.succeed();
                } else if (random.nextInt(1_000) == 0) {
                    circuits.override(id, ManualOverride.of(OverrideAction.CLOSE, "load"));
                }
                calls.increment();
            }
        });
        thread.start();
        return thread;
    }
}
