package dev.interlock.jdbc;

class PostgresIncidentsTest extends IncidentsContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
