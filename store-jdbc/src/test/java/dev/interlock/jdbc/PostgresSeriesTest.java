package dev.interlock.jdbc;

class PostgresSeriesTest extends SeriesContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
