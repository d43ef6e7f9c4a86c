package dev.interlock.jdbc;

class PostgresGatesTest extends GatesContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
