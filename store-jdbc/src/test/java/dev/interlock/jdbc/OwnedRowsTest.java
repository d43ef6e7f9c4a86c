package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.BreaksPromises;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database whose columns were changed to ignore case answers {@code acme} with what is {@code Acme}'s: that is seen,
 * counted and not shown.
 */
@BreaksPromises
class OwnedRowsTest {
    private static final Instant AT = Instant.parse("2027-01-31T12:00:00Z");

    @TempDir
    Path folder;

    private Database database;
    private long before;

    @BeforeEach
    void open() {
        database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
        before = BrokenPromises.count(Promise.ORGANIZATIONS);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void of_the_audit_trail_and_of_circuits() {
        ignoreCase("circuit_transition");
        ignoreCase("circuit_breaker_state");
        database.circuits().write(List.of(change("Acme")));

        assertThat(database.transitions().of("Acme", Transitions.Filter.ALL, Transitions.NEWEST, 10))
                .hasSize(1);
        assertThat(database.circuits().find("Acme", "planner")).isNotNull();
        assertThat(broken()).isZero();
        assertThat(database.transitions().of("acme", Transitions.Filter.ALL, Transitions.NEWEST, 10))
                .isEmpty();
        assertThat(database.circuits().find("acme", "planner")).isNull();
        assertThat(broken()).isEqualTo(2);
    }

    @Test
    void of_keys() {
        ignoreCase("api_key");
        database.keys()
                .add(new ApiKey("id", "Acme", "name", "viewer", null, null, new byte[] {1}, false, AT, null), "{}");

        assertThat(database.keys().of("Acme")).hasSize(1);
        assertThat(broken()).isZero();
        assertThat(database.keys().of("acme")).isEmpty();
        assertThat(broken()).isEqualTo(1);
    }

    @Test
    void of_changes_of_keys_and_policies() {
        ignoreCase("administration_change");
        database.policies().put("Acme", "*", "{}", new Author("ada", AT), shown -> shown);

        AdministrationChanges changes = database.administrationChanges();
        assertThat(changes.of("Acme", AdministrationChanges.Filter.ALL, AdministrationChanges.NEWEST, 10))
                .hasSize(1);
        assertThat(broken()).isZero();
        assertThat(changes.of("acme", AdministrationChanges.Filter.ALL, AdministrationChanges.NEWEST, 10))
                .isEmpty();
        assertThat(broken()).isEqualTo(1);
    }

    @Test
    void of_the_agent_log() {
        ignoreCase("agent_execution_logs");
        try (JdbcLogStore log = database.openLog(1 << 20)) {
            LogEntry entry =
                    LogEntry.builder("planner", ActionType.TOOL_CALL, AT).build();
            log.append(List.of(new LogRow("Acme", AT, entry)));
            assertThat(log.flush(Duration.ofSeconds(10))).isTrue();

            assertThat(log.find(query("Acme")).rows()).hasSize(1);
            assertThat(broken()).isZero();
            assertThat(log.find(query("acme")).rows()).isEmpty();
            assertThat(broken()).isEqualTo(1);
        }
    }

    private long broken() {
        return BrokenPromises.count(Promise.ORGANIZATIONS) - before;
    }

    private static LogQuery query(String organization) {
        return new LogQuery(organization, "planner", null, null, null, null, 10);
    }

    private void ignoreCase(String table) {
        database.connections().write(handle -> {
            String made = handle.createQuery("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
                    .bind("name", table)
                    .mapTo(String.class)
                    .one();
            String changed = made.replaceFirst("organization_id( +)text", "organization_id$1text COLLATE NOCASE");
            assertThat(changed).isNotEqualTo(made);
            handle.execute("DROP TABLE " + table);
            return handle.execute(changed);
        });
    }

    private static CircuitChange change(String organization) {
        CircuitRecord record = new CircuitRecord(
                organization,
                "planner",
                "open",
                7,
                5,
                0,
                5,
                1,
                0,
                AT,
                AT,
                AT,
                AT.plusSeconds(60),
                false,
                null,
                null,
                null,
                "default",
                1);
        TransitionRecord line = new TransitionRecord(
                organization,
                "planner",
                7,
                "closed",
                "open",
                AT,
                "failure_streak",
                null,
                false,
                "ERROR",
                60_000L,
                5,
                5,
                5,
                false,
                null,
                null,
                null,
                0);
        return new CircuitChange(record, CircuitChange.CLOSED_AND_CLEAN, List.of(line));
    }
}
