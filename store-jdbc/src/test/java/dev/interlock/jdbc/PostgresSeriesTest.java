package dev.interlock.jdbc;

class PostgresSeriesTest extends SeriesContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
