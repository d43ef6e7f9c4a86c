package dev.interlock.jdbc;

class PostgresWebhookEventsTest extends WebhookEventsContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
