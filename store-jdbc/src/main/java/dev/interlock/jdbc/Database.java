package dev.interlock.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database with everything that outlives a server. Opening one brings its tables to the present version.
 *
 * <p>Safe for use by any thread. Everything blocks for as long as the database takes.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int PURGED_AT_ONCE = 5_000;

    /** With what the description of a migration begins whose tables earlier releases cannot use. */
    private static final String INCOMPATIBLE = "incompatible";

    private final Dialect dialect;
    private final @Nullable SqliteFile file;
    private final HikariDataSource writerPool;
    private final HikariDataSource readerPool;
    private final Jdbi writer;
    private final Jdbi reader;
    private final JdbcCircuitStore circuits;

    /** Who writes to a file with one writer does so in the order of asking: a pool alone would let the busiest go first. */
    private final @Nullable ReentrantLock turn;

    private Database(DatabaseSettings settings) {
        dialect = settings.isSqlite() ? new SqliteDialect() : new PostgresDialect();
        file = settings.isSqlite() ? SqliteFile.claim(settings.file()) : null;
        HikariDataSource writers = null;
        HikariDataSource readers = null;
        try {
            writers = new HikariDataSource(dialect.pool(settings, true));
            migrate(writers, settings.safeUrl());
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
        circuits = new JdbcCircuitStore(this, settings.isSqlite() ? null : new Listener(this, settings));
    }

    /**
     * Opens a database, and makes or migrates its tables.
     *
     * @param settings where it is
     * @return the database, to be closed when no longer needed
     * @throws StoreUnavailableException if it cannot be reached, or another process uses the SQLite file
     */
    public static Database open(DatabaseSettings settings) {
        return new Database(settings);
    }

    /**
     * The circuits and their audit trail, for {@code CircuitBreakerManager.builder().store(…)}.
     *
     * @return the store, which is closed with this database
     */
    public CircuitStore circuits() {
        return circuits;
    }

    /**
     * The audit trail, for reading.
     *
     * @return what happened to circuits
     */
    public Transitions transitions() {
        return new Transitions(this);
    }

    /**
     * The API keys.
     *
     * @return the keys' table
     */
    public ApiKeys keys() {
        return new ApiKeys(this);
    }

    /**
     * What all servers of an installation share.
     *
     * @return the settings' table
     */
    public Settings settings() {
        return new Settings(this);
    }

    /**
     * The settings of circuits by name pattern.
     *
     * @return the policies' table
     */
    public Policies policies() {
        return new Policies(this);
    }

    /**
     * The agents that are known.
     *
     * @return the agents' table
     */
    public Agents agents() {
        return new Agents(this);
    }

    /**
     * The agent log. Starts a thread that writes what is appended.
     *
     * @return a store, to be closed before this database
     */
    public JdbcLogStore openLog() {
        return openLog(Long.MAX_VALUE);
    }

    /**
     * The agent log, with a quota. Starts a thread that writes what is appended.
     *
     * @param charactersADay about how many characters of rows an organization may store a day, by UTC; rows beyond are
     *     not stored
     * @return a store, to be closed before this database
     */
    public JdbcLogStore openLog(long charactersADay) {
        return new JdbcLogStore(this, Instant::now, charactersADay);
    }

    /**
     * How agents were. Starts a thread that writes what is noted.
     *
     * @return the health's table, to be closed before this database
     */
    public HealthHistory openHealthHistory() {
        return new HealthHistory(this);
    }

    /**
     * Whether the database answers at this moment.
     *
     * @return false if it does not within some seconds
     */
    public boolean isAvailable() {
        try {
            return read(handle ->
                            handle.createQuery("SELECT 1").mapTo(Integer.class).one())
                    == 1;
        } catch (StoreUnavailableException away) {
            return false;
        }
    }

    /**
     * Forgets what is old: lines of the audit trail, circuits that have been plainly closed and agents without a name that
     * have not been seen for that long. Holds no lock for long, however much there is.
     *
     * @param before what is older than this goes
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purge(Instant before) {
        return purge("circuit_transition", "id", "at < ?", before)
                + purge(
                        "circuit_breaker_state",
                        "organization_id, agent_id",
                        "last_state_change_at < ? AND state = 'closed' AND hold IS NULL",
                        before)
                + purge(
                        "agent_registry",
                        "organization_id, agent_id",
                        "last_seen < ? AND display_name IS NULL AND metadata = '{}'",
                        before);
    }

    /**
     * Forgets entries of the agent log that came in, and lines of health that were noted, before a time. Holds no lock
     * for long, however much there is.
     *
     * @param before what is older than this goes
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purgeLog(Instant before) {
        return purge("agent_execution_logs", "id", "received_at < ?", before)
                + purge("agent_health_realtime", "id", "at < ?", before);
    }

    private int purge(String table, String key, String condition, Instant before) {
        int gone = 0;
        int some;
        do {
            some = write(handle -> handle.createUpdate("DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key
                            + " FROM " + table + " WHERE " + condition + " LIMIT " + PURGED_AT_ONCE + ")")
                    .bind(0, dialect.time(before))
                    .execute());
            gone += some;
        } while (some == PURGED_AT_ONCE);
        return gone;
    }

    /** Ends what listens, and gives connections and files back. */
    @Override
    public void close() {
        circuits.close();
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

    <T> T read(Work<T> work) {
        return attempt(() -> reader.withHandle(work::run), "read");
    }

    /** Runs in one transaction. */
    <T> T write(Work<T> work) {
        ReentrantLock mine = turn;
        if (mine == null) {
            return attempt(() -> writer.inTransaction(work::run), "written");
        }
        awaitTurn(mine);
        try {
            return attempt(() -> writer.inTransaction(work::run), "written");
        } finally {
            mine.unlock();
        }
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
            throw new StoreUnavailableException("The database could not be " + what + ": " + reason(failed), failed);
        }
    }

    private void migrate(HikariDataSource source, String place) {
        Flyway flyway = Flyway.configure(Database.class.getClassLoader())
                .dataSource(source)
                .locations(dialect.migrations())
                .load();
        for (MigrationInfo newer : flyway.info().all()) {
            if (newer.getState() == MigrationState.FUTURE_SUCCESS) {
                acceptNewer(newer, place);
            }
        }
        flyway.migrate();
    }

    /** A newer release's tables serve this one too, unless that release says otherwise in the migration's name. */
    private static void acceptNewer(MigrationInfo newer, String place) {
        if (newer.getDescription().startsWith(INCOMPATIBLE)) {
            throw new StoreUnavailableException(
                    "The database " + place + " was brought to version " + newer.getVersion()
                            + " by a newer release of Interlock (" + newer.getDescription()
                            + "), with which this one cannot work. Use that release, or restore a backup of before",
                    null);
        }
        LOG.warn(
                "The database {} was brought to version {} by a newer release of Interlock ({}); this one works with it,"
                        + " and makes no use of what is new",
                place,
                newer.getVersion(),
                newer.getDescription());
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
