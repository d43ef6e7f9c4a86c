package dev.interlock.jdbc;

class PostgresProbesTest extends ProbesContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
