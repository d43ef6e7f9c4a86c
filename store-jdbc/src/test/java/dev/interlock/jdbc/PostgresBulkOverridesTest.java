package dev.interlock.jdbc;

class PostgresBulkOverridesTest extends BulkOverridesContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
