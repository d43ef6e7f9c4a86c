package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The file of an SQLite database while a process has it: nobody else uses it, only its owner may read it, and it is what
 * it was when it was left. To be claimed before SQLite opens the file, to be noted as opened after, and closed around the
 * closing of the connections.
 */
final class SqliteFile implements AutoCloseable {
    private static final Logger LOG = Logs.of(SqliteFile.class);

    private static final String OPEN = "open";
    private static final String CHECKING = "checking";
    private static final String CLOSING = "closing";
    private static final String CLOSED = "closed";

    /** What a server cannot do without, or would do wrong with; the log and the audit trail can be long. */
    private static final List<String> CHECKED =
            List.of("setting", "api_key", "policy", "circuit_breaker_state", "agent_registry", "flyway_schema_history");

    private static final String EMPTY_ONE = "begin with an empty one, move all of them away";

    private final Path file;
    private final FileLock lock;
    private final String state;
    private final long openings;

    private SqliteFile(Path file, FileLock lock, String note) {
        this.file = file;
        this.lock = lock;
        String[] words = note.split(" ", 2);
        this.state = words[0];
        this.openings = words.length < 2 || !words[1].matches("\\d{1,18}") ? 0 : Long.parseLong(words[1]);
    }

    /**
     * Takes a file, which is created if there is none.
     *
     * @throws StoreUnavailableException if another process has it, or it is damaged, empty or gone although there was one
     */
    static SqliteFile claim(Path file) {
        FileLock lock = FileLock.of(file);
        try {
            SqliteFile claimed = new SqliteFile(file, lock, lock.note());
            claimed.prepare();
            return claimed;
        } catch (IOException failed) {
            release(lock);
            throw new StoreUnavailableException("The database " + file + " cannot be opened: " + failed, failed);
        } catch (RuntimeException failed) {
            release(lock);
            throw failed;
        }
    }

    private static void release(FileLock lock) {
        try {
            lock.close();
        } catch (IOException ignored) {
            // it ends with the process
        }
    }

    private void prepare() throws IOException {
        for (String each : List.of("", "-wal", "-shm", "-journal", ".lock")) {
            String warning = OwnerOnly.tighten(Path.of(file + each));
            if (warning != null) {
                LOG.warn(warning);
            }
        }
        boolean isThere = Files.exists(file) && Files.size(file) > 0;
        if (!state.isEmpty() && !isThere) {
            throw damaged(
                    "it is empty or gone, but was a database when it was last used",
                    "begin with an empty one, move .lock away",
                    null);
        }
        String problem = WriteAheadLog.problem(Path.of(file + "-wal"), state.equals(OPEN));
        if (problem != null) {
            throw damaged(problem, "go on without what that held, move -wal, -shm and .lock away", null);
        }
        OwnerOnly.create(file);
        if (isThere) {
            if (!state.isEmpty()) {
                note(CHECKING + " " + openings); // which may end with the write-ahead log gone, as it should be
            }
            check();
        }
    }

    /** Alone with the file: that fails while anybody else has it open, also where the lock's file was removed. */
    private void check() {
        SQLiteConfig config = new SQLiteConfig();
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setBusyTimeout(0);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");
            for (String table : CHECKED) {
                String problem = problem(statement, table);
                if (problem != null) {
                    throw damaged("its table " + table + " is damaged: " + problem, EMPTY_ONE, null);
                }
            }
            statement.execute("ROLLBACK");
        } catch (SQLiteException failed) {
            if (failed.getResultCode() == SQLiteErrorCode.SQLITE_BUSY
                    || failed.getResultCode() == SQLiteErrorCode.SQLITE_LOCKED) {
                throw FileLock.inUse(file);
            }
            if ((failed.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code
                    || (failed.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_NOTADB.code) {
                throw damaged("it is damaged: " + failed.getMessage(), EMPTY_ONE, failed);
            }
            throw cannotBeOpened(failed);
        } catch (SQLException failed) {
            throw cannotBeOpened(failed);
        }
    }

    private static @Nullable String problem(Statement statement, String table) throws SQLException {
        try (ResultSet found =
                statement.executeQuery("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + table + "'")) {
            if (!found.next()) {
                return null;
            }
        }
        try (ResultSet result = statement.executeQuery("PRAGMA quick_check('" + table + "')")) {
            String first = result.next() ? result.getString(1) : "ok";
            return "ok".equals(first) ? null : String.valueOf(first).replaceAll("\\s+", " ");
        }
    }

    /**
     * Counts that the file is opened. It is a commit, so that from then on there is a write-ahead log whose absence would
     * be a loss.
     */
    static long countOpening(Handle handle) {
        return handle.createQuery("""
                        INSERT INTO setting (name, number) VALUES ('openings', 1)
                        ON CONFLICT (name) DO UPDATE SET number = setting.number + 1
                        RETURNING number
                        """).mapTo(Long.class).one();
    }

    /**
     * Notes that the file is open, after its tables are as they should be.
     *
     * @param count what {@link #countOpening} answered, once that is committed
     * @throws StoreUnavailableException if the file is an older copy of what it was
     */
    void opened(long count) {
        if (count <= openings) {
            throw damaged(
                    "it is older than what was last used here: this is its opening number " + count
                            + ", but there have been " + openings,
                    "go on with the older copy, move .lock away",
                    null);
        }
        note(OPEN + " " + count);
    }

    /** Notes that the connections are about to be closed, by which the write-ahead log goes. */
    void closing() {
        String noted = noted();
        if (noted.startsWith(OPEN)) {
            note(CLOSING + noted.substring(OPEN.length()));
        }
    }

    /** Notes that all connections were closed, and lets others have the file. */
    @Override
    public void close() throws IOException {
        String noted = noted();
        if (noted.startsWith(CLOSING)) {
            note(CLOSED + noted.substring(CLOSING.length()));
        }
        lock.close();
    }

    private String noted() {
        try {
            return lock.note();
        } catch (IOException unreadable) {
            return "";
        }
    }

    private void note(String text) {
        try {
            lock.note(text);
        } catch (IOException full) {
            LOG.warn("The file {}.lock could not be written: {}", file, full.toString());
        }
    }

    private StoreUnavailableException cannotBeOpened(SQLException failed) {
        return new StoreUnavailableException(
                "The database " + file + " cannot be opened: " + failed.getMessage(), failed);
    }

    private StoreUnavailableException damaged(String what, String otherwise, @Nullable Throwable cause) {
        return new StoreUnavailableException(
                "The database " + file + " is not used, since " + what
                        + ". Restore a backup with 'interlock restore', as docs/operations/backup.md says; or put it in the place of "
                        + file.getFileName()
                        + " and move the files of that name with -wal, -shm and .lock away. Or, to "
                        + otherwise,
                cause);
    }
}
