package dev.interlock.jdbc;

class PostgresBudgetsTest extends BudgetsContract {
    private final DatabaseSettings settings = Postgres.empty();

    @Override
    DatabaseSettings settings() {
        return settings;
    }
}
