package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.AgentDeletion.Deleted;
import dev.interlock.jdbc.AgentDeletion.Obstacle;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is stored of an agent goes when its people want that, in whichever table it lies; each dialect's test extends this. */
abstract class DeletionContract {
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(3));
    private static final Instant QUIET_SINCE = NOW.minus(Duration.ofMinutes(70));
    private static final Author ADA = new Author("ada", NOW);
    private static final CircuitId PLANNER = new CircuitId("acme", "planner");
    private static final CircuitId OTHER = new CircuitId("acme", "planner-2");
    private static final CircuitId FOREIGN = new CircuitId("beta", "planner");

    private Database database;

    /** An empty database. */
    abstract DatabaseSettings empty();

    @BeforeEach
    void start() {
        database = Database.open(empty());
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void no_table_keeps_a_row_of_it_and_nobody_else_loses_one() {
        Set<String> tables = tablesOfAgents();
        assertThat(tables).contains("agent_registry", "agent_execution_logs", "agent_series", "incident_circuit");
        for (CircuitId each : List.of(PLANNER, OTHER, FOREIGN)) {
            tables.forEach(table -> insert(table, each, Map.of()));
        }
        assertThat(database.agentDeletion().obstacle(PLANNER, QUIET_SINCE)).isEqualTo(Obstacle.NONE);

        Deleted deleted = database.agentDeletion().delete(PLANNER, ADA);

        for (String table : tables) {
            assertThat(rows(table, PLANNER)).as(table).isZero();
            assertThat(rows(table, OTHER)).as(table).isEqualTo(1);
            assertThat(rows(table, FOREIGN)).as(table).isEqualTo(1);
        }
        assertThat(deleted).isEqualTo(new Deleted(1, 1, 1, 1, 4, 1));
        assertThat(database.administrationChanges()
                        .of("acme", AdministrationChanges.Filter.ALL, AdministrationChanges.NEWEST, 9))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.subject()).isEqualTo("agent");
                    assertThat(line.name()).isEqualTo("planner");
                    assertThat(line.actor()).isEqualTo("ada");
                    assertThat(line.before()).contains("\"log_entries\":1");
                });
        assertThat(database.administrationChanges().deletedAgents(NOW.minusSeconds(30)))
                .isEqualTo(Map.of(PLANNER, NOW));
        assertThat(database.administrationChanges().deletedAgents(NOW.plusSeconds(30)))
                .isEmpty();
        assertThat(database.agentDeletion().delete(PLANNER, ADA).isNothing()).isTrue();
    }

    @Test
    void a_long_log_and_all_that_its_series_may_have_go() {
        for (int i = 0; i < 1_203; i++) {
            insert("agent_execution_logs", PLANNER, Map.of());
        }
        long minute = NOW.getEpochSecond() / 60;
        for (Duration ago : List.of(Duration.ZERO, Duration.ofHours(27), Duration.ofDays(31))) {
            for (int length : new int[] {5, 60}) {
                if (length == 60 || ago.compareTo(Duration.ofDays(2)) < 0) {
                    long start = (minute - ago.toMinutes()) / length * length;
                    insert("agent_series", PLANNER, Map.of("minutes", length, "starts_at", start));
                }
            }
        }
        assertThat(database.agentDeletion().delete(PLANNER, ADA)).isEqualTo(new Deleted(1_203, 0, 0, 5, 0, 0));
    }

    @Test
    void an_incident_stays_without_the_name() {
        insert("incident", PLANNER, Map.of("root", "planner", "ended", LONG_AGO));
        insert("incident_circuit", PLANNER, Map.of());
        insert("incident_circuit", OTHER, Map.of());
        database.agentDeletion().delete(PLANNER, ADA);
        List<String> names = database.connections()
                .read(handle -> handle.createQuery(
                                "SELECT agent_id FROM incident_circuit UNION SELECT root FROM incident")
                        .mapTo(String.class)
                        .list());
        assertThat(names).hasSize(2).contains("planner-2").anyMatch(name -> name.startsWith("deleted-"));
    }

    @Test
    void what_is_not_closed_seen_lately_or_in_an_incident_is_in_the_way() {
        AgentDeletion deletion = database.agentDeletion();
        insert("circuit_breaker_state", PLANNER, Map.of("state", "open"));
        insert("circuit_breaker_state", OTHER, Map.of("hold", "closed"));
        insert("circuit_breaker_state", FOREIGN, Map.of());
        assertThat(deletion.obstacle(PLANNER, QUIET_SINCE)).isEqualTo(Obstacle.NOT_CLOSED);
        assertThat(deletion.obstacle(OTHER, QUIET_SINCE)).isEqualTo(Obstacle.NOT_CLOSED);
        assertThat(deletion.obstacle(FOREIGN, QUIET_SINCE)).isEqualTo(Obstacle.NONE);
        deletion.delete(PLANNER, ADA);
        assertThat(rows("circuit_breaker_state", PLANNER)).as("protection").isEqualTo(1);

        insert("agent_registry", FOREIGN, Map.of("last_seen", QUIET_SINCE.plusSeconds(1)));
        assertThat(deletion.obstacle(FOREIGN, QUIET_SINCE)).isEqualTo(Obstacle.SEEN_LATELY);
        assertThat(deletion.obstacle(FOREIGN, QUIET_SINCE.plusSeconds(2))).isEqualTo(Obstacle.NONE);

        insert("incident", FOREIGN, Map.of());
        insert("incident_circuit", FOREIGN, Map.of());
        assertThat(deletion.obstacle(FOREIGN, QUIET_SINCE.plusSeconds(2))).isEqualTo(Obstacle.IN_INCIDENT);
    }

    /** All tables with a column for an agent's name: also those that come after this test. */
    private Set<String> tablesOfAgents() {
        return database.connections().read(handle -> {
            Set<String> tables = new TreeSet<>();
            try (ResultSet columns = metaData(handle).getColumns(null, null, "%", "agent_id")) {
                while (columns.next()) {
                    tables.add(columns.getString("TABLE_NAME"));
                }
            }
            return tables;
        });
    }

    /** A row of which only what must be there is, by the type of its column. */
    private void insert(String table, CircuitId id, Map<String, Object> given) {
        Map<String, Object> values = new LinkedHashMap<>(Map.of(
                "organization_id",
                id.organization(),
                "agent_id",
                id.name(),
                "incident_id",
                "i1",
                "state",
                "closed",
                "minutes",
                60,
                "starts_at",
                LONG_AGO.getEpochSecond() / 3600 * 60,
                "metadata",
                "{}",
                "event",
                "of " + id.name(),
                "last_seen",
                LONG_AGO));
        values.putAll(given);
        database.connections().write(handle -> {
            List<String> names = new ArrayList<>();
            Map<String, Object> row = new LinkedHashMap<>();
            Map<String, Integer> types = new LinkedHashMap<>();
            try (ResultSet columns = metaData(handle).getColumns(null, null, table, "%")) {
                while (columns.next()) {
                    String name = columns.getString("COLUMN_NAME");
                    boolean isNeeded = "NO".equals(columns.getString("IS_NULLABLE"))
                            || name.equals("agent_id")
                            || given.containsKey(name);
                    if (isNeeded && !name.equals("id")) {
                        names.add(name);
                        int type = columns.getInt("DATA_TYPE");
                        boolean isTime = columns.getString("TYPE_NAME").startsWith("timestamp")
                                || Set.of("at", "began", "ended").contains(name)
                                || name.endsWith("_at") && type == Types.VARCHAR
                                || Set.of("first_seen", "last_seen", "last_opening", "timestamp")
                                        .contains(name);
                        types.put(name, type);
                        row.put(name, values.containsKey(name) ? values.get(name) : isTime ? LONG_AGO : filler(type));
                    }
                }
            }
            Update insert = handle.createUpdate("INSERT INTO " + table + " (" + String.join(", ", names) + ") VALUES ("
                    + names.stream().map(name -> ":" + name).collect(Collectors.joining(", ")) + ")");
            row.forEach((name, value) -> {
                if (value instanceof Instant time) {
                    insert.bindByType(
                            name,
                            database.connections().dialect().time(time),
                            database.connections().dialect().timeType());
                } else {
                    insert.bind(name, value);
                }
            });
            return insert.execute();
        });
    }

    private static Object filler(int type) {
        return switch (type) {
            case Types.INTEGER, Types.SMALLINT -> 1;
            case Types.BIGINT -> 1L;
            case Types.BOOLEAN, Types.BIT -> true;
            case Types.BLOB, Types.BINARY, Types.VARBINARY -> new byte[] {1};
            default -> "x";
        };
    }

    private static DatabaseMetaData metaData(Handle handle) {
        try {
            return handle.getConnection().getMetaData();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private int rows(String table, CircuitId id) {
        return database.connections()
                .read(handle -> handle.createQuery("SELECT count(*) FROM " + table
                                + " WHERE organization_id = :organization AND agent_id = :agent")
                        .bind("organization", id.organization())
                        .bind("agent", id.name())
                        .mapTo(Integer.class)
                        .one());
    }
}
