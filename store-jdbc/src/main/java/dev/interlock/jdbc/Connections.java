package dev.interlock.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.interlock.store.StoreUnavailableException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one database: whatever reads and writes is given them, and every failure of the database becomes
 * one of ours. Opening them brings the tables to the present version. Safe for use by any thread.
 */
final class Connections implements AutoCloseable {
    private static final int SLICE = 25;
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int PAUSES = 9;
    private static final String WRITTEN = "written";
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Dialect dialect;
    private final @Nullable SqliteFile file;
    private final HikariDataSource writerPool;
    private final HikariDataSource readerPool;
    private final Jdbi writer;
    private final Jdbi reader;

    /** Who writes to a file with one writer does so in the order of asking: a pool alone would let the busiest go first. */
    private final @Nullable ReentrantLock turn;

    private final WriteTrouble trouble = new WriteTrouble();
    private volatile long lastWrite = System.nanoTime() - LATELY_NANOS;

    private Connections(DatabaseSettings settings) {
        Drivers.require(settings);
        dialect = settings.isSqlite() ? new SqliteDialect() : new PostgresDialect();
        file = settings.isSqlite() ? SqliteFile.claim(settings.file()) : null;
        HikariDataSource writers = null;
        HikariDataSource readers = null;
        try {
            writers = new HikariDataSource(dialect.pool(settings, true));
            Migrations.run(writers, dialect, settings.safeUrl());
            if (dialect.whileMigrating() != null) {
                writers.getHikariPoolMXBean().softEvictConnections();
            }
            if (file != null) {
                file.opened(Jdbi.create(writers).inTransaction(SqliteFile::countOpening));
            }
            readers = dialect.sharesPool() ? writers : new HikariDataSource(dialect.pool(settings, false));
        } catch (RuntimeException failed) {
            if (file != null) {
                file.closing();
            }
            close(writers);
            close(file);
            throw unavailable("The database " + settings.safeUrl() + " cannot be opened", failed);
        }
        turn = dialect.sharesPool() ? null : new ReentrantLock(true);
        writerPool = writers;
        readerPool = readers;
        writer = Jdbi.create(writerPool);
        reader = Jdbi.create(readerPool);
    }

    /**
     * Opens them.
     *
     * @throws StoreUnavailableException if the database cannot be reached, or another process uses the SQLite file
     */
    static Connections open(DatabaseSettings settings) {
        return new Connections(settings);
    }

    @Override
    public void close() {
        if (file != null) {
            file.closing();
        }
        close(readerPool);
        close(writerPool);
        close(file);
    }

    Dialect dialect() {
        return dialect;
    }

    /** Whether the last write found no room on the disk. */
    boolean isDiskFull() {
        return trouble.isDiskFull();
    }

    <T> T read(Work<T> work) {
        return attempt(() -> reader.withHandle(work::run), "read");
    }

    /** Runs in one transaction. */
    <T> T write(Work<T> work) {
        lastWrite = System.nanoTime();
        return transact(work);
    }

    /**
     * Writes the first of some rows in one transaction: all of them while nobody else waits to write, else what has been
     * begun, so that nobody waits for more than {@value #SLICE} rows and their commit. While others wrote to a file lately,
     * a pause of {@value #PAUSES} times that length follows: of ten writers that come, nine find the file free.
     *
     * @param rows at least one
     * @param insert writes some of them
     * @return how many were written
     */
    <T> int writeBehindOthers(List<T> rows, BiConsumer<Handle, List<T>> insert) {
        long began = System.nanoTime();
        int count = transact(handle -> {
            int written = 0;
            do {
                int next = Math.min(written + SLICE, rows.size());
                insert.accept(handle, rows.subList(written, next));
                written = next;
            } while (written < rows.size() && !isAwaited());
            return written;
        });
        long now = System.nanoTime();
        if (turn != null && now - lastWrite < LATELY_NANOS) {
            pause(Math.min(PAUSES * (now - began), LONGEST_PAUSE_NANOS));
        }
        return count;
    }

    /** Sleeps and does not park: what brings rows wakes their writer, and a flood of them would end each pause at once. */
    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether somebody waits for the only writer of a file. */
    boolean isAwaited() {
        return turn != null && turn.hasQueuedThreads();
    }

    private <T> T transact(Work<T> work) {
        ReentrantLock mine = turn;
        if (mine == null) {
            return written(work);
        }
        awaitTurn(mine);
        try {
            return written(work);
        } finally {
            mine.unlock();
        }
    }

    private <T> T written(Work<T> work) {
        T result = attempt(() -> writer.inTransaction(work::run), WRITTEN);
        trouble.ends();
        return result;
    }

    private void awaitTurn(ReentrantLock lock) {
        try {
            if (!lock.tryLock(writerPool.getConnectionTimeout(), TimeUnit.MILLISECONDS)) {
                throw new StoreUnavailableException(
                        "The database could not be written: other writes take too long", null);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("The database could not be written: interrupted", interrupted);
        }
    }

    /** What is done with a connection. */
    interface Work<T> {
        T run(Handle handle) throws SQLException;
    }

    private interface Attempt<T> {
        T make() throws SQLException;
    }

    private <T> T attempt(Attempt<T> attempt, String what) {
        try {
            return attempt.make();
        } catch (SQLException | JdbiException failed) {
            SQLException cause = sqlException(failed);
            if (cause != null && dialect.isRefusal(cause)) {
                throw new IllegalArgumentException(
                        "The database refuses what it was given: " + cause.getMessage(), cause);
            }
            String reason = reason(failed);
            if (what.equals(WRITTEN)) {
                trouble.begins(reason, cause != null && dialect.isDiskFull(cause));
            }
            throw new StoreUnavailableException("The database could not be " + what + ": " + reason, failed);
        }
    }

    private static StoreUnavailableException unavailable(String message, RuntimeException failed) {
        if (failed instanceof FlywayException
                || failed instanceof HikariPool.PoolInitializationException
                || sqlException(failed) != null) {
            return new StoreUnavailableException(message + ": " + reason(failed), failed);
        }
        throw failed;
    }

    /** The deepest SQL exception's first line: above it is only talk. */
    private static String reason(Throwable failed) {
        SQLException cause = sqlException(failed);
        String message = (cause == null ? failed : cause).getMessage();
        return message == null
                ? failed.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    private static @Nullable SQLException sqlException(Throwable failed) {
        SQLException deepest = null;
        for (Throwable each = failed; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                deepest = sql;
            }
        }
        return deepest;
    }

    private static void close(@Nullable AutoCloseable opened) {
        if (opened != null) {
            try {
                opened.close();
            } catch (Exception notClosed) {
                throw new IllegalStateException("The database could not be closed", notClosed);
            }
        }
    }
}
