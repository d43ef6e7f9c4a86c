package dev.interlock.jdbc;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Copies of an SQLite database: taken at any time, also while a server uses it, and put in its place again. Used by one
 * thread; blocks for as long as the disk takes.
 */
public final class SqliteBackup {
    /**
     * How far the generation of a restored database is raised: no server has been started so often since the backup, so no
     * epoch that was given out meanwhile comes again, also where the database of that time is lost. It fits 32,000 times.
     */
    public static final long GENERATIONS = 65_536;

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private SqliteBackup() {}

    /**
     * Writes a whole copy, as of the moment at which it begins. A server that runs is not held up; what it writes meanwhile
     * is not in the copy. The copy is readable by its owner alone, since it holds secrets.
     *
     * @param database the file of the database
     * @param copy a file that is not there yet
     * @throws IOException if the database is none, or the copy is there already or cannot be written
     */
    public static void backup(Path database, Path copy) throws IOException {
        if (!Files.isRegularFile(database)) {
            throw new IOException("There is no database " + database);
        }
        if (Files.exists(copy)) {
            throw new IOException("The file " + copy + " is there already; name another, so that no backup is lost");
        }
        OwnerOnly.create(copy);
        try (Connection connection = open(database, true);
                PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, copy.toAbsolutePath().toString());
            statement.execute();
        } catch (SQLException failed) {
            Files.deleteIfExists(copy);
            throw new IOException("The database " + database + " cannot be copied: " + failed.getMessage(), failed);
        }
        toDisk(copy);
    }

    /**
     * Puts a copy in the place of a database that no server uses. The old database is kept in the same folder, under
     * another name. The generation rises, so that no epoch comes twice.
     *
     * @param copy what {@link #backup} wrote, which is left as it is
     * @param database where it is to be
     * @return the files that were moved out of the way, under their new names
     * @throws IOException if the copy is damaged or no database of Interlock, or a file cannot be written
     * @throws StoreUnavailableException if a server uses the database
     */
    public static List<Path> restore(Path copy, Path database) throws IOException {
        Path fresh = Path.of(database + ".restoring");
        try (FileLock lock = FileLock.of(database)) {
            Files.deleteIfExists(fresh);
            OwnerOnly.create(fresh);
            Files.copy(copy, fresh, StandardCopyOption.REPLACE_EXISTING);
            OwnerOnly.tighten(fresh);
            long openings = prepare(fresh, generation(database), noted(lock.note()));
            toDisk(fresh);
            List<Path> moved = moveAway(database);
            Files.move(fresh, database, StandardCopyOption.ATOMIC_MOVE);
            lock.note("closed " + openings);
            return moved;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Checks a copy and raises its numbers; how often it was opened. */
    private static long prepare(Path fresh, long generationBefore, long openingsNoted) throws IOException {
        try (Connection connection = open(fresh, false);
                Statement statement = connection.createStatement()) {
            try (ResultSet check = statement.executeQuery("PRAGMA integrity_check(1)")) {
                String said = check.next() ? check.getString(1) : "nothing";
                if (!said.equals("ok")) {
                    throw new IOException("The backup is damaged: " + said);
                }
            }
            statement.execute("PRAGMA journal_mode = DELETE"); // all of it lies in the one file that is moved
            long generation = Math.max(number(statement, "generation") + GENERATIONS, generationBefore);
            long openings = Math.max(number(statement, "openings"), openingsNoted);
            statement.executeUpdate("UPDATE setting SET number = " + generation + " WHERE name = 'generation'");
            statement.executeUpdate("UPDATE setting SET number = " + openings + " WHERE name = 'openings'");
            return openings;
        } catch (SQLException none) {
            throw new IOException("The backup is no database of Interlock: " + none.getMessage(), none);
        }
    }

    private static long number(Statement statement, String setting) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT number FROM setting WHERE name = '" + setting + "'")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** Of the database that is there, if it can be read: it may be why there is a restore. */
    private static long generation(Path database) {
        if (!Files.isRegularFile(database)) {
            return 0;
        }
        try (Connection connection = open(database, true);
                Statement statement = connection.createStatement()) {
            return number(statement, "generation");
        } catch (SQLException damaged) {
            return 0;
        }
    }

    private static long noted(String note) {
        String[] words = note.split(" ", 2);
        return words.length == 2 && words[1].matches("\\d{1,18}") ? Long.parseLong(words[1]) : 0;
    }

    private static List<Path> moveAway(Path database) throws IOException {
        List<Path> moved = new ArrayList<>();
        String kept = database + ".before-" + STAMP.format(Instant.now());
        for (String part : List.of("", "-wal", "-shm")) {
            Path present = Path.of(database + part);
            if (Files.exists(present)) {
                moved.add(Files.move(present, Path.of(kept + part)));
            }
        }
        return moved;
    }

    /** A reader leaves the write-ahead log alone, also when it is the last that closes the file. */
    private static Connection open(Path database, boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(5_000);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        return config.createConnection("jdbc:sqlite:" + database);
    }

    private static void toDisk(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
