package dev.interlock.jdbc;

class PostgresDeletionTest extends DeletionContract {
    @Override
    DatabaseSettings empty() {
        return Postgres.migrated();
    }
}
