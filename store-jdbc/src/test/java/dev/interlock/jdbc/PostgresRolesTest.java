package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The statements of {@code docs/operations/postgresql.md} make roles with which a server works. */
class PostgresRolesTest {
    private static final Path PAGE =
            Path.of(System.getProperty("interlock.root", ".."), "docs", "operations", "postgresql.md");
    private static final Pattern BLOCK = Pattern.compile("^```sql\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void the_owner_makes_the_tables_and_the_other_role_works_on_them() throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
        assertThat(blocks).hasSize(2);
        String admin = Postgres.empty().url();
        String suffix = "_" + ProcessHandle.current().pid();
        String database = "interlock" + suffix;
        String url = admin.replaceFirst("(//[^/]+/)[^?]*", "$1" + database);
        DatabaseSettings owner = as(url, database, "change me");
        DatabaseSettings app = as(url, "interlock_app" + suffix, "change me, too");
        try {
            run(admin, blocks.get(0), suffix);
            Database.open(owner).close();
            run(url, blocks.get(1), suffix);
            try (Database opened = Database.open(app);
                    CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                            .store(opened.circuits())
                            .build()) {
                CircuitId id = CircuitId.of("planner");
                circuits.override(id, ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
                assertThat(circuits.stored(id).toCompletableFuture().get(30, TimeUnit.SECONDS))
                        .isTrue();
                assertThat(opened.transitions()).isNotNull();
            }
            try (Database again = Database.open(owner);
                    CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                            .store(again.circuits())
                            .build()) {
                assertThat(circuits.snapshot(CircuitId.of("planner")).state()).isEqualTo(CircuitState.OPEN);
            }
            assertThatThrownBy(() -> {
                        try (Connection connection =
                                        DriverManager.getConnection(app.url(), app.user(), app.password());
                                Statement statement = connection.createStatement()) {
                            statement.execute("DROP TABLE api_key");
                        }
                    })
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("must be owner");
        } finally {
            run(
                    admin,
                    "DROP DATABASE IF EXISTS interlock WITH (FORCE); DROP ROLE IF EXISTS interlock_app;"
                            + " DROP ROLE IF EXISTS interlock",
                    suffix);
        }
    }

    private static DatabaseSettings as(String url, String user, String password) {
        return new DatabaseSettings(url.replaceFirst("\\?.*", ""), user, password);
    }

    /** Names of the page get a suffix: the tests of several modules use one server. */
    private static void run(String url, String statements, String suffix) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String each : statements.split(";")) {
                if (!each.isBlank()) {
                    statement.execute(each.replaceAll("\\binterlock(_app)?\\b", "interlock$1" + suffix));
                }
            }
        }
    }
}
