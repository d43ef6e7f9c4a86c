package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.checks.Rounds;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.Transitions;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process under load is killed by signal 9 at each place between two steps that a crash could part (in short runs at some
 * of them, others each time). Whatever it has acknowledged is in the database afterwards, generations and epochs
 * rise over its lives, and a process that begins on what is left goes on.
 */
@Tag("heavy")
@Tag("thorough")
class KilledAtFailpointsTest {
    /** A server's tables have a test of their own, and what happens only while Redis is away is not reached here. */
    private static final Set<Failpoint> ELSEWHERE = EnumSet.of(
            Failpoint.INCIDENTS_WRITTEN,
            Failpoint.KEY_STORED,
            Failpoint.KEY_REMOVED,
            Failpoint.POLICY_STORED,
            Failpoint.POLICY_REMOVED,
            Failpoint.ALERT_SENT,
            Failpoint.OVERRIDE_OWED);

    @TempDir
    Path folder;

    private final Map<String, Long> epochs = new HashMap<>();
    private final Map<String, Set<String>> reasons = new HashMap<>();
    private final Set<String> gates = new HashSet<>();
    private long generation;

    @Test
    void what_was_acknowledged_outlives_it() throws IOException, InterruptedException {
        List<Failpoint> points = new ArrayList<>(EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE)));
        Collections.shuffle(points, new Random());
        DatabaseSettings settings = DatabaseSettings.sqlite(folder.resolve("interlock.db"));
        try (RedisServer redis = RedisServer.start()) {
            int lives = Rounds.of(points.size(), 4);
            for (Failpoint point : points) {
                if (lives-- <= 0 && !reasons.isEmpty()) { // where they die early, some more
                    break;
                }
                liveAndDie(point, redis);
                try (Database database = Database.open(settings)) {
                    everythingIsThere(point, database);
                    goesOn(point, database, redis);
                }
            }
        }
        assertThat(reasons).isNotEmpty();
    }

    private void liveAndDie(Failpoint point, RedisServer redis) throws IOException, InterruptedException {
        boolean atStart = point == Failpoint.GENERATION_GIVEN || point == Failpoint.REDIS_FOUND;
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dinterlock.failpoints=dev.interlock.checks.Faults",
                        "-Dinterlock.faults=" + point + ":" + (atStart ? 1 : 3),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        folder.resolve("interlock.db").toString(),
                        redis.url())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = victim.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
            }
        }
        assertThat(victim.waitFor()).as("killed at %s", point).isEqualTo(128 + 9);
    }

    private void hear(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "begun" -> {
                long next = Long.parseLong(words[1]);
                assertThat(next).as("generation").isGreaterThan(generation);
                generation = next;
            }
            case "override" -> {
                reasons.computeIfAbsent(words[1], name -> new HashSet<>()).add(words[2]);
                epochs.merge(words[1], Long.parseLong(words[3]), (before, epoch) -> {
                    assertThat(epoch).as("epoch of %s", words[1]).isGreaterThanOrEqualTo(before);
                    return epoch;
                });
            }
            default -> gates.add(words[1]);
        }
    }

    private void everythingIsThere(Failpoint point, Database database) {
        reasons.forEach((name, acknowledged) -> {
            Set<String> stored = new HashSet<>();
            database.transitions()
                    .of("default", Transitions.Filter.of(name), Transitions.NEWEST, 100_000)
                    .forEach(line -> stored.add(String.valueOf(line.transition().reason())));
            assertThat(stored).as("audit trail of %s after %s", name, point).containsAll(acknowledged);
            CircuitRecord record = database.circuits().find("default", name);
            assertThat(record).as("%s after %s", name, point).isNotNull();
            assertThat(record.epoch()).as("epoch of %s after %s", name, point).isGreaterThanOrEqualTo(epochs.get(name));
        });
        for (String id : gates) {
            GateRecord gate = database.circuits().gates().find("default", id);
            assertThat(gate).as("%s after %s", id, point).isNotNull();
        }
    }

    /**
     * A process that begins now has what all processes have: the newest that Redis took, which the database may lack if
     * it was not acknowledged.
     */
    private void goesOn(Failpoint point, Database database, RedisServer redis) {
        try (CircuitStore store = RedisCircuitStore.open(
                                RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(2)))
                        .inFrontOf(database.circuits());
                CircuitBreakerManager circuits =
                        CircuitBreakerManager.builder().store(store).build()) {
            assertThat(circuits.generation()).isGreaterThan(generation);
            generation = circuits.generation();
            for (String name : reasons.keySet()) {
                CircuitId id = CircuitId.of(name);
                Eventually.is(name + " is as the others have it, after " + point, () -> {
                    CircuitRecord record = store.find("default", name);
                    return record != null
                            && record.held() == (circuits.snapshot(id).hold() != null);
                });
            }
        }
    }
}
