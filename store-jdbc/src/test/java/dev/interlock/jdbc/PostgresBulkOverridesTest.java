package dev.interlock.jdbc;

class PostgresBulkOverridesTest extends BulkOverridesContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
