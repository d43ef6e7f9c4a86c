package dev.interlock.jdbc;

class PostgresWebhooksTest extends WebhooksContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
