package dev.interlock.jdbc;

class PostgresWebhookEventsTest extends WebhookEventsContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
