package dev.interlock.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** SQLite: a file, one writer, readers that it does not block. */
final class SqliteDialect implements Dialect {
    private static final int READERS = Math.max(4, Runtime.getRuntime().availableProcessors());
    private static final int BUSY_MILLIS = 5_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Set<SQLiteErrorCode> REFUSALS = Set.of(
            SQLiteErrorCode.SQLITE_CONSTRAINT,
            SQLiteErrorCode.SQLITE_CONSTRAINT_CHECK,
            SQLiteErrorCode.SQLITE_CONSTRAINT_NOTNULL,
            SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY,
            SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE,
            SQLiteErrorCode.SQLITE_MISMATCH,
            SQLiteErrorCode.SQLITE_TOOBIG);

    @Override
    public String migrations() {
        return "classpath:dev/interlock/jdbc/sqlite";
    }

    @Override
    public @Nullable String whileMigrating() {
        return null;
    }

    @Override
    public HikariConfig pool(DatabaseSettings settings, boolean writing) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        config.setTransactionMode(
                writing ? SQLiteConfig.TransactionMode.IMMEDIATE : SQLiteConfig.TransactionMode.DEFERRED);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(settings.url());
        HikariConfig pool = new HikariConfig();
        pool.setDataSource(source);
        pool.setPoolName(writing ? "interlock-writer" : "interlock-reader");
        pool.setMaximumPoolSize(writing ? 1 : READERS);
        pool.setMaxLifetime(0);
        return pool;
    }

    @Override
    public boolean sharesPool() {
        return false;
    }

    @Override
    public int readers() {
        return READERS;
    }

    @Override
    public @Nullable Object time(@Nullable Instant instant) {
        return instant == null ? null : TIME.format(instant);
    }

    @Override
    public Class<?> timeType() {
        return String.class;
    }

    @Override
    public @Nullable Instant time(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : Instant.parse(text);
    }

    @Override
    public boolean isRefusal(SQLException failed) {
        return failed instanceof SQLiteException sqlite && REFUSALS.contains(sqlite.getResultCode());
    }

    @Override
    public boolean isDiskFull(SQLException failed) {
        return failed instanceof SQLiteException sqlite && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_FULL;
    }

    /** Nobody else uses the file. */
    @Override
    public void notifyOthers(Handle handle, Collection<Notice> notices) {}

    @Override
    public void notifyOfGates(Handle handle, Collection<Notice> notices) {}
}
