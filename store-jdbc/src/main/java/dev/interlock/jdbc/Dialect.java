package dev.interlock.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What differs between databases; the statements themselves do not. */
interface Dialect {
    /** The folder of this dialect's migrations on the class path. */
    String migrations();

    /** The statement with which a connection begins that migrates, which may take long; null for none. It serves nobody else then. */
    @Nullable
    String whileMigrating();

    /** A pool for one use: the only writer of an SQLite file, or its readers. PostgreSQL has one pool for both. */
    HikariConfig pool(DatabaseSettings settings, boolean writing);

    /** Whether writers and readers share a pool. */
    boolean sharesPool();

    /** How many reads are made at the same time; further ones wait. */
    int readers();

    /** An instant as this database keeps it; at most microseconds survive. */
    @Nullable
    Object time(@Nullable Instant instant);

    /** What {@link #time(Instant)} gives. */
    Class<?> timeType();

    /** The instant in a column, or null. */
    @Nullable
    Instant time(ResultSet row, String column) throws SQLException;

    /** Whether a statement failed because of what it was given, so that trying again is of no use. */
    boolean isRefusal(SQLException failed);

    /** Whether a statement failed because the disk is full. */
    boolean isDiskFull(SQLException failed);

    /** Notifies others, once the transaction is committed, which circuits were written. */
    void notifyOthers(Handle handle, Collection<Notice> notices);

    /** Notifies others, once the transaction is committed, which gates were written. */
    void notifyOfGates(Handle handle, Collection<Notice> notices);
}
