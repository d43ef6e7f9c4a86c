package dev.interlock.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Properties;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** PostgreSQL: several servers, which notify each other of what they write. */
final class PostgresDialect implements Dialect {
    /** Where notices are sent. */
    static final String CHANNEL = "interlock_circuit";

    /** Where notices of gates are sent; a server of an earlier version does not listen there. */
    static final String GATE_CHANNEL = "interlock_gate";

    private static final int READERS = 8;

    /** The log, health, circuits and chores write while others read. */
    private static final int CONNECTIONS = READERS + 4;

    private static final long CONNECTION_MILLIS = 3_000;

    /** A process that hangs within a transaction keeps its rows, and its lines of the trail, from others no longer. */
    static final Duration LONGEST_IDLE = Duration.ofSeconds(30);

    /** The SQLSTATE {@code disk_full}. */
    private static final String DISK_FULL = "53100";

    private static final String SETTINGS = "SET idle_in_transaction_session_timeout = " + LONGEST_IDLE.toMillis();

    @Override
    public String migrations() {
        return "classpath:dev/interlock/jdbc/postgresql";
    }

    /** One connection waits with a lock, in a transaction, while another one migrates. */
    @Override
    public String whileMigrating() {
        return "SET idle_in_transaction_session_timeout = 0";
    }

    @Override
    public HikariConfig pool(DatabaseSettings settings, boolean writing) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(settings.url());
        properties(settings).forEach((name, value) -> pool.addDataSourceProperty((String) name, value));
        pool.setConnectionInitSql(SETTINGS);
        pool.setPoolName("interlock-database");
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMinimumIdle(1);
        pool.setConnectionTimeout(CONNECTION_MILLIS);
        pool.setValidationTimeout(1_000);
        return pool;
    }

    /** A server that hangs has to be noticed: no answer takes longer than these seconds. */
    static Properties properties(DatabaseSettings settings) {
        Properties properties = new Properties();
        if (settings.user() != null) {
            properties.setProperty("user", settings.user());
        }
        if (settings.password() != null) {
            properties.setProperty("password", settings.password());
        }
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("socketTimeout", "20");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "interlock");
        return properties;
    }

    @Override
    public boolean sharesPool() {
        return true;
    }

    @Override
    public int readers() {
        return READERS;
    }

    @Override
    public @Nullable Object time(@Nullable Instant instant) {
        return instant == null ? null : OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    @Override
    public Class<?> timeType() {
        return OffsetDateTime.class;
    }

    @Override
    public @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** Data exceptions and broken constraints. */
    @Override
    public boolean isRefusal(SQLException failed) {
        String state = failed.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    @Override
    public boolean isDiskFull(SQLException failed) {
        return DISK_FULL.equals(failed.getSQLState());
    }

    @Override
    public void notifyOthers(Handle handle, Collection<Notice> notices) {
        notify(handle, CHANNEL, notices);
    }

    @Override
    public void notifyOfGates(Handle handle, Collection<Notice> notices) {
        notify(handle, GATE_CHANNEL, notices);
    }

    private static void notify(Handle handle, String channel, Collection<Notice> notices) {
        if (notices.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch("SELECT pg_notify('" + channel + "', ?)");
        notices.forEach(notice -> batch.bind(0, notice.text()).add());
        batch.execute();
    }
}
