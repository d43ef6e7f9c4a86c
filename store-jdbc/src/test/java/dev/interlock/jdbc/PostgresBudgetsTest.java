package dev.interlock.jdbc;

class PostgresBudgetsTest extends BudgetsContract {
    private final DatabaseSettings settings = Postgres.migrated();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
