package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.interlock.store.StoreUnavailableException;
import java.lang.reflect.Proxy;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class PostgresDatabaseTest extends DatabaseContract {
    @Override
    DatabaseSettings empty() {
        return Postgres.empty();
    }

    @Test
    void aMigrationMayTakeLongerThanAConnectionMayIdleInATransaction() {
        DatabaseSettings settings = empty();
        Dialect real = new PostgresDialect();
        Dialect slow = (Dialect) Proxy.newProxyInstance(
                Dialect.class.getClassLoader(),
                new Class<?>[] {Dialect.class},
                (self, method, arguments) -> method.getName().equals("migrations")
                        ? "classpath:dev/interlock/jdbc/slow"
                        : method.invoke(real, arguments));
        HikariConfig pool = real.pool(settings, true);
        pool.setConnectionInitSql("SET idle_in_transaction_session_timeout = 200");
        try (HikariDataSource source = new HikariDataSource(pool)) {
            Migrations.run(source, slow, settings.safeUrl());
            String waited = Jdbi.create(source)
                    .withHandle(handle -> handle.createQuery("SELECT waited FROM slow")
                            .mapTo(String.class)
                            .one());
            assertThat(waited).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsSaidSoWithoutCredentials() {
        DatabaseSettings nobody =
                new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/fleet?password=hunter2", "anna", "hunter3");

        assertThatThrownBy(() -> Database.open(nobody))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/fleet cannot be opened")
                .hasMessageNotContainingAny("hunter2", "hunter3");
    }
}
