package dev.interlock.jdbc;

class PostgresIncidentsTest extends IncidentsContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
