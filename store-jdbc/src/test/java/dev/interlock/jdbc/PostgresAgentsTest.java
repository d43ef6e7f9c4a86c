package dev.interlock.jdbc;

class PostgresAgentsTest extends AgentsContract {

    @Override
    DatabaseSettings empty() {
        return Postgres.migrated();
    }
}
