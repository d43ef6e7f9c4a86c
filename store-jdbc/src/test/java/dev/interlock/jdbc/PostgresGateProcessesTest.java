package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateProcessesContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which processes use a PostgreSQL, and which of them obey a change of a gate. */
class PostgresGateProcessesTest extends GateProcessesContract {
    private static Database database;

    private GateProcesses processes;

    @BeforeAll
    static void start() {
        database = Database.open(Postgres.migrated());
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void empty() {
        database.connections()
                .write(handle -> handle.createScript("DELETE FROM gate_process; DELETE FROM gate_obeyed")
                        .execute());
        processes = Objects.requireNonNull(
                Objects.requireNonNull(database.circuits().gates()).processes());
    }

    @Override
    protected GateProcesses open() {
        return processes;
    }

    @Test
    void who_says_nothing_for_25_seconds_counts_no_more() {
        processes.report("one", Map.of());
        processes.report("two", Map.of());
        passed("gate_process", "seen_at", "one", Duration.ofMillis(25_100));
        passed("gate_process", "seen_at", "two", Duration.ofSeconds(15));

        assertThat(processes.obeying(gate("stop"))).isEqualTo(Map.of("two", Optional.empty()));
        assertThat(processes.every()).as("twice in that time").isEqualTo(Duration.ofSeconds(10));

        processes.report("one", Map.of());
        assertThat(processes.obeying(gate("stop"))).hasSize(2);
    }

    @Test
    void what_is_older_than_an_hour_goes_with_the_next_change_of_any_process() {
        processes.report("gone", obeyed(gate("long ago")));
        passed("gate_process", "seen_at", "gone", Duration.ofMinutes(61));
        passed("gate_obeyed", "at", "gone", Duration.ofMinutes(61));
        processes.report("lives", obeyed(gate("lately")));
        passed("gate_obeyed", "at", "lives", Duration.ofMinutes(59));
        processes.report("other", Map.of());
        assertThat(all("SELECT process FROM gate_process")).containsExactlyInAnyOrder("lives", "other");

        processes.report("other", Map.of(gate("stop"), new GateFollowers(3, 0, "")));
        assertThat(all("SELECT gate_change FROM gate_obeyed"))
                .containsExactlyInAnyOrder("put/stamp of lately", "put/stamp of stop");
    }

    private void passed(String table, String time, String process, Duration duration) {
        String update = "UPDATE " + table + " SET " + time + " = clock_timestamp() - :millis * interval '1 millisecond'"
                + " WHERE process = :process";
        int rows = database.connections()
                .write(handle -> handle.createUpdate(update)
                        .bind("millis", duration.toMillis())
                        .bind("process", process)
                        .execute());
        assertThat(rows).isEqualTo(1);
    }

    private List<String> all(String query) {
        return database.connections()
                .read(handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
