package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

class PostgresKillTest extends KillContract {
    @Override
    DatabaseSettings empty() {
        return Postgres.empty();
    }

    @Override
    void check(Database database) {
        assertThat(database.isAvailable()).isTrue();
    }
}
