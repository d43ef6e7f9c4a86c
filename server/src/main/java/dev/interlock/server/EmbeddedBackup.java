package dev.interlock.server;

import dev.interlock.jdbc.SqliteBackup;
import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
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
        if (!Files.isRegularFile(database)) {
            throw new IOException("There is no database " + database + "; name the server's folder with --data-dir");
        }
        Path folder = copy.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IOException("The backup " + copy + " cannot be written: there is no folder " + folder
                    + ". Make it, or name another file");
        }
        try {
            SqliteBackup.backup(database, copy);
        } catch (FileSystemException failed) {
            throw new IOException(
                    "The backup " + copy + " cannot be written: " + why(failed) + ". Is the folder " + folder
                            + " yours, and is there room on its disk?",
                    failed);
        }
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
        } catch (StoreUnavailableException unusable) {
            throw new IOException(
                    unusable.getCause() == null
                            ? "A server uses the database " + dataFolder.resolve(NAME)
                                    + ", or another program that has it open: stop it, then restore again"
                            : unusable.getMessage(),
                    unusable);
        } catch (FileSystemException failed) {
            throw new IOException(
                    "The backup " + copy + " cannot be put into " + dataFolder + ": " + why(failed) + " ("
                            + failed.getFile() + "). Nothing was changed",
                    failed);
        }
    }

    /** The message of such a failure is its path alone. */
    private static String why(FileSystemException failed) {
        if (failed instanceof AccessDeniedException) {
            return "this user may not";
        }
        return failed.getReason() == null ? failed.getClass().getSimpleName() : failed.getReason();
    }
}
