package dev.interlock.jdbc;

class PostgresWebhooksTest extends WebhooksContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
