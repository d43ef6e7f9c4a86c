package dev.interlock.jdbc;

class PostgresGatesTest extends GatesContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
