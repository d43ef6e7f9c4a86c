package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.checks.Rounds;
import dev.interlock.store.CircuitRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process is killed under load, again and again, on one database; each dialect's test extends this. */
@Tag("heavy")
@Tag("thorough")
abstract class KillContract {
    private static final int ROUNDS = Rounds.of(50, 3);

    /** The highest acknowledged epoch of each circuit, over all lives. */
    private final Map<String, Long> acknowledged = new HashMap<>();

    private final Map<String, Set<String>> orders = new HashMap<>();
    private final Random random = new Random(20_260_101);
    private long generation;

    /** An empty database. */
    abstract DatabaseSettings empty();

    /** Whether the database itself finds nothing wrong. */
    abstract void check(Database database);

    @Test
    void whatWasAcknowledgedOutlivesAKill() throws IOException, InterruptedException {
        DatabaseSettings settings = empty();
        for (int round = 0; round < ROUNDS; round++) {
            liveAndDie(settings);
            try (Database database = Database.open(settings)) {
                check(database);
                everyCircuitIsAtLeastAsNewAsAcknowledged(database);
                noAcknowledgedOverrideIsLost(database);
            }
        }
        assertThat(orders).as("orders were acknowledged at all").isNotEmpty();
        allOfItComesBack(settings);
    }

    private void liveAndDie(DatabaseSettings settings) throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        settings.url())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = victim.inputReader()) {
            int left = 1 + random.nextInt(400);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
                if (--left == 0) {
                    victim.toHandle().destroyForcibly(); // what it has said until it is dead is still read
                }
            }
        }
        assertThat(victim.waitFor())
                .as("exit of a process that was killed by signal 9")
                .isEqualTo(128 + 9);
    }

    private void hear(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "life" -> {
                long next = Long.parseLong(words[1]);
                assertThat(next).as("generation").isGreaterThan(generation);
                generation = next;
            }
            case "order" -> {
                raise(words[1], Long.parseLong(words[2]));
                orders.computeIfAbsent(words[1], name -> new HashSet<>()).add(words[3]);
            }
            default -> raise(words[1], Long.parseLong(words[2]));
        }
    }

    private void raise(String name, long epoch) {
        long before = acknowledged.getOrDefault(name, 0L);
        assertThat(epoch)
                .as("epoch of " + name + " after one of an earlier life or round")
                .isGreaterThanOrEqualTo(before);
        acknowledged.put(name, epoch);
    }

    private void everyCircuitIsAtLeastAsNewAsAcknowledged(Database database) {
        acknowledged.forEach((name, epoch) -> {
            CircuitRecord record = database.circuits().find("default", name);
            assertThat(record).as(name).isNotNull();
            assertThat(record.epoch()).as("stored epoch of " + name).isGreaterThanOrEqualTo(epoch);
        });
    }

    private void noAcknowledgedOverrideIsLost(Database database) {
        orders.forEach((name, reasons) -> {
            Set<String> stored = new HashSet<>();
            database.transitions()
                    .of("default", Transitions.Filter.of(name), Transitions.NEWEST, 100_000)
                    .forEach(line -> stored.add(String.valueOf(line.transition().reason())));
            assertThat(stored).as("audit trail of " + name).containsAll(reasons);
        });
    }

    private static void allOfItComesBack(DatabaseSettings settings) {
        try (Database database = Database.open(settings);
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .build()) {
            Map<CircuitId, CircuitRecord> records = new HashMap<>();
            database.circuits().readNotClosed(record -> records.put(CircuitId.of(record.name()), record));
            assertThat(records).isNotEmpty();
            assertThat(circuits.snapshotsNotClosed()).hasSize(records.size()).allSatisfy(circuit -> {
                CircuitRecord record = records.get(circuit.id());
                assertThat(circuit.hold() != null).isEqualTo(record.held());
                assertThat(circuit.state().name().equals("CLOSED"))
                        .isEqualTo(record.state().equals("closed"));
                assertThat(circuit.epoch()).isGreaterThan(record.epoch());
            });
        }
    }
}
