package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.StoreUnavailableException;
import org.junit.jupiter.api.Test;

class PostgresDatabaseTest extends DatabaseContract {
    @Override
    DatabaseSettings empty() {
        return Postgres.empty();
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
