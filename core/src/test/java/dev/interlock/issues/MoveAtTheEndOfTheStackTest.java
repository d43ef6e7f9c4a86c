package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Guard;
import dev.interlock.StateTransition;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Agents that call each other without end open their circuits where there is no stack left for what follows: most were
 * in no list of what is not closed, nobody was informed, and the store knew nothing, until the next move.
 */
@Tag("heavy")
class MoveAtTheEndOfTheStackTest {
    private static final int ROUNDS = 60;

    @Test
    void onTheDefaultStack() throws InterruptedException {
        check(0);
    }

    @Test
    void onASmallStack() throws InterruptedException {
        check(256 * 1024);
    }

    private static void check(long stack) throws InterruptedException {
        List<StateTransition> heard = new CopyOnWriteArrayList<>();
        InMemoryCircuitStore store = new InMemoryCircuitStore();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().failureThreshold(1).build())
                .store(store)
                .listener(heard::add)
                .build()) {
            Thread thread = new Thread(
                    null,
                    () -> {
                        for (int round = 0; round < ROUNDS; round++) {
                            Guard ping = circuits.guard("ping-" + round);
                            Guard pong = circuits.guard("pong-" + round);
                            try {
                                recurse(ping, pong, 0);
                            } catch (StackOverflowError asExpected) {
                                // The rest is checked below.
                            }
                        }
                    },
                    "deep",
                    stack);
            thread.setUncaughtExceptionHandler((where, thrown) -> {}); // what was cut short is reported there
            thread.start();
            thread.join();

            Set<String> open = circuits.snapshots()
                    .filter(snapshot -> snapshot.state() == CircuitState.OPEN)
                    .map(snapshot -> snapshot.id().name())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(open).isNotEmpty();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(circuits.snapshotsNotClosed()
                                .map(CircuitSnapshot::id)
                                .map(CircuitId::name))
                        .as("listed")
                        .containsAll(open);
                assertThat(heard)
                        .as("reported")
                        .extracting(transition -> transition.id().name())
                        .containsAll(open);
            });
            assertThat(circuits.flush(Duration.ofSeconds(10))).isTrue();
            for (String name : open) {
                CircuitRecord record = store.find("default", name);
                assertThat(record).as("stored: " + name).isNotNull();
                assertThat(record.state()).isEqualTo("open");
            }
        }
    }

    private static int recurse(Guard one, Guard other, int depth) {
        return one.call(() -> recurse(other, one, depth + 1)) + 1;
    }
}
