package dev.interlock.jdbc;

class PostgresProbesTest extends ProbesContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
