package dev.interlock.server;

import dev.interlock.jdbc.SqliteBackup;
import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Backups of the database in a server's data folder. Used by one thread; blocks for as long as the disk takes. */
public final class EmbeddedBackup {
    private static final String NAME = "interlock.db";

    private EmbeddedBackup() {}

    /**
     * Copies the database of a server, also while it runs, as of the moment at which this begins.
     *
     * @param dataFolder the server's {@code data-dir}
     * @param copy a file that is not there yet
     * @return what was copied
     * @throws IOException if there is no database, or the copy cannot be written; the message says why
     */
    public static Path write(Path dataFolder, Path copy) throws IOException {
        Path database = dataFolder.resolve(NAME);
        SqliteBackup.backup(database, copy);
        return database;
    }

    /**
     * Puts a backup in the place of the database of a server that does not run.
     *
     * @param copy what {@link #write} wrote
     * @param dataFolder the server's {@code data-dir}, which must be there
     * @return what was there before, under its new names
     * @throws IOException if the backup is none, a server runs, or a file cannot be written; the message says why
     */
    public static List<Path> restore(Path copy, Path dataFolder) throws IOException {
        if (!Files.isRegularFile(copy)) {
            throw new IOException("There is no backup " + copy);
        }
        if (!Files.isDirectory(dataFolder)) {
            throw new IOException(
                    "There is no folder " + dataFolder + "; make it with mode 0700, and name it with --data-dir");
        }
        try {
            return SqliteBackup.restore(copy, dataFolder.resolve(NAME));
        } catch (StoreUnavailableException inUse) {
            throw new IOException(inUse.getMessage(), inUse);
        }
    }
}
